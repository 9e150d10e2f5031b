//! Removed metadata, and refused images.

use wares::infra::image::{Failure, Header, Kind, refuse_content_type};

use crate::harness::colour::{cmyk, display_p3, grey, packed, profile, segment};
use crate::harness::sample_image::{
    SECRET, chunk, clean, clean_in_chunks, cleaning_error, cmyk_jpeg, contains, decoded, exif,
    extended_webp, interlaced_png, jpeg, jpeg_with, lossless_webp, pixels, placeholder, png, webp,
    with_chunk, with_gps, with_segment,
};

/// Cleans a file that contains the secret, and checks that only the pixels are left.
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

#[test]
fn jpeg_metadata_is_removed() {
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
fn pixels_of_progressive_restart_and_cmyk_jpegs_are_retained() {
    let progressive = jpeg_with(90, 60, |encoder| encoder.set_progressive(true));
    let restarting = jpeg_with(90, 60, |encoder| encoder.set_restart_interval(2));
    for plain in [progressive, restarting, cmyk_jpeg(90, 60)] {
        let (kept, header) = assert_cleaned(&with_gps(&plain), Kind::Jpeg);
        assert_eq!(kept, plain);
        placeholder(&kept, header).unwrap();
    }
}

#[test]
fn jpeg_thumbnail_is_removed() {
    let plain = jpeg(40, 40);
    let body = [b"JFIF\0\x01\x01\0\0\x01\0\x01\x03\x03".as_slice(), SECRET].concat();
    let (kept, _) = assert_cleaned(&with_segment(&plain, 0xE0, &body), Kind::Jpeg);
    assert!(contains(&kept, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"));
}

#[test]
fn colour_profile_is_retained() {
    for profile in [display_p3(), grey(2.2), cmyk()] {
        let plain = jpeg(20, 20);
        let file = with_segment(&plain, 0xE2, &segment(&profile, 1, 1));
        assert_eq!(clean(&file).0, file);
        // In two parts, which fit into one.
        let (first, second) = profile.split_at(profile.len().min(300));
        let parts = with_segment(&plain, 0xE2, &segment(second, 2, 2));
        let parts = with_segment(&parts, 0xE2, &segment(first, 1, 2));
        if profile.len() > 350 {
            assert_eq!(clean(&parts).0, file);
        }
        let file = with_chunk(&png(20, 20), *b"iCCP", &packed(&profile));
        assert_eq!(clean(&file).0, file);
        let file = with_profile(&webp(20, 20), (20, 20), &profile);
        assert_eq!(clean(&file).0, file);
    }
    let mut large = cmyk();
    large[..4].copy_from_slice(&5_000_000_u32.to_be_bytes());
    let file = with_segment(&jpeg(20, 20), 0xE2, &segment(&large, 1, 1));
    assert_eq!(clean(&file).0, jpeg(20, 20), "one of 5 MB");
}

/// Returns a WebP with a colour profile.
fn with_profile(webp: &[u8], size: (u32, u32), profile: &[u8]) -> Vec<u8> {
    let extended = extended_webp(webp, size, 0x20, &[]);
    let length = u32::try_from(profile.len()).unwrap().to_le_bytes();
    let padding = vec![0; profile.len() % 2];
    let chunk = [b"ICCP".as_slice(), &length, profile, &padding].concat();
    let mut file = [&extended[..30], &chunk, &extended[30..]].concat();
    let length = u32::try_from(file.len() - 8).unwrap().to_le_bytes();
    file[4..8].copy_from_slice(&length);
    file
}

#[test]
fn colour_profile_is_cleaned() {
    let table = [b"curv\0\0\0\0\0\0\0\x01\x02\x33".as_slice(), &[0; 2]].concat();
    let hidden = SECRET.repeat(40);
    let long = [b"text\0\0\0\0".as_slice(), &[b' '; 2048], &hidden].concat();
    let tags: [(&[u8; 4], &[u8]); 3] = [(b"kTRC", &table), (b"priv", &hidden), (b"cprt", &long)];
    let tagged = profile(*b"GRAY", &tags);
    let plain = profile(*b"GRAY", &tags[..1]);
    let mut reserved = plain.clone();
    reserved[100..126].copy_from_slice(&SECRET[..26]);
    let mut unsigned = [plain.clone(), hidden.clone()].concat();
    unsigned[36..40].copy_from_slice(b"none");
    let samples = [
        ("of private and of long tags", tagged),
        ("with bytes behind it", [plain.as_slice(), &hidden].concat()),
        ("in reserved bytes", reserved),
        ("that is none", [hidden.as_slice(), &hidden].concat()),
        ("without a signature", unsigned),
    ];
    for (name, profile) in samples {
        let secret = &SECRET[..26];
        let in_jpeg = with_segment(&jpeg(20, 20), 0xE2, &segment(&profile, 1, 1));
        let in_png = with_chunk(&png(20, 20), *b"iCCP", &packed(&profile));
        let in_webp = with_profile(&webp(20, 20), (20, 20), &profile);
        for file in [in_jpeg, in_png, in_webp] {
            let (kept, header) = clean(&file);
            let again = clean(&kept);
            assert_eq!(again, (kept.clone(), header), "{name}");
            assert_eq!(
                decoded(&kept, header.kind),
                decoded(&file, header.kind),
                "{name}"
            );
            placeholder(&kept, header).unwrap();
            assert!(!contains(&kept, secret), "{name} in {:?}", header.kind);
            let icc = decompressed_profile(&kept);
            assert!(!contains(&icc, secret), "{name} in {:?}", header.kind);
            let is_kept = !name.starts_with("that") && !name.starts_with("without");
            assert_eq!(
                contains(&icc, b"acsp"),
                is_kept,
                "{name} in {:?}",
                header.kind
            );
        }
    }
}

/// Returns the decompressed profile of a cleaned PNG, or any other file unchanged.
fn decompressed_profile(file: &[u8]) -> Vec<u8> {
    let Some(at) = file.windows(9).position(|name| name == b"iCCPICC\0\0") else {
        return file.to_vec();
    };
    let mut profile = Vec::new();
    let mut decoder = flate2::read::ZlibDecoder::new(&file[at + 9..]);
    std::io::Read::read_to_end(&mut decoder, &mut profile).unwrap();
    profile
}

#[test]
fn bytes_after_png_pixels_are_removed() {
    for plain in [png(70, 50), interlaced_png(21, 13, &pixels(21, 13, 4))] {
        let start = plain.windows(4).position(|name| name == b"IDAT").unwrap() + 4;
        let packed = &plain[start..plain.len() - 16];
        let with = |bodies: &[&[u8]]| {
            let chunks: Vec<_> = bodies.iter().map(|body| chunk(*b"IDAT", body)).collect();
            let end = &plain[plain.len() - 12..];
            [&plain[..start - 8], &chunks.concat(), end].concat()
        };
        // In a separate chunk, and in several.
        for bodies in [&[packed, SECRET][..], &[packed, SECRET, SECRET]] {
            assert_cleaned(&with(bodies), Kind::Png);
            assert_eq!(clean(&with(bodies)).0, plain);
        }
        // In the pixel chunk, whose length was already written.
        let file = with(&[&[packed, SECRET].concat(), SECRET]);
        let (kept, header) = assert_cleaned(&file, Kind::Png);
        let zeros = vec![0; SECRET.len()];
        assert_eq!(kept, with(&[&[packed, zeros.as_slice()].concat()]));
        placeholder(&kept, header).unwrap();
        // The pixels may arrive in any pieces.
        let (first, second) = packed.split_at(packed.len() / 2);
        let pieces = with(&[&first[..1], &first[1..], &[], second]);
        assert_eq!(clean(&pieces).0, pieces);
        let (_, last) = packed.split_at(packed.len() - 2);
        let pieces = with(&[&packed[..packed.len() - 2], &[last, SECRET].concat()]);
        assert_cleaned(&pieces, Kind::Png);
    }
    // More rows than the image has.
    let mut file = png(70, 50);
    let size = [70_u32.to_be_bytes(), 40_u32.to_be_bytes()].concat();
    let head = chunk(*b"IHDR", &[&size[..], &[8, 6, 0, 0, 0]].concat());
    file[8..33].copy_from_slice(&head);
    assert_eq!(cleaning_error(&file), "The image is damaged.");
}

#[test]
fn png_metadata_is_removed() {
    let plain = png(70, 50);
    let mut file = with_chunk(&plain, *b"tEXt", &[b"Comment\0", SECRET].concat());
    file = with_chunk(&file, *b"eXIf", &exif(1, false));
    file = with_chunk(&file, *b"gAMA", &45_455_u32.to_be_bytes());
    file = with_chunk(&file, *b"prVt", SECRET);
    file.extend(b"PK\x03\x04");
    file.extend(SECRET);
    let (kept, _) = assert_cleaned(&file, Kind::Png);
    assert_eq!(
        kept,
        with_chunk(&plain, *b"gAMA", &45_455_u32.to_be_bytes())
    );

    let (kept, header) = assert_cleaned(&with_chunk(&plain, *b"eXIf", &exif(6, true)), Kind::Png);
    assert!(contains(&kept, b"eXIf"));
    assert_eq!((header.width, header.height), (50, 70));
}

#[test]
fn webp_metadata_is_removed() {
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
fn non_image_is_refused() {
    assert_eq!(cleaning_error(b""), "The file is empty.");
    for file in [
        b"MZ\x90\0 and more of it".as_slice(),
        b"RIFF\x20\0\0\0WAVEfmt ",
        b"<?xml version='1.0'?><feed/>",
        b"BMW is a brand, not a bitmap",
        b"text",
    ] {
        assert_eq!(
            cleaning_error(file),
            "This is not a JPEG, PNG or WebP image."
        );
    }
}

#[test]
fn refusal_names_the_format() {
    let page = [b"\xEF\xBB\xBF<!-- ".as_slice(), &[b'x'; 200], b" --><svg/>"].concat();
    let icon = [b"BM".as_slice(), &[0; 12], &[40, 0, 0, 0], &[0; 36]].concat();
    for (file, name) in [
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".as_slice(), "HEIC"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x18ftypmsf1\0\0\0\0hevcmsf1", "HEIC"),
        (b"\0\0\0\x20ftypavif and more", "AVIF"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf", "AVIF"),
        (b"GIF89a=alert(1)//", "GIF"),
        (b"GIF87a\x01\0\x01\0", "GIF"),
        (&icon, "BMP"),
        (b"II*\0\x08\0\0\0 and more", "TIFF"),
        (b"MM\0*\0\0\0\x08 and more", "TIFF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"<?xml version='1.0'?>\n<SVG/>", "SVG"),
        (&page, "SVG"),
        (b"%PDF-1.7 and more", "PDF"),
        (b"\0\0\0\x0CjP  \r\n\x87\n\0\0\0\x14ftypjp2 ", "JPEG 2000"),
        (b"\xFF\x4F\xFF\x51\0\x2F and more", "JPEG 2000"),
        (b"\xFF\x0A\xFA\x7F and more of it", "JPEG XL"),
        (b"\0\0\0\x0CJXL \r\n\x87\n and more", "JPEG XL"),
        (b"\0\0\x01\0\x01\0\x10\x10\0\0\x01\0", "ICO"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0isommp42", "video"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "video"),
        (b"\0\0\0\x08wide\0\0\x10\0mdat and more", "video"),
        (b"RIFF\x20\0\0\0AVI LIST", "video"),
        (b"\x1A\x45\xDF\xA3 and more of it", "video"),
        (b"8BPS\0\x01\0\0\0\0\0\0", "Photoshop"),
        (b"<html><script>alert(1)</script>", "HTML"),
        (b"\n<!DOCTYPE html><title>404</title>", "HTML"),
        (b"PK\x03\x04 and more of it", "ZIP"),
    ] {
        let reason = cleaning_error(file);
        assert!(reason.contains(name), "{name}: {reason}");
        assert!(reason.ends_with('.') && reason.len() < 200, "{reason}");
        let long = [file, &[b' '; 5000]].concat();
        assert_eq!(cleaning_error(&long), reason);
    }
}

#[test]
fn media_type_aliases_are_accepted() {
    for (text, kind) in [
        ("image/jpeg", Some(Kind::Jpeg)),
        ("image/jpg", Some(Kind::Jpeg)),
        ("image/pjpeg", Some(Kind::Jpeg)),
        ("IMAGE/JPEG; charset=binary", Some(Kind::Jpeg)),
        (" image/JPG ;q=1", Some(Kind::Jpeg)),
        ("image/png", Some(Kind::Png)),
        ("image/x-png", Some(Kind::Png)),
        ("Image/Webp", Some(Kind::WebP)),
        ("image/heic", None),
        ("image", None),
        ("", None),
        ("text/html; image/jpeg", None),
    ] {
        assert_eq!(Kind::from_content_type(text), kind, "{text}");
    }
    for (text, name) in [
        ("image/heic", "HEIC"),
        ("Image/GIF", "GIF"),
        ("image/svg+xml", "SVG"),
    ] {
        assert!(refuse_content_type(text).0.contains(name), "{text}");
    }
}

#[test]
fn truncated_or_damaged_image_is_refused() {
    assert_eq!(
        cleaning_error(b"\x89PNG\r\n\x1a\n"),
        "The image is truncated."
    );
    for file in [jpeg(60, 40), png(60, 40), webp(60, 40)] {
        // A JPEG that ends within its pixels is decoded first. A PNG may lack its last chunk.
        let scan = file.windows(2).position(|marker| marker == [0xFF, 0xDA]);
        let end = match (file[0], scan) {
            (0xFF, Some(scan)) => scan + 14,
            (0x89, _) => file.len() - 12,
            _ => file.len(),
        };
        for end in 3..end {
            let cut = clean_in_chunks(&file[..end], 4096).unwrap_err();
            assert_eq!(cut, "The image is truncated.", "after {end}");
        }
    }
    let mut wrong = png(60, 40);
    let end = wrong.len() - 20;
    wrong[end] ^= 1;
    assert_eq!(cleaning_error(&wrong), "The image is damaged.");

    // The cleaner knows segments, the decoder their meaning: here the tables are missing.
    let mut tableless = jpeg(60, 40);
    while let Some(at) = tableless.windows(2).position(|two| two == [0xFF, 0xC4]) {
        tableless[at + 1] = 0xEF;
    }
    let (kept, header) = clean(&tableless);
    let Err(Failure::Refused(cleaning_error)) = placeholder(&kept, header) else {
        panic!("a damaged picture was taken");
    };
    assert_eq!(cleaning_error.0, "The image is damaged.");
}

#[test]
fn too_many_pixels_are_refused_by_the_header() {
    let mut claims = vec![(png(4, 4), 16..24), (jpeg(4, 4), 0..0)];
    let (file, _) = &mut claims[1];
    let frame = file.windows(2).position(|two| two == [0xFF, 0xC0]).unwrap();
    file[frame + 5..frame + 9].copy_from_slice(&[0xC3, 0x50, 0xC3, 0x50]);
    file.truncate(frame + 19);
    let (file, _) = &mut claims[0];
    file[16..24].copy_from_slice(&[0, 0, 0xC3, 0x50, 0, 0, 0xC3, 0x50]);
    file.truncate(29);
    for (file, _) in claims {
        let sentence = "The image has 50000 x 50000 pixels. The maximum width and height is 16384.";
        assert_eq!(cleaning_error(&file), sentence);
    }
    let mut canvas = extended_webp(&webp(4, 4), (16_384, 16_384), 0, &[]);
    canvas.truncate(30);
    let sentence = "The image has 16384 x 16384 pixels. The maximum in total is 25000000.";
    assert_eq!(cleaning_error(&canvas), sentence);
}

#[test]
fn animation_is_refused() {
    let moving = with_chunk(&png(9, 9), *b"acTL", &[0, 0, 0x27, 0x10, 0, 0, 0, 0]);
    assert_eq!(
        cleaning_error(&moving),
        "Animated images are not supported."
    );
    let moving = extended_webp(&webp(9, 9), (9, 9), 0x02, &[]);
    assert_eq!(
        cleaning_error(&moving),
        "Animated images are not supported."
    );
}
