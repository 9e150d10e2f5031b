//! Downscales an image by an integer factor row by row, so that it need not be in memory as a whole.

use super::raster::{Format, Raster};

/// The maximum factor: the sums of a block of 256 x 256 pixels of 255 times 255 fit into 32 bits.
pub const MAX_FACTOR: u32 = 256;

/// The channels of a row.
#[derive(Clone, Copy, Debug)]
pub enum Layout {
    Grey,
    GreyAlpha,
    Rgb,
    Rgba,
    Cmyk,
}

impl Layout {
    /// Returns the number of bytes per pixel.
    pub fn channels(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::GreyAlpha => 2,
            Self::Rgb => 3,
            Self::Rgba | Self::Cmyk => 4,
        }
    }

    /// Returns the format of the downscaled pixels.
    pub fn format(self) -> Format {
        match self {
            Self::Grey | Self::Rgb => Format::Rgb,
            Self::GreyAlpha | Self::Rgba => Format::Rgba,
            Self::Cmyk => Format::Cmyk,
        }
    }

    pub fn is_grey(self) -> bool {
        matches!(self, Self::Grey | Self::GreyAlpha)
    }

    pub fn has_alpha(self) -> bool {
        matches!(self, Self::GreyAlpha | Self::Rgba)
    }
}

/// Averages blocks of `factor` by `factor` pixels.
pub struct Reducer {
    layout: Layout,
    factor: usize,
    size: (u32, u32),
    /// For each block of the current row of blocks: red, green and blue, each weighted by alpha, and alpha. Or four
    /// inks.
    sums: Vec<[u32; 4]>,
    rows: usize,
    pixels: Vec<u8>,
}

impl Reducer {
    /// Creates a reducer for an image of this size.
    pub fn new(size: (u32, u32), layout: Layout, factor: u32) -> Self {
        let factor = factor.clamp(1, MAX_FACTOR);
        let (width, height) = (size.0.div_ceil(factor), size.1.div_ceil(factor));
        let channels = layout.format().channels();
        Self {
            layout,
            factor: factor as usize,
            size,
            sums: vec![[0; 4]; width as usize],
            rows: 0,
            pixels: Vec::with_capacity(width as usize * height as usize * channels),
        }
    }

    pub fn push(&mut self, row: &[u8]) {
        match (self.layout, self.factor) {
            (Layout::Rgb | Layout::Rgba | Layout::Cmyk, 1) => {
                self.pixels.extend_from_slice(row);
                return;
            }
            (Layout::Grey, _) => self.add(row, |[grey]: [u8; 1]| [grey, grey, grey, 255]),
            (Layout::GreyAlpha, _) => {
                self.add(row, |[grey, alpha]: [u8; 2]| [grey, grey, grey, alpha]);
            }
            (Layout::Rgb, _) => {
                self.add(row, |[red, green, blue]: [u8; 3]| [red, green, blue, 255]);
            }
            (Layout::Rgba, _) => self.add(row, |pixel: [u8; 4]| pixel),
            (Layout::Cmyk, _) => self.add_inks(row),
        }
        self.rows += 1;
        if self.rows == self.factor {
            self.flush();
        }
    }

    pub fn finish(mut self) -> Raster {
        if self.rows > 0 {
            self.flush();
        }
        let (width, height) = self.size;
        let factor = u32::try_from(self.factor).unwrap_or(MAX_FACTOR);
        Raster {
            width: width.div_ceil(factor),
            height: height.div_ceil(factor),
            // The last blocks of a row and a column may be smaller than the others.
            covered: (
                f64::from(width) / f64::from(factor),
                f64::from(height) / f64::from(factor),
            ),
            format: self.layout.format(),
            pixels: self.pixels,
        }
    }

    fn add<const N: usize>(&mut self, row: &[u8], spread: impl Fn([u8; N]) -> [u8; 4]) {
        let (pixels, _) = row.as_chunks::<N>();
        let opaque = !self.layout.has_alpha();
        for (sums, block) in self.sums.iter_mut().zip(pixels.chunks(self.factor)) {
            for pixel in block {
                let [red, green, blue, alpha] = spread(*pixel).map(u32::from);
                let weight = if opaque { 1 } else { alpha };
                sums[0] += red * weight;
                sums[1] += green * weight;
                sums[2] += blue * weight;
                sums[3] += weight;
            }
        }
    }

    fn add_inks(&mut self, row: &[u8]) {
        let (pixels, _) = row.as_chunks::<4>();
        for (sums, block) in self.sums.iter_mut().zip(pixels.chunks(self.factor)) {
            for pixel in block {
                for (sum, ink) in sums.iter_mut().zip(pixel) {
                    *sum += u32::from(*ink);
                }
            }
        }
    }

    fn flush(&mut self) {
        let rows = u32::try_from(self.rows).unwrap_or(MAX_FACTOR);
        let mut columns = self.size.0;
        let factor = u32::try_from(self.factor).unwrap_or(MAX_FACTOR);
        for sums in &mut self.sums {
            let sums = std::mem::take(sums);
            let count = rows * columns.min(factor);
            columns = columns.saturating_sub(factor);
            if self.layout.format() == Format::Cmyk {
                self.pixels.extend(sums.map(|sum| mean(sum, count)));
                continue;
            }
            let [red, green, blue, weight] = sums;
            // A fully transparent block has no colour.
            let whole = weight.max(1);
            let colour = [red, green, blue].map(|sum| mean(sum, whole));
            self.pixels.extend_from_slice(&colour);
            if self.layout.has_alpha() {
                self.pixels.push(mean(weight, count));
            }
        }
        self.rows = 0;
    }
}

fn mean(sum: u32, count: u32) -> u8 {
    let count = u64::from(count.max(1));
    u8::try_from((u64::from(sum) + count / 2) / count).unwrap_or(255)
}
