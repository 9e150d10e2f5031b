//! Decodes WebP.

use image_webp::WebPDecoder;

use super::super::{ANIMATED, DAMAGED, MAX_PROFILE};
use super::{Decoded, Layout, Refusal, SeekBuffer, Space, damaged, reduce};

pub fn decode(
    size: (u32, u32),
    source: &mut SeekBuffer<'_>,
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
    let raster = reduce(size, layout, factor, pixels);
    decoder.set_memory_limit(MAX_PROFILE);
    let profile = decoder.icc_profile().ok().flatten();
    let space = profile.map(|profile| Space::icc(&profile, layout.format(), false));
    Ok(Decoded {
        raster,
        space: space.unwrap_or_default(),
    })
}
