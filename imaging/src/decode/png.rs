//! Decodes PNG, row by row if possible.

use super::super::DAMAGED;
use super::{Decoded, Layout, Reducer, Refusal, SeekBuffer, Space, damaged};

/// The maximum memory of the PNG decoder in bytes, besides the pixels.
const MEMORY: usize = 32 << 20;

pub fn decode(
    size: (u32, u32),
    source: &mut SeekBuffer<'_>,
    factor: u32,
) -> Result<Decoded, Refusal> {
    let limits = png::Limits { bytes: MEMORY };
    let mut decoder = png::Decoder::new_with_limits(source, limits);
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(damaged)?;
    let info = reader.info();
    if info.size() != size {
        return Err(DAMAGED);
    }
    let interlaced = info.interlaced;
    let layout = match reader.output_color_type() {
        (png::ColorType::Grayscale, png::BitDepth::Eight) => Layout::Grey,
        (png::ColorType::GrayscaleAlpha, png::BitDepth::Eight) => Layout::GreyAlpha,
        (png::ColorType::Rgb, png::BitDepth::Eight) => Layout::Rgb,
        (png::ColorType::Rgba, png::BitDepth::Eight) => Layout::Rgba,
        _ => return Err(DAMAGED),
    };
    let space = space(info, layout);
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
    let raster = reducer.finish();
    Ok(Decoded { raster, space })
}

/// Returns the colour space, by the chunk with the highest precedence.
fn space(info: &png::Info, layout: Layout) -> Space {
    if let Some(points) = &info.coding_independent_code_points {
        Space::code_points(points.color_primaries, points.transfer_function)
    } else if let Some(profile) = &info.icc_profile {
        Space::icc(profile, layout.format(), layout.is_grey())
    } else if let (None, Some(gamma)) = (info.srgb, info.gama_chunk) {
        let points = info.chrm_chunk.map(|points| {
            [points.white, points.red, points.green, points.blue]
                .map(|(x, y)| (x.into_value(), y.into_value()))
        });
        Space::gamma(gamma.into_value(), points)
    } else {
        Space::default()
    }
}
