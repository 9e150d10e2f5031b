//! What is taken out of pictures, and which are refused.

use wares::picture::{Failure, Header, Kind};

use crate::harness::picture::{
    SECRET, clean, clean_by, cmyk_jpeg, contains, decoded, exif, extended_webp, jpeg, jpeg_with,
    lossless_webp, placeholder, png, refusal, webp, with_chunk, with_gps, with_segment,
};

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
fn a_png_keeps_its_pixels_and_loses_all_else() {
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

    // The cleaner knows the segments, the decoder what they mean: here the tables are gone.
    let mut tableless = jpeg(60, 40);
    while let Some(at) = tableless.windows(2).position(|two| two == [0xFF, 0xC4]) {
        tableless[at + 1] = 0xEF;
    }
    let (kept, header) = clean(&tableless);
    let Err(Failure::Refused(refusal)) = placeholder(&kept, header) else {
        panic!("a damaged picture was taken");
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
    let moving = with_chunk(&png(9, 9), *b"acTL", &[0, 0, 0x27, 0x10, 0, 0, 0, 0]);
    assert_eq!(refusal(&moving), "Animated pictures are not taken.");
    let moving = extended_webp(&webp(9, 9), (9, 9), 0x02, &[]);
    assert_eq!(refusal(&moving), "Animated pictures are not taken.");
}
