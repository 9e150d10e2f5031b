//! Encodes pixels as files.

use anyhow::{Context, anyhow};
use jpeg_encoder::ColorType;

use super::Kind;
use super::raster::Raster;

const WEBP_QUALITY: f32 = 80.0;
const JPEG_QUALITY: u8 = 82;

/// Encodes an sRGB image.
pub fn encode(raster: &Raster, kind: Kind) -> anyhow::Result<Vec<u8>> {
    match kind {
        Kind::Jpeg => jpeg(raster).context("can't encode a JPEG"),
        Kind::Png => png(raster).context("can't encode a PNG"),
        Kind::WebP => webp(raster, WEBP_QUALITY),
    }
}

/// Encodes a WebP with a quality from 0 to 100.
pub fn webp(raster: &Raster, quality: f32) -> anyhow::Result<Vec<u8>> {
    let layout = if raster.has_alpha() {
        webp::PixelLayout::Rgba
    } else {
        webp::PixelLayout::Rgb
    };
    let encoder = webp::Encoder::new(&raster.pixels, layout, raster.width, raster.height);
    let mut options =
        webp::WebPConfig::new().map_err(|()| anyhow!("can't create the options of a WebP"))?;
    options.quality = quality;
    // Otherwise the encoder holds the output in memory once more, larger than the pixels.
    options.low_memory = 1;
    let file = encoder.encode_advanced(&options);
    let file = file.map_err(|error| anyhow!("can't encode a WebP: {error:?}"))?;
    Ok(file.to_vec())
}

fn jpeg(raster: &Raster) -> anyhow::Result<Vec<u8>> {
    let mut file = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut file, JPEG_QUALITY);
    encoder.set_optimized_huffman_tables(true);
    let (width, height) = (raster.width.try_into()?, raster.height.try_into()?);
    encoder.encode(&raster.pixels, width, height, ColorType::Rgb)?;
    Ok(file)
}

fn png(raster: &Raster) -> anyhow::Result<Vec<u8>> {
    let mut file = Vec::new();
    let mut info = png::Info::with_size(raster.width, raster.height);
    info.bit_depth = png::BitDepth::Eight;
    info.color_type = if raster.has_alpha() {
        png::ColorType::Rgba
    } else {
        png::ColorType::Rgb
    };
    let mut writer = png::Encoder::with_info(&mut file, info)?.write_header()?;
    writer.write_image_data(&raster.pixels)?;
    writer.finish()?;
    Ok(file)
}
