//! Placeholders and sizes of images, including damaged ones.

use std::io::Cursor;
use std::ops::ControlFlow;

use png::{BitDepth, ColorType};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use wares::infra::image::ladder::{self, Fit, RequestedBox};
use wares::infra::image::{Failure, Kind, Pool, examine, make_sizes};

use crate::harness::sample_image::{
    LIMITS, clean, clean_in_chunks, cmyk_jpeg, contains, decoded, exif, extended_webp, jpeg,
    jpeg_with, lossless_webp, pixels, placeholder, png, png_of, sizes, webp, with_chunk,
    with_orientation,
};

#[test]
fn sizes_are_upright() {
    for orientation in 1..=8 {
        let plain = jpeg(400, 200);
        let (kept, header) = clean(&with_orientation(&plain, orientation));
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
fn sizes_of_all_png_formats_are_generated() {
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
fn placeholder_is_small_for_any_image() {
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
    }
}

#[test]
fn read_error_is_not_a_refusal() {
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
        with_chunk(&png(170, 30), *b"eXIf", &exif(5, true)),
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
        let cleaned = clean_in_chunks(&file, 1 + round % 97);
        // The decoders must also survive input that the cleaner would refuse.
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
fn ladder_selects_the_smallest_sufficient_width() {
    let want = |width, height, fit| {
        ladder::select_width((3000, 2000), RequestedBox { width, height, fit })
    };
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
async fn image_pool_survives_a_panic() {
    let pool = Pool::new();
    let failed = pool.run(u64::MAX, || -> u8 { panic!("of a test") }).await;
    assert!(failed.is_err());
    assert_eq!(pool.run(1, || 5).await.unwrap(), 5);
}
