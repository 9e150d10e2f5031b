//! Unusual images that every viewer displays.

use std::io::Cursor;

use bytes::Bytes;
use jpeg_encoder::SamplingFactor as Sampling;
use wares::infra::image::{Cleaner, Failure, Kind};

use crate::harness::colour::display_p3;
use crate::harness::sample_image::{
    LIMITS, chunk, clean, cleaning_error, cmyk_jpeg, contains, decoded, jpeg, jpeg_with,
    lossless_webp, pixels, png, sizes, webp,
};

/// Cleans and decodes a file, as an upload does. Returns the stored bytes, or the reason of the refusal.
fn take(file: &[u8]) -> Result<Vec<u8>, String> {
    let mut cleaner = Cleaner::new(LIMITS);
    let kept = cleaner.push(Bytes::copy_from_slice(file));
    let mut kept = kept
        .map_err(|cleaning_error| cleaning_error.0.to_string())?
        .concat();
    let taken = cleaner
        .finish()
        .map_err(|cleaning_error| cleaning_error.0.to_string())?;
    kept.extend(taken.rest());
    match taken.examine(Cursor::new(&kept), LIMITS) {
        Ok(_) => Ok(kept),
        Err(Failure::Refused(cleaning_error)) => Err(cleaning_error.0.to_string()),
        Err(Failure::Io(error)) => panic!("{error}"),
    }
}

#[test]
fn jpeg_without_end_marker_is_repaired() {
    for whole in [
        jpeg(90, 60),
        jpeg_with(90, 60, |encoder| encoder.set_progressive(true)),
        jpeg_with(90, 60, |encoder| encoder.set_restart_interval(2)),
        // A restart marker is due at the very end.
        jpeg_with(64, 64, |encoder| encoder.set_restart_interval(1)),
        jpeg_with(90, 60, |encoder| {
            encoder.set_sampling_factor(Sampling::R_4_1_0);
        }),
        cmyk_jpeg(90, 60),
    ] {
        let length = whole.len();
        assert_eq!(take(&whole[..length - 2]).unwrap(), whole);
        assert_eq!(take(&whole[..length - 1]).unwrap(), whole);
        // Fill bytes before the marker.
        let filled = [&whole[..length - 2], &[0xFF, 0xFF]].concat();
        assert_eq!(take(&filled).unwrap(), whole);
        let again = take(&whole).unwrap();
        assert_eq!(again, whole);
    }
}

#[test]
fn png_without_last_chunk_is_repaired() {
    let whole = png(90, 60);
    for lost in 1..=12 {
        assert_eq!(take(&whole[..whole.len() - lost]).unwrap(), whole, "{lost}");
    }
    // With a chunk after the pixels, which is removed.
    let end = whole.len() - 12;
    let commented = [&whole[..end], &chunk(*b"tEXt", b"a\0b")].concat();
    assert_eq!(take(&commented).unwrap(), whole);
    for lost in [13, 16, 17, 40] {
        let cut = take(&whole[..whole.len() - lost]);
        assert_eq!(cut.unwrap_err(), "The image is truncated.", "{lost}");
    }
}

#[test]
fn truncated_jpeg_is_refused() {
    for whole in [
        jpeg(90, 60),
        jpeg_with(90, 60, |encoder| encoder.set_progressive(true)),
        jpeg_with(90, 60, |encoder| encoder.set_restart_interval(2)),
        jpeg_with(90, 60, |encoder| {
            encoder.set_sampling_factor(Sampling::R_4_1_0);
        }),
    ] {
        // The last bytes may not contain visible data.
        for lost in [6, 10, 25, 60, 200, whole.len() / 2] {
            let cut = take(&whole[..whole.len() - 2 - lost]);
            assert_eq!(cut.unwrap_err(), "The image is truncated.", "{lost} bytes");
        }
    }
}

#[test]
fn all_jpeg_sampling_factors_are_decoded() {
    let plain = pixels(200, 100, 3);
    for sampling in [
        Sampling::R_4_4_0,
        Sampling::R_4_1_1,
        Sampling::R_4_1_0,
        Sampling::R_4_4_1,
        Sampling::F_2_4,
        Sampling::F_2_2,
    ] {
        for (progressive, optimized) in [(false, false), (false, true), (true, false)] {
            let file = jpeg_with(200, 100, |encoder| {
                encoder.set_sampling_factor(sampling);
                encoder.set_progressive(progressive);
                encoder.set_optimized_huffman_tables(optimized);
            });
            assert_shows(&file, &plain, (200, 100));
        }
    }
}

#[test]
fn jpeg_with_subsampled_luma_is_decoded() {
    // 200 x 100 pixels as drawn by `pixels`, encoded with libjpeg's `cjpeg` and these sampling factors.
    let files: [&[u8]; 3] = [
        include_bytes!("../files/pictures/sampled-1x1-2x2-2x2.jpg"),
        include_bytes!("../files/pictures/sampled-3x1-1x1-1x1.jpg"),
        include_bytes!("../files/pictures/sampled-1x2-2x1-1x1-progressive.jpg"),
    ];
    for file in files {
        assert_shows(file, &pixels(200, 100, 3), (200, 100));
    }
}

/// Fails unless the size of 160 pixels looks like these pixels.
fn assert_shows(file: &[u8], plain: &[u8], (width, height): (usize, usize)) {
    let (file, header) = clean(file);
    let made = sizes(&file, header);
    let made = made.iter().find(|made| made.width == 160).unwrap();
    let shown = decoded(&made.bytes, made.kind);
    let made_height = shown.len() / 3 / 160;
    let mut difference = 0;
    for (number, pixel) in shown.chunks_exact(3).enumerate() {
        let (x, y) = (
            number % 160 * width / 160,
            number / 160 * height / made_height,
        );
        let at = (y * width + x) * 3;
        let both = pixel.iter().zip(&plain[at..at + 3]);
        difference += both
            .map(|(one, other)| u64::from(one.abs_diff(*other)))
            .sum::<u64>();
    }
    let mean = difference / shown.len() as u64;
    assert!(mean < 6, "differs by {mean}");
}

#[test]
fn bytes_before_markers_are_removed() {
    let plain = jpeg(60, 40);
    let end = plain.len() - 2;
    for junk in [b"\0\0\0\0".as_slice(), b"\xFF\xFF\xFF"] {
        // Fill bytes, or zeros, before the second marker.
        let early = [&plain[..2], junk, &plain[2..]].concat();
        if early[2] == 0xFF {
            assert_eq!(take(&early).unwrap(), plain);
        }
        let late = [&plain[..end], junk, &plain[end..]].concat();
        take(&late).unwrap();
    }
    // Two images in one file, as phones write them.
    assert_eq!(
        take(&[plain.clone(), plain.clone()].concat()).unwrap(),
        plain
    );
}

/// Returns the control chunk of an animation with this number of frames.
fn frames(count: u32) -> Vec<u8> {
    [count.to_be_bytes(), [0; 4]].concat()
}

#[test]
fn apng_with_one_frame_is_a_still_image() {
    let plain = png(60, 40);
    let (head, rest) = plain.split_at(33);
    let control = [0, 60, 40, 0, 0].map(u32::to_be_bytes).concat();
    let control = [control.as_slice(), &[0, 1, 0, 10, 0, 0]].concat();
    let animation = |count: u32| {
        let chunks = [chunk(*b"acTL", &frames(count)), chunk(*b"fcTL", &control)];
        [head, chunks.concat().as_slice(), rest].concat()
    };
    assert_eq!(clean(&animation(1)).0, plain);
    for count in [0, 2, 10_000] {
        assert_eq!(
            cleaning_error(&animation(count)),
            "Animated images are not supported."
        );
    }
}

/// Returns an animated WebP with this number of frames, each of this size.
fn animated(webp: &[u8], side: (u32, u32), flags: u8, count: usize, profile: &[u8]) -> Vec<u8> {
    let three = |number: u32| number.to_le_bytes()[..3].to_vec();
    let canvas = [three(side.0 - 1), three(side.1 - 1)].concat();
    let chunk = |name: &[u8; 4], body: &[u8]| {
        let length = u32::try_from(body.len()).unwrap().to_le_bytes();
        let padding = vec![0; body.len() % 2];
        [name.as_slice(), &length, body, &padding].concat()
    };
    let frame = [&[0; 6], canvas.as_slice(), &[100, 0, 0, 2], &webp[12..]].concat();
    let mut chunks = chunk(b"VP8X", &[&[flags, 0, 0, 0], canvas.as_slice()].concat());
    if !profile.is_empty() {
        chunks.extend(chunk(b"ICCP", profile));
    }
    chunks.extend(chunk(b"ANIM", &[255, 255, 255, 255, 0, 0]));
    for _ in 0..count {
        chunks.extend(chunk(b"ANMF", &frame));
    }
    let length = u32::try_from(chunks.len() + 4).unwrap().to_le_bytes();
    [b"RIFF".as_slice(), &length, b"WEBP", &chunks].concat()
}

#[test]
fn animated_webp_with_one_frame_is_a_still_image() {
    for (plain, flags) in [(webp(70, 50), 0x02), (lossless_webp(70, 50), 0x12)] {
        let (kept, header) = clean(&animated(&plain, (70, 50), flags, 1, &[]));
        assert_eq!((header.width, header.height), (70, 50));
        assert_eq!(clean(&kept).0, kept);
        assert_eq!(decoded(&kept, Kind::WebP), decoded(&plain, Kind::WebP));
        take(&kept).unwrap();
        let profiled = animated(&plain, (70, 50), flags | 0x20, 1, &display_p3());
        let kept = take(&profiled).unwrap();
        assert!(contains(&kept, b"acsp"));
        for count in [0, 2] {
            let file = animated(&plain, (70, 50), flags, count, &[]);
            assert!(take(&file).is_err(), "{count} frames");
        }
        // A frame that covers only a part of the image.
        let small = animated(&plain, (80, 50), flags, 1, &[]);
        assert!(take(&small).is_err());
    }
}
