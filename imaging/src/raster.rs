//! Pixels in memory.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::{U8x3, U8x4};
use fast_image_resize::{FilterType, PixelTrait, ResizeAlg, ResizeOptions, Resizer};

use super::Orientation;

/// The channels of a pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Rgb,
    Rgba,
    /// Inks, from 0 for none to 255.
    Cmyk,
}

impl Format {
    pub fn channels(self) -> usize {
        match self {
            Self::Rgb => 3,
            Self::Rgba | Self::Cmyk => 4,
        }
    }
}

/// Pixels of three or four bytes.
pub struct Raster {
    pub width: u32,
    pub height: u32,
    /// The part of width and height that the image covers, from the upper left.
    pub covered: (f64, f64),
    pub format: Format,
    pub pixels: Vec<u8>,
}

impl Raster {
    pub fn has_alpha(&self) -> bool {
        self.format == Format::Rgba
    }

    /// Resizes to another size.
    pub fn resized(&self, width: u32, height: u32) -> anyhow::Result<Self> {
        let mut pixels = vec![0; width as usize * height as usize * self.format.channels()];
        match self.format {
            Format::Rgb => self.resize::<U8x3>(width, height, &mut pixels)?,
            Format::Rgba | Format::Cmyk => self.resize::<U8x4>(width, height, &mut pixels)?,
        }
        Ok(Self {
            width,
            height,
            covered: (f64::from(width), f64::from(height)),
            format: self.format,
            pixels,
        })
    }

    /// Resizes into a buffer. The type of the pixels is static, because the library's dynamic type would compile its code
    /// for 18 types of pixels, which takes minutes.
    fn resize<P: PixelTrait>(&self, width: u32, height: u32, to: &mut [u8]) -> anyhow::Result<()> {
        let from = TypedImageRef::<P>::from_buffer(self.width, self.height, &self.pixels)?;
        let mut to = TypedImage::<P>::from_buffer(width, height, to)?;
        let options = ResizeOptions::new()
            .resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3))
            .use_alpha(self.has_alpha())
            .crop(0.0, 0.0, self.covered.0, self.covered.1);
        Resizer::new().resize_typed(&from, &mut to, &options)?;
        Ok(())
    }

    /// Rotates and mirrors for display. The result covers its whole size.
    pub fn upright(self, orientation: Orientation) -> Self {
        if orientation == Orientation::UPRIGHT {
            return self;
        }
        let channels = self.format.channels();
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
            format: self.format,
            pixels,
        }
    }

    /// Removes the alpha channel if all pixels are opaque.
    pub fn without_needless_alpha(mut self) -> Self {
        if self.has_alpha()
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
            self.format = Format::Rgb;
        }
        self
    }
}
