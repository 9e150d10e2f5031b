//! Draws the demo images: one motif in two colors, as a PNG with a palette.

use std::collections::HashMap;

use anyhow::{Context, bail};

/// Width and height in pixels.
const SIDE: u32 = 640;

/// The figure on an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Motif {
    Disc,
    Ring,
    Stripes,
    Chequers,
    Diamond,
    Hills,
}

/// Draws images. There are few figures, which are drawn once; images differ by their colours.
#[derive(Debug, Default)]
pub struct Painter {
    figures: HashMap<Motif, Vec<u8>>,
}

impl Painter {
    /// Returns the file of an image. `colors` are background and foreground, as `RRGGBB`.
    pub fn draw(&mut self, motif: &str, colors: [&str; 2]) -> anyhow::Result<Vec<u8>> {
        let motif = self::motif(motif)?;
        let figure = self.figures.entry(motif);
        let figure = figure.or_insert_with(|| pixels(motif, SIDE));
        let [background, foreground] = colors.map(rgb);
        let palette = [background?, foreground?].concat();
        encode(figure, palette, SIDE).context("can't draw an image")
    }
}

fn motif(name: &str) -> anyhow::Result<Motif> {
    Ok(match name {
        "disc" => Motif::Disc,
        "ring" => Motif::Ring,
        "stripes" => Motif::Stripes,
        "chequers" => Motif::Chequers,
        "diamond" => Motif::Diamond,
        "hills" => Motif::Hills,
        _ => bail!("there is no motif {name:?}"),
    })
}

fn encode(pixels: &[u8], palette: Vec<u8>, side: u32) -> Result<Vec<u8>, png::EncodingError> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, side, side);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::One);
    // Fast, because a new developer waits for these images.
    encoder.set_compression(png::Compression::Fast);
    encoder.set_palette(palette);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(file)
}

/// Rasterizes a motif: one bit per pixel, each row padded to whole bytes.
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

/// Whether a pixel belongs to the motif. Coordinates are in thousandths of the side, relative to the center.
fn inside(motif: Motif, x: u32, y: u32, side: u32) -> bool {
    let coordinate = |pixel: u32| i64::from((pixel * 1_000 + 500) / side) - 500;
    let (x, y) = (coordinate(x), coordinate(y));
    let distance = x * x + y * y;
    match motif {
        Motif::Disc => distance <= 300 * 300,
        Motif::Ring => (200 * 200..=320 * 320).contains(&distance),
        Motif::Stripes => y.abs() <= 360 && (x + 550) / 100 % 2 == 1,
        Motif::Chequers => ((x + 500) / 200 + (y + 500) / 200) % 2 == 0,
        Motif::Diamond => x.abs() + y.abs() <= 360,
        Motif::Hills => {
            let sun = (x - 200).pow(2) + (y + 280).pow(2) <= 80 * 80;
            sun || y > 80 - (x * (400 - x)) / 600
        }
    }
}

fn rgb(colour: &str) -> anyhow::Result<[u8; 3]> {
    let colour = u32::from_str_radix(colour, 16).with_context(|| format!("colour {colour:?}"))?;
    let [_, red, green, blue] = colour.to_be_bytes();
    Ok([red, green, blue])
}
