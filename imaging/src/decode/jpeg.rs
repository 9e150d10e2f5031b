//! Decodes JPEG with a fast decoder, or with a slower one for unusual sampling factors.

use std::io::{Seek, SeekFrom};

use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::super::{DAMAGED, MAX_SIDE};
use super::frame::Frame;
use super::{Decoded, Layout, Refusal, SeekBuffer, Space, damaged, reduce};

/// All pixels of an image.
pub struct Image {
    pub pixels: Vec<u8>,
    layout: Layout,
    profile: Option<Vec<u8>>,
}

pub fn decode(
    size: (u32, u32),
    source: &mut SeekBuffer<'_>,
    factor: u32,
) -> Result<Decoded, Refusal> {
    let image = pixels(size, source)?;
    let (format, grey) = (image.layout.format(), image.layout.is_grey());
    let space = image.profile.map(|icc| Space::icc(&icc, format, grey));
    Ok(Decoded {
        raster: reduce(size, image.layout, factor, image.pixels),
        space: space.unwrap_or_default(),
    })
}

pub fn pixels(size: (u32, u32), source: &mut SeekBuffer<'_>) -> Result<Image, Refusal> {
    let frame = Frame::read(source)?;
    source.seek(SeekFrom::Start(0)).map_err(damaged)?;
    let image = if frame.is_supported_by_fast_decoder() {
        fast(size, source)?
    } else {
        decode_slow(size, source)?
    };
    let expected = size.0 as usize * size.1 as usize * image.layout.channels();
    if image.pixels.len() != expected {
        return Err(DAMAGED);
    }
    Ok(image)
}

fn fast(size: (u32, u32), source: &mut SeekBuffer<'_>) -> Result<Image, Refusal> {
    let options = DecoderOptions::default()
        .set_max_width(MAX_SIDE as usize)
        .set_max_height(MAX_SIDE as usize)
        // Otherwise unreadable parts become grey.
        .set_strict_mode(true)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(source, options);
    decoder.decode_headers().map_err(damaged)?;
    let info = decoder.info().ok_or(DAMAGED)?;
    if (u32::from(info.width), u32::from(info.height)) != size {
        return Err(DAMAGED);
    }
    let space = decoder.input_colorspace().ok_or(DAMAGED)?;
    let (layout, out) = match space {
        ColorSpace::Luma => (Layout::Grey, ColorSpace::Luma),
        ColorSpace::CMYK | ColorSpace::YCCK => (Layout::Cmyk, space),
        _ => (Layout::Rgb, ColorSpace::RGB),
    };
    decoder.set_options(options.jpeg_set_out_colorspace(out));
    let mut pixels = vec![0; decoder.output_buffer_size().ok_or(DAMAGED)?];
    decoder.decode_into(&mut pixels).map_err(damaged)?;
    match space {
        ColorSpace::CMYK => invert(&mut pixels),
        ColorSpace::YCCK => convert_ycck(&mut pixels),
        _ => {}
    }
    Ok(Image {
        pixels,
        layout,
        profile: decoder.icc_profile(),
    })
}

fn decode_slow(size: (u32, u32), source: &mut SeekBuffer<'_>) -> Result<Image, Refusal> {
    let mut decoder = jpeg_decoder::Decoder::new(source);
    decoder.read_info().map_err(damaged)?;
    let info = decoder.info().ok_or(DAMAGED)?;
    if (u32::from(info.width), u32::from(info.height)) != size {
        return Err(DAMAGED);
    }
    let layout = match info.pixel_format {
        jpeg_decoder::PixelFormat::L8 => Layout::Grey,
        jpeg_decoder::PixelFormat::RGB24 => Layout::Rgb,
        jpeg_decoder::PixelFormat::CMYK32 => Layout::Cmyk,
        jpeg_decoder::PixelFormat::L16 => return Err(DAMAGED),
    };
    decoder.set_max_decoding_buffer_size(size.0 as usize * size.1 as usize * layout.channels());
    let pixels = decoder.decode().map_err(damaged)?;
    Ok(Image {
        pixels,
        layout,
        profile: decoder.icc_profile(),
    })
}

/// Inverts CMYK: Adobe's programs store 255 minus ink, and all others follow.
fn invert(pixels: &mut [u8]) {
    for value in pixels {
        *value = !*value;
    }
}

/// Converts YCCK to CMYK. The first three values are YCC; converted to RGB they are the ink, because inks are stored
/// inverted.
fn convert_ycck(pixels: &mut [u8]) {
    for [first, second, third, black] in pixels.as_chunks_mut().0 {
        let light = i32::from(*first);
        let (blue, red) = (i32::from(*second) - 128, i32::from(*third) - 128);
        // By the factors of JFIF, in 65,536ths.
        let colour = [
            light + ((91_881 * red + 32_768) >> 16),
            light - ((22_554 * blue + 46_802 * red + 32_768) >> 16),
            light + ((116_130 * blue + 32_768) >> 16),
        ];
        [*first, *second, *third] =
            colour.map(|value| u8::try_from(value.clamp(0, 255)).unwrap_or(u8::MAX));
        *black = !*black;
    }
}
