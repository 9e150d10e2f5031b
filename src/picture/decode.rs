//! Decodes a cleaned picture, in bounded memory.

use std::io::{BufRead, Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};

use image_webp::WebPDecoder;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::raster::Raster;
use super::reduce::{Layout, Reducer};
use super::source::Source;
use super::{ANIMATED, DAMAGED, Failure, Header, Kind, Limits, MAX_SIDE, Refusal};

/// Bytes of a colour profile that is passed on to smaller sizes.
const SMALL_PROFILE: usize = 32 * 1024;
/// Bytes that the decoder of PNG may take besides the pixels.
const PNG_MEMORY: usize = 32 << 20;

/// What came of decoding.
pub struct Decoded {
    /// As it is stored, not yet upright.
    pub raster: Raster,
    /// Of the pixels, when it is small and for RGB.
    pub profile: Option<Vec<u8>>,
}

/// Decodes a picture to its end, reduced by a whole number.
pub fn decode(
    header: Header,
    reader: impl BufRead + Seek,
    limits: Limits,
    factor: u32,
) -> Result<Decoded, Failure> {
    let (width, height) = header.stored();
    limits.check(width, height)?;
    let mut source = Source::new(reader).map_err(Failure::Io)?;
    // The decoders are well kept, and their input is a stranger's.
    let decoded = catch_unwind(AssertUnwindSafe(|| match header.kind {
        Kind::Jpeg => jpeg((width, height), &mut source, factor),
        Kind::Png => png((width, height), &mut source, factor),
        Kind::WebP => webp((width, height), &mut source, factor),
    }));
    let decoded = decoded.unwrap_or_else(|_| {
        tracing::error!(kind = ?header.kind, width, height, "a decoder panicked");
        Err(DAMAGED)
    });
    match source.fault() {
        Some(fault) => Err(Failure::Io(fault)),
        None => Ok(decoded?),
    }
}

/// What a decoder has against a picture is of no use to its owner.
fn damaged<E>(_: E) -> Refusal {
    DAMAGED
}

fn jpeg(
    size: (u32, u32),
    source: &mut Source<impl Read + Seek>,
    factor: u32,
) -> Result<Decoded, Refusal> {
    let options = DecoderOptions::default()
        .set_max_width(MAX_SIDE as usize)
        .set_max_height(MAX_SIDE as usize)
        // Otherwise what can't be read is grey.
        .set_strict_mode(true)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(source, options);
    decoder.decode_headers().map_err(damaged)?;
    let info = decoder.info().ok_or(DAMAGED)?;
    let length = decoder.output_buffer_size().ok_or(DAMAGED)?;
    let expected = size.0 as usize * size.1 as usize * 3;
    if (u32::from(info.width), u32::from(info.height)) != size || length != expected {
        return Err(DAMAGED);
    }
    let mut pixels = vec![0; length];
    decoder.decode_into(&mut pixels).map_err(damaged)?;
    Ok(Decoded {
        profile: decoder.icc_profile().and_then(usable),
        raster: reduce(size, Layout::Rgb, factor, pixels),
    })
}

fn png(
    size: (u32, u32),
    source: &mut Source<impl Read + Seek>,
    factor: u32,
) -> Result<Decoded, Refusal> {
    let limits = png::Limits { bytes: PNG_MEMORY };
    let mut decoder = png::Decoder::new_with_limits(source, limits);
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(damaged)?;
    let info = reader.info();
    if info.size() != size {
        return Err(DAMAGED);
    }
    let interlaced = info.interlaced;
    let profile = info.icc_profile.as_deref().map(<[u8]>::to_vec);
    let layout = match reader.output_color_type() {
        (png::ColorType::Grayscale, png::BitDepth::Eight) => Layout::Grey,
        (png::ColorType::GrayscaleAlpha, png::BitDepth::Eight) => Layout::GreyAlpha,
        (png::ColorType::Rgb, png::BitDepth::Eight) => Layout::Rgb,
        (png::ColorType::Rgba, png::BitDepth::Eight) => Layout::Rgba,
        _ => return Err(DAMAGED),
    };
    let mut reducer = Reducer::new(size, layout, factor);
    if interlaced {
        let mut pixels = vec![0; reader.output_buffer_size().ok_or(DAMAGED)?];
        let frame = reader.next_frame(&mut pixels).map_err(damaged)?;
        for row in pixels.chunks_exact(frame.line_size) {
            reducer.push(row);
        }
    } else {
        while let Some(row) = reader.next_row().map_err(damaged)? {
            reducer.push(row.data());
        }
    }
    reader.finish().map_err(damaged)?;
    Ok(Decoded {
        raster: reducer.finish(),
        profile: profile.and_then(usable),
    })
}

fn webp(
    size: (u32, u32),
    source: &mut Source<impl Read + Seek>,
    factor: u32,
) -> Result<Decoded, Refusal> {
    let mut decoder = WebPDecoder::new(source).map_err(damaged)?;
    if decoder.is_animated() {
        return Err(ANIMATED);
    }
    if decoder.dimensions() != size {
        return Err(DAMAGED);
    }
    let mut pixels = vec![0; decoder.output_buffer_size().ok_or(DAMAGED)?];
    decoder.read_image(&mut pixels).map_err(damaged)?;
    let layout = if decoder.has_alpha() {
        Layout::Rgba
    } else {
        Layout::Rgb
    };
    decoder.set_memory_limit(SMALL_PROFILE);
    let profile = decoder.icc_profile().ok().flatten();
    Ok(Decoded {
        profile: profile.and_then(usable),
        raster: reduce(size, layout, factor, pixels),
    })
}

/// Reduces pixels that are in memory.
fn reduce(size: (u32, u32), layout: Layout, factor: u32, pixels: Vec<u8>) -> Raster {
    if factor <= 1 {
        return Raster {
            width: size.0,
            height: size.1,
            covered: (f64::from(size.0), f64::from(size.1)),
            alpha: layout.has_alpha(),
            pixels,
        };
    }
    let channels = if layout.has_alpha() { 4 } else { 3 };
    let mut reducer = Reducer::new(size, layout, factor);
    for row in pixels.chunks_exact(size.0 as usize * channels) {
        reducer.push(row);
    }
    reducer.finish()
}

/// A profile that is small, and not for other than RGB: the pixels are RGB by now.
fn usable(profile: Vec<u8>) -> Option<Vec<u8>> {
    let small = profile.len() <= SMALL_PROFILE;
    let rgb = profile.get(16..20) == Some(b"RGB ") && profile.get(36..40) == Some(b"acsp");
    (small && rgb).then_some(profile)
}
