//! Generated sample images.

use std::io::Cursor;
use std::ops::ControlFlow;

use bytes::Bytes;
use image_webp::WebPDecoder;
use png::{BitDepth, ColorType};
use wares::infra::image::{
    Cleaner, Failure, GeneratedSize, Header, Kind, Limits, examine, make_sizes,
};

/// A text in the metadata of samples that must be removed when they are cleaned.
pub const SECRET: &[u8] = b"52.5200N 13.4050E <script>";

/// Returns pixels with 3 or 4 channels: gradients with an edge that reveals rotation and mirroring.
pub fn pixels(width: u32, height: u32, channels: usize) -> Vec<u8> {
    let mut pixels = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let corner = x < width / 2 && y < height / 2;
            let red = if corner { 230 } else { x * 100 / width };
            let green = y * 200 / height;
            let all = [red, green, 60, 255 - y * 128 / height];
            pixels.extend(
                all[..channels]
                    .iter()
                    .map(|value| u8::try_from(*value).unwrap()),
            );
        }
    }
    pixels
}

/// Returns a baseline JPEG with a JFIF header.
pub fn jpeg(width: u32, height: u32) -> Vec<u8> {
    jpeg_with(width, height, |_| {})
}

/// Returns a JPEG with these options of the encoder, such as progressive.
pub fn jpeg_with(
    width: u32,
    height: u32,
    set: impl FnOnce(&mut jpeg_encoder::Encoder<&mut Vec<u8>>),
) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut file, 90);
    set(&mut encoder);
    let (w, h) = (width.try_into().unwrap(), height.try_into().unwrap());
    let rgb = pixels(width, height, 3);
    encoder
        .encode(&rgb, w, h, jpeg_encoder::ColorType::Rgb)
        .unwrap();
    file
}

/// Returns a CMYK JPEG.
pub fn cmyk_jpeg(width: u32, height: u32) -> Vec<u8> {
    let mut file = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut file, 90);
    let (w, h) = (width.try_into().unwrap(), height.try_into().unwrap());
    let inks = pixels(width, height, 4);
    encoder
        .encode(&inks, w, h, jpeg_encoder::ColorType::Cmyk)
        .unwrap();
    file
}

/// Returns a PNG with 8 bits per channel and alpha.
pub fn png(width: u32, height: u32) -> Vec<u8> {
    png_of(
        width,
        height,
        ColorType::Rgba,
        BitDepth::Eight,
        &pixels(width, height, 4),
    )
}

/// Returns a PNG of any colour type. A palette contains as many greys as its bit depth allows.
pub fn png_of(width: u32, height: u32, colour: ColorType, depth: BitDepth, data: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(colour);
    encoder.set_depth(depth);
    if colour == ColorType::Indexed {
        let colours = 1_usize << depth as u8;
        let step = u8::try_from(255 / (colours - 1)).unwrap();
        encoder.set_palette(
            (0..=u8::MAX)
                .take(colours)
                .flat_map(|n| [n * step; 3])
                .collect::<Vec<_>>(),
        );
    }
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(data).unwrap();
    writer.finish().unwrap();
    file
}

/// Returns an uncompressed PNG of noise with 3 bytes per pixel.
pub fn large_png(width: u32, height: u32) -> Vec<u8> {
    let mut seed = 0x9E37_79B9_u32;
    let mut noise = || {
        seed ^= seed << 13;
        seed ^= seed >> 17;
        seed ^= seed << 5;
        seed.to_le_bytes()[1]
    };
    let mut rows = Vec::new();
    for _ in 0..height {
        rows.push(0);
        rows.extend(std::iter::repeat_with(&mut noise).take(3 * width as usize));
    }
    let mut packed = vec![0x78, 0x01];
    let mut blocks = rows.chunks(u16::MAX.into()).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap();
        packed.push(u8::from(blocks.peek().is_none()));
        packed.extend(length.to_le_bytes());
        packed.extend((!length).to_le_bytes());
        packed.extend(block);
    }
    let sums = rows.iter().fold((1, 0), |(a, b): (u32, u32), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    packed.extend((sums.1 << 16 | sums.0).to_be_bytes());
    let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
    let header = [&size[..], &[8, 2, 0, 0, 0]].concat();
    let chunks = [
        chunk(*b"IHDR", &header),
        chunk(*b"IDAT", &packed),
        chunk(*b"IEND", &[]),
    ];
    [b"\x89PNG\r\n\x1a\n", chunks.concat().as_slice()].concat()
}

/// Returns a lossy WebP without alpha.
pub fn webp(width: u32, height: u32) -> Vec<u8> {
    let rgb = pixels(width, height, 3);
    webp::Encoder::from_rgb(&rgb, width, height)
        .encode(90.0)
        .to_vec()
}

/// Returns a lossless WebP with alpha.
pub fn lossless_webp(width: u32, height: u32) -> Vec<u8> {
    let rgba = pixels(width, height, 4);
    webp::Encoder::from_rgba(&rgba, width, height)
        .encode_lossless()
        .to_vec()
}

/// Returns an EXIF block with this orientation, in the byte order of Intel or Motorola (`big`), and [`SECRET`] as
/// its description.
pub fn exif(orientation: u16, big: bool) -> Vec<u8> {
    let short = |n: u16| {
        if big {
            n.to_be_bytes()
        } else {
            n.to_le_bytes()
        }
    };
    let long = |n: u32| {
        if big {
            n.to_be_bytes()
        } else {
            n.to_le_bytes()
        }
    };
    let mut block = if big { b"MM".to_vec() } else { b"II".to_vec() };
    block.extend(short(42));
    block.extend(long(8));
    block.extend(short(2));
    // The directory entry ImageDescription, whose text follows the directory.
    block.extend(short(0x010E));
    block.extend(short(2));
    block.extend(long(u32::try_from(SECRET.len()).unwrap()));
    block.extend(long(38));
    block.extend(short(0x0112));
    block.extend(short(3));
    block.extend(long(1));
    block.extend(short(orientation));
    block.extend(short(0));
    block.extend(long(0));
    block.extend(SECRET);
    block
}

/// Inserts a segment after the first marker of a JPEG.
pub fn with_segment(jpeg: &[u8], code: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xFF, code], &length, body, &jpeg[2..]].concat()
}

/// Adds EXIF metadata with a location to a JPEG.
pub fn with_gps(jpeg: &[u8]) -> Vec<u8> {
    with_orientation(jpeg, 1)
}

/// Adds EXIF metadata with this orientation and a location to a JPEG.
pub fn with_orientation(jpeg: &[u8], orientation: u16) -> Vec<u8> {
    let body = [
        b"Exif\0\0",
        exif(orientation, orientation.is_multiple_of(2)).as_slice(),
    ]
    .concat();
    with_segment(jpeg, 0xE1, &body)
}

/// Inserts a chunk after the header of a PNG.
pub fn with_chunk(png: &[u8], name: [u8; 4], body: &[u8]) -> Vec<u8> {
    [&png[..33], &chunk(name, body), &png[33..]].concat()
}

/// Returns a PNG chunk.
pub fn chunk(name: [u8; 4], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    let named = [&name, body].concat();
    let sum = crc32fast::hash(&named).to_be_bytes();
    [&length, named.as_slice(), &sum].concat()
}

/// Returns an uncompressed interlaced PNG (Adam7) with 4 bytes per pixel.
pub fn interlaced_png(width: u32, height: u32, pixels: &[u8]) -> Vec<u8> {
    let mut rows = Vec::new();
    let passes = [
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ];
    let (column_count, row_count) = (width as usize, height as usize);
    for (left, top, right, below) in passes {
        for y in (top..row_count).step_by(below) {
            rows.push(0);
            for x in (left..column_count).step_by(right) {
                let at = (y * column_count + x) * 4;
                rows.extend_from_slice(&pixels[at..at + 4]);
            }
        }
    }
    let (width, height) = (width.to_be_bytes(), height.to_be_bytes());
    let head = [width.as_slice(), &height, &[8, 6, 0, 0, 1]].concat();
    let signature = png(1, 1)[..8].to_vec();
    let chunks = [
        chunk(*b"IHDR", &head),
        chunk(*b"IDAT", &uncompressed_zlib(&rows)),
        chunk(*b"IEND", &[]),
    ];
    [signature, chunks.concat()].concat()
}

/// Encodes bytes as uncompressed zlib blocks (RFC 1950 and 1951).
fn uncompressed_zlib(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 1];
    let mut blocks = bytes.chunks(0xFFFF).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap();
        out.push(u8::from(blocks.peek().is_none()));
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&(!length).to_le_bytes());
        out.extend_from_slice(block);
    }
    let (mut a, mut b) = (1_u32, 0_u32);
    for byte in bytes {
        a = (a + u32::from(*byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    out.extend_from_slice(&(b << 16 | a).to_be_bytes());
    out
}

/// Converts a simple WebP to an extended file with these chunks after the pixels.
pub fn extended_webp(
    webp: &[u8],
    size: (u32, u32),
    flags: u8,
    chunks: &[(&[u8; 4], &[u8])],
) -> Vec<u8> {
    let mut file = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0".to_vec();
    file.extend([flags, 0, 0, 0]);
    file.extend(&(size.0 - 1).to_le_bytes()[..3]);
    file.extend(&(size.1 - 1).to_le_bytes()[..3]);
    file.extend(&webp[12..]);
    for (name, body) in chunks {
        file.extend(*name);
        file.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
        file.extend(*body);
        file.extend(vec![0; body.len() % 2]);
    }
    let length = u32::try_from(file.len() - 8).unwrap().to_le_bytes();
    file[4..8].copy_from_slice(&length);
    file
}

/// Limits that accept all samples.
pub const LIMITS: Limits = Limits { pixels: 25_000_000 };

/// Cleans a file in chunks of this size.
pub fn clean_in_chunks(file: &[u8], piece: usize) -> Result<(Vec<u8>, Header), String> {
    let mut cleaner = Cleaner::new(LIMITS);
    let mut output = Vec::new();
    for piece in file.chunks(piece) {
        let pieces = cleaner.push(Bytes::copy_from_slice(piece));
        output.extend(
            pieces
                .map_err(|cleaning_error| cleaning_error.0.to_string())?
                .concat(),
        );
    }
    let accepted = cleaner
        .finish()
        .map_err(|cleaning_error| cleaning_error.0.to_string())?;
    output.extend(accepted.rest());
    Ok((output, accepted.header))
}

/// Cleans a file. Fails unless the result is the same for various chunk sizes.
pub fn clean(file: &[u8]) -> (Vec<u8>, Header) {
    let whole = clean_in_chunks(file, file.len().max(1)).unwrap();
    for piece in [1, 2, 3, 7, 61] {
        assert_eq!(
            clean_in_chunks(file, piece).unwrap(),
            whole,
            "pieces of {piece}"
        );
    }
    whole
}

/// Returns the error for a file that the cleaner refuses.
pub fn cleaning_error(file: &[u8]) -> String {
    let whole = clean_in_chunks(file, file.len().max(1)).unwrap_err();
    assert_eq!(clean_in_chunks(file, 1).unwrap_err(), whole);
    whole
}

/// Whether a file contains these bytes.
pub fn contains(file: &[u8], what: &[u8]) -> bool {
    file.windows(what.len()).any(|window| window == what)
}

/// Decodes a file with third-party decoders.
pub fn decoded(file: &[u8], kind: Kind) -> Vec<u8> {
    match kind {
        // `zune-jpeg` misreads the subsampling of separate scans, which this encoder writes.
        Kind::Jpeg => jpeg_decoder::Decoder::new(Cursor::new(file))
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

/// Returns the placeholder of a cleaned image.
pub fn placeholder(file: &[u8], header: Header) -> Result<String, Failure> {
    examine(header, Cursor::new(file), LIMITS)
}

/// Returns all resized versions of a cleaned image.
pub fn sizes(file: &[u8], header: Header) -> Vec<GeneratedSize> {
    let mut all = Vec::new();
    make_sizes(header, Cursor::new(file), LIMITS, |made| {
        all.push(made);
        ControlFlow::Continue(())
    })
    .unwrap();
    all
}
