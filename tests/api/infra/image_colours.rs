//! Sizes and placeholders are in sRGB, whatever the colour space of the image.

use jpeg_encoder::ColorType as JpegColour;
use png::{BitDepth, ColorType};
use wares::infra::image::Kind;

use crate::harness::colour::{cmyk, display_p3, grey, packed, segment};
use crate::harness::sample_image::{
    clean, contains, decoded, placeholder, png_of, sizes, with_chunk, with_segment,
};

const SIDE: u16 = 200;

/// Returns a JPEG of one colour.
fn flat_jpeg(pixel: &[u8], colour: JpegColour) -> Vec<u8> {
    let mut file = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut file, 95);
    let pixels = pixel.repeat(usize::from(SIDE) * usize::from(SIDE));
    encoder.encode(&pixels, SIDE, SIDE, colour).unwrap();
    file
}

/// Returns a PNG of one colour.
fn flat_png(pixel: &[u8], colour: ColorType) -> Vec<u8> {
    let pixels = pixel.repeat(usize::from(SIDE) * usize::from(SIDE));
    png_of(SIDE.into(), SIDE.into(), colour, BitDepth::Eight, &pixels)
}

/// Returns the first pixel of the sizes of an image, which must be nearly the same in all formats.
fn shown(file: &[u8]) -> [u8; 3] {
    let (file, header) = clean(file);
    assert!(placeholder(&file, header).unwrap().len() < 1000);
    let mut all = sizes(&file, header).into_iter().map(|made| {
        assert!(
            !contains(&made.bytes, b"acsp"),
            "{:?} has a profile",
            made.kind
        );
        *decoded(&made.bytes, made.kind).first_chunk::<3>().unwrap()
    });
    let first = all.next().unwrap();
    for other in all {
        assert_near(other, first, 5);
    }
    first
}

fn assert_near(colour: [u8; 3], expected: [u8; 3], most: u8) {
    let near = colour
        .iter()
        .zip(expected)
        .all(|(one, other)| one.abs_diff(other) <= most);
    assert!(near, "{colour:?} is not {expected:?}");
}

#[test]
fn sizes_of_a_wide_gamut_are_converted_to_srgb() {
    let (plain, profile) = ([120, 200, 90], display_p3());
    // More saturated than the same numbers in sRGB.
    let expected = [89, 203, 71];
    let jpeg = flat_jpeg(&plain, JpegColour::Rgb);
    assert_near(shown(&jpeg), plain, 5);
    assert_near(
        shown(&with_segment(&jpeg, 0xE2, &segment(&profile, 1, 1))),
        expected,
        6,
    );
    let png = flat_png(&plain, ColorType::Rgb);
    assert_near(
        shown(&with_chunk(&png, *b"iCCP", &packed(&profile))),
        expected,
        6,
    );
    let veiled = flat_png(&[120, 200, 90, 255], ColorType::Rgba);
    assert_near(
        shown(&with_chunk(&veiled, *b"iCCP", &packed(&profile))),
        expected,
        6,
    );
}

#[test]
fn sizes_follow_the_colour_chunks_of_a_png() {
    let plain = [120, 200, 90];
    let png = flat_png(&plain, ColorType::Rgb);
    // Display P3 as code points, which take precedence over other chunks.
    let points = with_chunk(&png, *b"gAMA", &100_000_u32.to_be_bytes());
    let points = with_chunk(&points, *b"cICP", &[12, 13, 0, 1]);
    assert_near(shown(&points), [89, 203, 71], 6);
    // The usual gamma means sRGB; linear light is much brighter.
    let usual = with_chunk(&png, *b"gAMA", &45_455_u32.to_be_bytes());
    assert_near(shown(&usual), plain, 4);
    let light = with_chunk(&png, *b"gAMA", &100_000_u32.to_be_bytes());
    assert_near(shown(&light), [181, 229, 161], 6);
    // Ignored if the image declares sRGB.
    let srgb = with_chunk(&light, *b"sRGB", &[0]);
    assert_near(shown(&srgb), plain, 4);
}

#[test]
fn sizes_of_grey_follow_its_profile() {
    let profile = grey(1.0);
    let jpeg = flat_jpeg(&[128], JpegColour::Luma);
    assert_near(shown(&jpeg), [128; 3], 3);
    let jpeg = with_segment(&jpeg, 0xE2, &segment(&profile, 1, 1));
    assert_near(shown(&jpeg), [188; 3], 4);
    let png = flat_png(&[128, 255], ColorType::GrayscaleAlpha);
    assert_near(
        shown(&with_chunk(&png, *b"iCCP", &packed(&profile))),
        [188; 3],
        4,
    );
    // A profile for grey does not apply to colours.
    let png = flat_png(&[120, 200, 90], ColorType::Rgb);
    assert_near(
        shown(&with_chunk(&png, *b"iCCP", &packed(&profile))),
        [120, 200, 90],
        4,
    );
}

#[test]
fn sizes_of_cmyk_follow_the_profile() {
    for colour in [JpegColour::Cmyk, JpegColour::CmykAsYcck] {
        let cyan = flat_jpeg(&[255, 0, 0, 0], colour);
        let paper = flat_jpeg(&[0, 0, 0, 0], colour);
        // As browsers display CMYK without a profile.
        assert_near(shown(&cyan), [0, 255, 255], 6);
        assert_near(shown(&paper), [255, 255, 255], 6);
        let profile = segment(&cmyk(), 1, 1);
        let [red, green, blue] = shown(&with_segment(&cyan, 0xE2, &profile));
        assert!(red > 180 && green < 80 && blue < 80, "{red} {green} {blue}");
        let paper = shown(&with_segment(&paper, 0xE2, &profile));
        assert_near(paper, [255, 255, 255], 6);
    }
}

#[test]
fn damaged_profile_is_ignored() {
    let (plain, good) = ([120, 200, 90], display_p3());
    let jpeg = flat_jpeg(&plain, JpegColour::Rgb);
    let mut broken = good.clone();
    // The offsets of all tags.
    for entry in broken[132..].chunks_exact_mut(12).take(9) {
        entry[4..12].copy_from_slice(&[0, 0, 1, 0, 0xFF, 0xFF, 0xFF, 0xFF]);
    }
    for profile in [b"no profile".as_slice(), &good[..300], &broken, &cmyk()] {
        let file = with_segment(&jpeg, 0xE2, &segment(profile, 1, 1));
        assert_near(shown(&file), plain, 5);
    }
    // The first part is missing.
    let file = with_segment(&jpeg, 0xE2, &segment(&good, 2, 2));
    assert_near(shown(&file), plain, 5);
    let png = flat_png(&plain, ColorType::Rgb);
    for body in [b"ICC\0\0no zlib".to_vec(), b"ICC".to_vec(), packed(b"none")] {
        assert_near(shown(&with_chunk(&png, *b"iCCP", &body)), plain, 4);
    }
    let inks = flat_jpeg(&[255, 0, 0, 0], JpegColour::Cmyk);
    let file = with_segment(&inks, 0xE2, &segment(&good, 1, 1));
    assert_near(shown(&file), [0, 255, 255], 6);
}

#[test]
fn randomly_damaged_profile_is_never_refused() {
    use rand::{RngExt, SeedableRng};
    let mut random = rand::rngs::StdRng::seed_from_u64(9);
    let inks = flat_jpeg(&[200, 30, 90, 10], JpegColour::Cmyk);
    let colours = flat_jpeg(&[120, 200, 90], JpegColour::Rgb);
    let shades = flat_jpeg(&[120], JpegColour::Luma);
    let samples = [(inks, cmyk()), (colours, display_p3()), (shades, grey(2.2))];
    for round in 0..300 {
        let (jpeg, profile) = &samples[round % samples.len()];
        let mut profile = profile.clone();
        for _ in 0..random.random_range(1..6) {
            let at = random.random_range(0..profile.len());
            profile[at] = random.random();
        }
        let file = with_segment(jpeg, 0xE2, &segment(&profile, 1, 1));
        let (file, header) = clean(&file);
        placeholder(&file, header).unwrap();
        let made = sizes(&file, header);
        assert_eq!(made[0].kind, Kind::WebP);
    }
}
