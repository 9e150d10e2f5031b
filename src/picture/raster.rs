//! Pixels in memory.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use super::Orientation;

/// Pixels of three bytes, or of four with alpha.
pub struct Raster {
    pub width: u32,
    pub height: u32,
    /// How much of width and height the picture covers, counted from the upper left.
    pub covered: (f64, f64),
    pub alpha: bool,
    pub pixels: Vec<u8>,
}

impl Raster {
    pub fn channels(&self) -> usize {
        if self.alpha { 4 } else { 3 }
    }

    /// The same in another size.
    pub fn resized(&self, width: u32, height: u32) -> anyhow::Result<Self> {
        let kind = if self.alpha {
            PixelType::U8x4
        } else {
            PixelType::U8x3
        };
        let from = ImageRef::new(self.width, self.height, &self.pixels, kind)?;
        let mut to = Image::new(width, height, kind);
        let options = ResizeOptions::new()
            .resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3))
            .crop(0.0, 0.0, self.covered.0, self.covered.1);
        Resizer::new().resize(&from, &mut to, &options)?;
        Ok(Self {
            width,
            height,
            covered: (f64::from(width), f64::from(height)),
            alpha: self.alpha,
            pixels: to.into_vec(),
        })
    }

    /// The same, turned as it is to be shown. It covers all of its sides.
    pub fn upright(self, orientation: Orientation) -> Self {
        if orientation == Orientation::UPRIGHT {
            return self;
        }
        let channels = self.channels();
        let stored = (self.width as usize, self.height as usize);
        let (width, height) = orientation.turn((self.width, self.height));
        let mut pixels = Vec::with_capacity(self.pixels.len());
        for y in 0..height as usize {
            for x in 0..width as usize {
                let (x, y) = orientation.stored_at((x, y), stored);
                let at = (y * stored.0 + x) * channels;
                pixels.extend_from_slice(&self.pixels[at..at + channels]);
            }
        }
        Self {
            width,
            height,
            covered: (f64::from(width), f64::from(height)),
            alpha: self.alpha,
            pixels,
        }
    }

    /// The same without alpha, when nothing shows through.
    pub fn without_needless_alpha(mut self) -> Self {
        if self.alpha
            && self
                .pixels
                .iter()
                .skip(3)
                .step_by(4)
                .all(|alpha| *alpha == 255)
        {
            let pixels = self.pixels.as_chunks::<4>().0;
            self.pixels = pixels
                .iter()
                .flat_map(|[r, g, b, _]| [*r, *g, *b])
                .collect();
            self.alpha = false;
        }
        self
    }
}
