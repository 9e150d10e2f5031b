//! Draws the demo catalogue's pictures: one motif in two colours, as a PNG with a palette.

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::catalogue::{DemoImage, Motif};

/// Pixels a side.
pub const SIDE: u32 = 640;
/// Pixels a side of the placeholder.
const TINY: u32 = 12;

/// A drawn picture.
#[derive(Debug)]
pub struct Picture {
    /// The file.
    pub png: Vec<u8>,
    /// A tiny version of it as a `data:` URI.
    pub placeholder: String,
}

/// Draws a picture.
///
/// # Errors
/// When the encoder fails, which it does not on pictures of this size.
pub fn draw(image: &DemoImage) -> anyhow::Result<Picture> {
    let tiny = STANDARD.encode(encode(image, TINY)?);
    Ok(Picture {
        png: encode(image, SIDE)?,
        placeholder: format!("data:image/png;base64,{tiny}"),
    })
}

fn encode(image: &DemoImage, side: u32) -> anyhow::Result<Vec<u8>> {
    let (background, foreground) = image.colours;
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, side, side);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::One);
    // A newcomer waits for this at the first start.
    encoder.set_compression(png::Compression::Fast);
    encoder.set_palette([rgb(background), rgb(foreground)].concat());
    let mut writer = encoder.write_header().context("can't draw a picture")?;
    writer
        .write_image_data(&pixels(image.motif, side))
        .context("can't draw a picture")?;
    writer.finish().context("can't draw a picture")?;
    Ok(file)
}

/// The rows, a bit a pixel, each row filled up to whole bytes.
fn pixels(motif: Motif, side: u32) -> Vec<u8> {
    let mut rows = Vec::new();
    for y in 0..side {
        for start in (0..side).step_by(8) {
            let bit =
                |byte: u8, x: u32| byte << 1 | u8::from(x < side && inside(motif, x, y, side));
            rows.push((start..start + 8).fold(0, bit));
        }
    }
    rows
}

/// Whether a pixel belongs to the figure. The centre of the pixel is measured in hundredths of the side.
fn inside(motif: Motif, x: u32, y: u32, side: u32) -> bool {
    let hundredth = |place: u32| i64::from((place * 100 + 50) / side) - 50;
    let (x, y) = (hundredth(x), hundredth(y));
    let distance = x * x + y * y;
    match motif {
        Motif::Disc => distance <= 30 * 30,
        Motif::Ring => (20 * 20..=32 * 32).contains(&distance),
        Motif::Stripes => y.abs() <= 36 && (x + 50) / 10 % 2 == 0,
        Motif::Chequers => ((x + 50) / 20 + (y + 50) / 20) % 2 == 0,
        Motif::Diamond => x.abs() + y.abs() <= 36,
        Motif::Hills => y > 8 - (x * (40 - x)) / 60 || (x - 20).pow(2) + (y + 28).pow(2) <= 64,
    }
}

fn rgb(colour: u32) -> [u8; 3] {
    let [_, red, green, blue] = colour.to_be_bytes();
    [red, green, blue]
}
