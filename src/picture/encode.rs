//! Writes pixels as files.

use std::borrow::Cow;

use anyhow::{Context, anyhow};
use jpeg_encoder::ColorType;

use super::Kind;
use super::raster::Raster;

const WEBP_QUALITY: f32 = 80.0;
const JPEG_QUALITY: u8 = 82;

/// A picture as a file of a kind.
pub fn encode(raster: &Raster, kind: Kind, profile: Option<&[u8]>) -> anyhow::Result<Vec<u8>> {
    match kind {
        Kind::Jpeg => jpeg(raster, profile).context("can't write a JPEG"),
        Kind::Png => png(raster, profile).context("can't write a PNG"),
        Kind::WebP => {
            let file = webp(raster, WEBP_QUALITY)?;
            match profile {
                Some(profile) => with_profile(&file, raster, profile).context("can't write a WebP"),
                None => Ok(file),
            }
        }
    }
}

/// A WebP of a quality from 0 to 100.
pub fn webp(raster: &Raster, quality: f32) -> anyhow::Result<Vec<u8>> {
    let layout = if raster.alpha {
        webp::PixelLayout::Rgba
    } else {
        webp::PixelLayout::Rgb
    };
    let encoder = webp::Encoder::new(&raster.pixels, layout, raster.width, raster.height);
    let mut options = webp::WebPConfig::new().map_err(|()| anyhow!("no options for a WebP"))?;
    options.quality = quality;
    // Otherwise what is to be written is in memory once more, larger than the pixels.
    options.low_memory = 1;
    let file = encoder.encode_advanced(&options);
    let file = file.map_err(|error| anyhow!("can't write a WebP: {error:?}"))?;
    Ok(file.to_vec())
}

fn jpeg(raster: &Raster, profile: Option<&[u8]>) -> anyhow::Result<Vec<u8>> {
    let mut file = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut file, JPEG_QUALITY);
    encoder.set_optimized_huffman_tables(true);
    if let Some(profile) = profile {
        encoder.add_icc_profile(profile)?;
    }
    let (width, height) = (raster.width.try_into()?, raster.height.try_into()?);
    encoder.encode(&raster.pixels, width, height, ColorType::Rgb)?;
    Ok(file)
}

fn png(raster: &Raster, profile: Option<&[u8]>) -> anyhow::Result<Vec<u8>> {
    let mut file = Vec::new();
    let mut info = png::Info::with_size(raster.width, raster.height);
    info.bit_depth = png::BitDepth::Eight;
    info.color_type = if raster.alpha {
        png::ColorType::Rgba
    } else {
        png::ColorType::Rgb
    };
    info.icc_profile = profile.map(Cow::Borrowed);
    let mut writer = png::Encoder::with_info(&mut file, info)?.write_header()?;
    writer.write_image_data(&raster.pixels)?;
    writer.finish()?;
    Ok(file)
}

/// The same WebP with a colour profile, which the encoder does not write.
fn with_profile(file: &[u8], raster: &Raster, profile: &[u8]) -> anyhow::Result<Vec<u8>> {
    const HAS_PROFILE: u8 = 0x20;
    let (flags, pixels) = match file.get(12..16) {
        Some(b"VP8X") => (file.get(20).copied(), file.get(30..)),
        _ => (Some(0), file.get(12..)),
    };
    let (flags, pixels) = flags.zip(pixels).context("no picture in the file")?;
    let mut made = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0".to_vec();
    made.extend_from_slice(&[flags | HAS_PROFILE, 0, 0, 0]);
    made.extend_from_slice(&(raster.width - 1).to_le_bytes()[..3]);
    made.extend_from_slice(&(raster.height - 1).to_le_bytes()[..3]);
    made.extend_from_slice(b"ICCP");
    made.extend_from_slice(&u32::try_from(profile.len())?.to_le_bytes());
    made.extend_from_slice(profile);
    if !profile.len().is_multiple_of(2) {
        made.push(0);
    }
    made.extend_from_slice(pixels);
    let length = u32::try_from(made.len() - 8)?.to_le_bytes();
    made[4..8].copy_from_slice(&length);
    Ok(made)
}
