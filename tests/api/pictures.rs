//! What is taken out of pictures, which are refused, and what is made of the others.

use std::io::Cursor;
use std::ops::ControlFlow;

use bytes::Bytes;
use image_webp::WebPDecoder;
use png::{BitDepth, ColorType};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use wares::picture::ladder::{self, Fit, Want};
use wares::picture::{
    Cleaner, Failure, Header, Kind, Limits, Made, Pool, examine, make_sizes, read_header,
};

use crate::harness::picture::{
    SECRET, cmyk_jpeg, exif, extended_webp, jpeg, jpeg_with, lossless_webp, pixels, png, png_of,
    webp, with_chunk, with_gps, with_orientation, with_segment,
};

const LIMITS: Limits = Limits { pixels: 25_000_000 };

/// What the cleaner makes of a file that comes in pieces.
fn clean_by(file: &[u8], piece: usize) -> Result<(Vec<u8>, Header), String> {
    let mut cleaner = Cleaner::new(LIMITS);
    let mut kept = Vec::new();
    for piece in file.chunks(piece) {
        let pieces = cleaner.push(Bytes::copy_from_slice(piece));
        kept.extend(pieces.map_err(|refusal| refusal.0.to_string())?.concat());
    }
    let header = cleaner.finish().map_err(|refusal| refusal.0.to_string())?;
    Ok((kept, header))
}

fn clean(file: &[u8]) -> (Vec<u8>, Header) {
    let whole = clean_by(file, file.len().max(1)).unwrap();
    for piece in [1, 2, 3, 7, 61] {
        assert_eq!(clean_by(file, piece).unwrap(), whole, "pieces of {piece}");
    }
    whole
}

fn refusal(file: &[u8]) -> String {
    let whole = clean_by(file, file.len().max(1)).unwrap_err();
    assert_eq!(clean_by(file, 1).unwrap_err(), whole);
    whole
}

fn contains(file: &[u8], what: &[u8]) -> bool {
    file.windows(what.len()).any(|window| window == what)
}

/// The pixels by the libraries' own decoders.
fn decoded(file: &[u8], kind: Kind) -> Vec<u8> {
    match kind {
        Kind::Jpeg => zune_jpeg::JpegDecoder::new(Cursor::new(file))
            .decode()
            .unwrap(),
        Kind::Png => {
            let mut decoder = png::Decoder::new(Cursor::new(file));
            decoder.set_transformations(png::Transformations::normalize_to_color8());
            let mut reader = decoder.read_info().unwrap();
            let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
            reader.next_frame(&mut pixels).unwrap();
            pixels
        }
        Kind::WebP => {
            let mut decoder = WebPDecoder::new(Cursor::new(file)).unwrap();
            let mut pixels = vec![0; decoder.output_buffer_size().unwrap()];
            decoder.read_image(&mut pixels).unwrap();
            pixels
        }
    }
}

/// Cleans a file that holds the secret, and shows that only the pixels are left.
fn assert_cleaned(file: &[u8], kind: Kind) -> (Vec<u8>, Header) {
    assert!(contains(file, SECRET), "the sample holds nothing to remove");
    let (kept, header) = clean(file);
    assert_eq!(header.kind, kind);
    assert!(!contains(&kept, SECRET));
    assert_eq!(decoded(&kept, kind), decoded(file, kind));
    let again = clean(&kept);
    assert_eq!(again.0, kept, "what is clean stays as it is");
    assert_eq!(again.1, header);
    (kept, header)
}

fn placeholder(file: &[u8], header: Header) -> Result<String, Failure> {
    examine(header, Cursor::new(file), LIMITS)
}

fn sizes(file: &[u8], header: Header) -> Vec<Made> {
    let mut all = Vec::new();
    make_sizes(header, Cursor::new(file), LIMITS, |made| {
        all.push(made);
        ControlFlow::Continue(())
    })
    .unwrap();
    all
}

#[test]
fn a_jpeg_keeps_its_pixels_and_loses_all_else() {
    let plain = jpeg(70, 50);
    let mut file = with_gps(&plain);
    for code in [0xFE, 0xE1, 0xE2, 0xE0, 0xED, 0xEF] {
        file = with_segment(&file, code, SECRET);
    }
    file.extend(b"<html>PK\x03\x04");
    file.extend(SECRET);
    let (kept, header) = assert_cleaned(&file, Kind::Jpeg);
    assert_eq!(kept, plain);
    assert_eq!((header.width, header.height), (70, 50));
}

#[test]
fn a_progressive_jpeg_and_one_with_restarts_and_one_of_four_inks_keep_their_pixels() {
    let progressive = jpeg_with(90, 60, |encoder| encoder.set_progressive(true));
    let restarting = jpeg_with(90, 60, |encoder| encoder.set_restart_interval(2));
    for plain in [progressive, restarting, cmyk_jpeg(90, 60)] {
        let (kept, header) = assert_cleaned(&with_gps(&plain), Kind::Jpeg);
        assert_eq!(kept, plain);
        placeholder(&kept, header).unwrap();
    }
}

#[test]
fn a_thumbnail_of_a_jpeg_is_left_out() {
    let plain = jpeg(40, 40);
    let body = [b"JFIF\0\x01\x01\0\0\x01\0\x01\x03\x03".as_slice(), SECRET].concat();
    let (kept, _) = assert_cleaned(&with_segment(&plain, 0xE0, &body), Kind::Jpeg);
    assert!(contains(&kept, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"));
}

#[test]
fn a_colour_profile_is_kept() {
    let profile = [b"ICC_PROFILE\0\x01\x01".as_slice(), &[7; 600]].concat();
    let (kept, _) = clean(&with_segment(&jpeg(20, 20), 0xE2, &profile));
    assert!(contains(&kept, &profile));
}

#[test]
fn a_picture_keeps_its_orientation_and_is_made_upright() {
    for orientation in 1..=8 {
        let plain = jpeg(400, 200);
        let (kept, header) = assert_cleaned(&with_orientation(&plain, orientation), Kind::Jpeg);
        assert_eq!(u16::from(header.orientation.number()), orientation);
        let turned = orientation >= 5;
        let shown = if turned { (200, 400) } else { (400, 200) };
        assert_eq!((header.width, header.height), shown);
        assert_eq!(contains(&kept, b"Exif\0\0"), orientation != 1);

        let made = sizes(&kept, header);
        let made = made.iter().find(|made| made.width == 160).unwrap();
        let height = header.height_of(160);
        assert_eq!(height, if turned { 320 } else { 80 });
        let pixels = decoded(&made.bytes, made.kind);
        assert_eq!(pixels.len(), 160 * height as usize * 3);
        // The red corner is stored in the upper left.
        let red = |x: u32, y: u32| pixels[((y * 160 + x) * 3) as usize] > 160;
        let (right, low) = (120, height * 3 / 4);
        let corners = [
            red(40, height / 4),
            red(right, height / 4),
            red(right, low),
            red(40, low),
        ];
        let at = corners.iter().position(|red| *red);
        let expected = [0, 1, 2, 3, 0, 1, 2, 3][usize::from(orientation) - 1];
        assert_eq!(at, Some(expected), "orientation {orientation}");
    }
}

#[test]
fn a_png_keeps_its_pixels_and_loses_all_else() {
    let plain = png(70, 50);
    let mut file = with_chunk(&plain, b"tEXt", &[b"Comment\0", SECRET].concat());
    file = with_chunk(&file, b"eXIf", &exif(1, false));
    file = with_chunk(&file, b"gAMA", &45_455_u32.to_be_bytes());
    file = with_chunk(&file, b"prVt", SECRET);
    file.extend(b"PK\x03\x04");
    file.extend(SECRET);
    let (kept, _) = assert_cleaned(&file, Kind::Png);
    assert_eq!(kept, with_chunk(&plain, b"gAMA", &45_455_u32.to_be_bytes()));

    let (kept, header) = assert_cleaned(&with_chunk(&plain, b"eXIf", &exif(6, true)), Kind::Png);
    assert!(contains(&kept, b"eXIf"));
    assert_eq!((header.width, header.height), (50, 70));
}

#[test]
fn a_webp_keeps_its_pixels_and_loses_all_else() {
    let size = (70, 50);
    for plain in [webp(70, 50), lossless_webp(70, 50)] {
        let mut with_tail = plain.clone();
        with_tail.extend(SECRET);
        assert_eq!(assert_cleaned(&with_tail, Kind::WebP).0, plain);

        let chunks: [(&[u8; 4], &[u8]); 3] = [
            (b"EXIF", &exif(8, true)),
            (b"XMP ", SECRET),
            (b"what", SECRET),
        ];
        let (kept, header) =
            assert_cleaned(&extended_webp(&plain, size, 0x0C, &chunks), Kind::WebP);
        assert_eq!(header.orientation.number(), 8);
        assert_eq!((header.width, header.height), (50, 70));
        assert_eq!(kept[20], 0x08, "the flag of XMP is cleared");
        assert!(
            placeholder(&kept, header)
                .unwrap()
                .starts_with("data:image/webp;base64,")
        );
    }
}

#[test]
fn what_is_no_picture_is_refused() {
    assert_eq!(refusal(b""), "The file is empty.");
    for file in [
        b"GIF89a=alert(1)//".as_slice(),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<html><script>alert(1)</script>",
        b"%PDF-1.7 and more",
        b"PK\x03\x04 and more of it",
        b"MZ\x90\0 and more of it",
        b"\0\0\0\x20ftypavif and more",
        b"RIFF\x20\0\0\0WAVEfmt ",
        b"text",
    ] {
        assert_eq!(refusal(file), "This is not a JPEG, PNG or WebP picture.");
    }
}

#[test]
fn a_picture_that_is_cut_off_or_damaged_is_refused() {
    assert_eq!(refusal(b"\x89PNG\r\n\x1a\n"), "The picture is cut off.");
    for file in [jpeg(60, 40), png(60, 40), webp(60, 40)] {
        for end in 3..file.len() {
            let cut = clean_by(&file[..end], 4096).unwrap_err();
            assert_eq!(cut, "The picture is cut off.", "after {end}");
        }
    }
    let mut wrong = png(60, 40);
    let end = wrong.len() - 20;
    wrong[end] ^= 1;
    assert_eq!(refusal(&wrong), "The picture is damaged.");

    // The end is there, pixels are missing.
    let whole = jpeg(600, 400);
    let mut short = whole[..whole.len() * 2 / 3].to_vec();
    short.extend([0xFF, 0xD9]);
    let (kept, header) = clean(&short);
    let Err(Failure::Refused(refusal)) = placeholder(&kept, header) else {
        panic!("half a picture was taken");
    };
    assert_eq!(refusal.0, "The picture is damaged.");
}

#[test]
fn a_claim_of_too_many_pixels_is_refused_from_the_header() {
    let mut claims = vec![(png(4, 4), 16..24), (jpeg(4, 4), 0..0)];
    let (file, _) = &mut claims[1];
    let frame = file.windows(2).position(|two| two == [0xFF, 0xC0]).unwrap();
    file[frame + 5..frame + 9].copy_from_slice(&[0xC3, 0x50, 0xC3, 0x50]);
    file.truncate(frame + 19);
    let (file, _) = &mut claims[0];
    file[16..24].copy_from_slice(&[0, 0, 0xC3, 0x50, 0, 0, 0xC3, 0x50]);
    file.truncate(29);
    for (file, _) in claims {
        let sentence = "The picture has 50000 x 50000 pixels. A side may have at most 16384.";
        assert_eq!(refusal(&file), sentence);
    }
    let mut canvas = extended_webp(&webp(4, 4), (16_384, 16_384), 0, &[]);
    canvas.truncate(30);
    let sentence = "The picture has 16384 x 16384 pixels, which is more than 25000000 in all.";
    assert_eq!(refusal(&canvas), sentence);
}

#[test]
fn an_animation_is_refused() {
    let moving = with_chunk(&png(9, 9), b"acTL", &[0, 0, 0x27, 0x10, 0, 0, 0, 0]);
    assert_eq!(refusal(&moving), "Animated pictures are not taken.");
    let moving = extended_webp(&webp(9, 9), (9, 9), 0x02, &[]);
    assert_eq!(refusal(&moving), "Animated pictures are not taken.");
}

#[test]
fn every_kind_of_png_is_made_smaller() {
    let one = |width: usize, bits: usize| vec![0b1010_0101; 200 * (width * bits).div_ceil(8)];
    let kinds = [
        (ColorType::Grayscale, BitDepth::One, one(400, 1)),
        (ColorType::Indexed, BitDepth::Two, one(400, 2)),
        (ColorType::Indexed, BitDepth::Eight, one(400, 8)),
        (ColorType::Grayscale, BitDepth::Sixteen, one(400, 16)),
        (ColorType::GrayscaleAlpha, BitDepth::Eight, one(400, 16)),
        (ColorType::Rgba, BitDepth::Sixteen, one(400, 64)),
        (ColorType::Rgb, BitDepth::Eight, pixels(400, 200, 3)),
    ];
    for (colour, depth, data) in kinds {
        let (file, header) = clean(&png_of(400, 200, colour, depth, &data));
        placeholder(&file, header).unwrap();
        let made = sizes(&file, header);
        let sizes: Vec<_> = made.iter().map(|made| (made.width, made.kind)).collect();
        let (png, webp) = (Kind::Png, Kind::WebP);
        assert_eq!(sizes, [(320, webp), (320, png), (160, webp), (160, png)]);
        for made in made {
            let (_, header) = clean(&made.bytes);
            assert_eq!((header.width, header.height), (made.width, made.width / 2));
            decoded(&made.bytes, made.kind);
        }
    }
}

#[test]
fn a_placeholder_is_small_whatever_the_picture() {
    for file in [
        png(1, 1),
        png(1, 900),
        png(900, 1),
        jpeg(640, 480),
        webp(33, 700),
        lossless_webp(333, 222),
    ] {
        let (file, header) = clean(&file);
        let placeholder = placeholder(&file, header).unwrap();
        assert!(placeholder.len() < 1000, "{}", placeholder.len());
        assert_eq!(read_header(Cursor::new(&file), LIMITS).unwrap(), header);
    }
}

#[test]
fn a_reader_that_fails_is_not_the_pictures_fault() {
    struct Broken(Cursor<Vec<u8>>);
    impl std::io::Read for Broken {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            if self.0.position() > 100 {
                return Err(std::io::Error::other("the store is gone"));
            }
            let most = out.len().min(64);
            self.0.read(&mut out[..most])
        }
    }
    impl std::io::Seek for Broken {
        fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
            self.0.seek(to)
        }
    }
    for file in [jpeg(90, 90), png(90, 90), webp(90, 90)] {
        let (file, header) = clean(&file);
        let reader = std::io::BufReader::with_capacity(64, Broken(Cursor::new(file)));
        let failed = examine(header, reader, LIMITS);
        assert!(matches!(failed, Err(Failure::Io(_))), "{failed:?}");
    }
}

#[test]
fn random_damage_never_panics() {
    let mut random = StdRng::seed_from_u64(5);
    let samples = [
        with_orientation(&jpeg(170, 30), 6),
        jpeg_with(170, 30, |encoder| encoder.set_progressive(true)),
        cmyk_jpeg(170, 30),
        png(170, 30),
        with_chunk(&png(170, 30), b"eXIf", &exif(5, true)),
        webp(170, 30),
        lossless_webp(170, 30),
        extended_webp(
            &webp(170, 30),
            (170, 30),
            0x08,
            &[(b"EXIF", &exif(3, false))],
        ),
    ];
    let mut taken = 0;
    for round in 0..4000 {
        let mut file = samples[round % samples.len()].clone();
        for _ in 0..random.random_range(1..4) {
            let at = random.random_range(0..file.len());
            match random.random_range(0..4) {
                0 => file[at] = random.random(),
                1 => file[at] ^= 1 << random.random_range(0..8),
                2 => file.truncate(at.max(1)),
                _ => {
                    let again = file[at..].to_vec();
                    file.extend(again);
                }
            }
        }
        let cleaned = clean_by(&file, 1 + round % 97);
        // The decoders must bear what the cleaner would not let through, too.
        let intact = clean(&samples[round % samples.len()]).1;
        let (file, header) = cleaned.unwrap_or((file, intact));
        if placeholder(&file, header).is_ok() {
            taken += 1;
        }
        let _ = make_sizes(header, Cursor::new(&file), LIMITS, |_| {
            ControlFlow::Continue(())
        });
    }
    assert!(taken > 100, "only {taken} were decoded at all");
}

#[test]
fn the_ladder_gives_the_smallest_width_that_is_enough() {
    let want = |width, height, fit| ladder::pick((3000, 2000), Want { width, height, fit });
    assert_eq!(want(None, None, Fit::Contain), None);
    assert_eq!(want(Some(1), None, Fit::Contain), Some(160));
    assert_eq!(want(Some(160), None, Fit::Cover), Some(160));
    assert_eq!(want(Some(161), None, Fit::Cover), Some(320));
    assert_eq!(want(None, Some(427), Fit::Contain), Some(640));
    assert_eq!(want(None, Some(428), Fit::Contain), Some(960));
    assert_eq!(want(Some(300), Some(300), Fit::Contain), Some(320));
    assert_eq!(want(Some(300), Some(300), Fit::Cover), Some(640));
    assert_eq!(want(Some(1921), None, Fit::Contain), None);
    assert_eq!(ladder::below(160), [0_u32; 0]);
    assert_eq!(ladder::below(700), [160, 320, 640]);
    assert_eq!(ladder::height_of((3000, 2000), 160), 107);
    assert_eq!(ladder::height_of((3000, 1), 160), 1);
}

#[tokio::test]
async fn the_pool_survives_a_panic() {
    let pool = Pool::new();
    let failed = pool.run(u64::MAX, || -> u8 { panic!("of a test") }).await;
    assert!(failed.is_err());
    assert_eq!(pool.run(1, || 5).await.unwrap(), 5);
}
