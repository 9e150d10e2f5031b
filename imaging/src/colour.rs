//! Colour management: converts decoded pixels to sRGB by the image's colour information.
//!
//! An unusable profile is ignored. It never makes an image invalid.

use std::panic::{AssertUnwindSafe, catch_unwind};

use moxcms::{
    Chromaticity, CicpColorPrimaries, CicpProfile, ColorPrimaries, ColorProfile, DataColorSpace,
    Layout, MatrixCoefficients, TransferCharacteristics, Transform8BitExecutor, TransformOptions,
    curve_from_gamma,
};

use super::raster::{Format, Raster};

/// The gamma of sRGB in a PNG's `gAMA` chunk, and the tolerance for values that mean the same.
const SRGB_GAMMA: f32 = 0.454_55;
const SAME_GAMMA: f32 = 0.01;
/// The chromaticities of sRGB: white, red, green, blue.
const SRGB_POINTS: [(f32, f32); 4] = [(0.3127, 0.329), (0.64, 0.33), (0.3, 0.6), (0.15, 0.06)];
const SAME_POINT: f32 = 0.005;

/// The colour space of decoded pixels. Default: sRGB, or for CMYK the conversion that browsers use without a profile.
#[derive(Default)]
pub struct Space(Option<Box<ColorProfile>>);

impl Space {
    /// Reads an ICC profile. A profile for grey is only accepted if `grey` is true.
    pub fn icc(bytes: &[u8], format: Format, grey: bool) -> Self {
        let read = || ColorProfile::new_from_slice(bytes).ok();
        let profile = without_panic(read).flatten();
        Self(
            profile
                .map(Box::new)
                .filter(|profile| match (profile.color_space, format) {
                    (DataColorSpace::Cmyk, Format::Cmyk)
                    | (DataColorSpace::Rgb, Format::Rgb | Format::Rgba) => true,
                    (DataColorSpace::Gray, Format::Rgb | Format::Rgba) => grey,
                    _ => false,
                }),
        )
    }

    /// Returns the space of a `cICP` chunk, by the code points of ITU-T H.273. HDR transfer functions are treated as
    /// sRGB.
    pub fn code_points(primaries: u8, transfer: u8) -> Self {
        let Ok(color_primaries) = CicpColorPrimaries::try_from(primaries) else {
            return Self::default();
        };
        let transfer = match transfer {
            16 | 18 => Ok(TransferCharacteristics::Srgb),
            other => TransferCharacteristics::try_from(other),
        };
        let Ok(transfer_characteristics) = transfer else {
            return Self::default();
        };
        let profile = CicpProfile {
            color_primaries,
            transfer_characteristics,
            matrix_coefficients: MatrixCoefficients::Identity,
            full_range: true,
        };
        let profile = without_panic(|| ColorProfile::new_from_cicp(profile));
        Self(profile.filter(ColorProfile::is_matrix_shaper).map(Box::new))
    }

    /// Returns the space of a `gAMA` and a `cHRM` chunk: the exponent, and white, red, green and blue.
    pub fn gamma(gamma: f32, points: Option<[(f32, f32); 4]>) -> Self {
        let near = |one: f32, other: f32, tolerance: f32| (one - other).abs() <= tolerance;
        let points = points.unwrap_or(SRGB_POINTS);
        let same = points.iter().zip(SRGB_POINTS).all(|(one, other)| {
            near(one.0, other.0, SAME_POINT) && near(one.1, other.1, SAME_POINT)
        });
        let usable = points.iter().all(|point| point.0 > 0.0 && point.1 > 0.01);
        let usual = near(gamma, SRGB_GAMMA, SAME_GAMMA);
        if (same && usual) || !usable || !(0.1..=10.0).contains(&gamma) {
            return Self::default();
        }
        let build = || {
            let [white, red, green, blue] = points.map(|(x, y)| Chromaticity::new(x, y));
            let mut profile = ColorProfile::new_srgb();
            profile.update_rgb_colorimetry(white.to_xyyb(), ColorPrimaries { red, green, blue });
            let curve = if usual {
                profile.red_trc.clone()
            } else {
                Some(curve_from_gamma(1.0 / gamma))
            };
            profile.red_trc.clone_from(&curve);
            profile.green_trc.clone_from(&curve);
            profile.blue_trc = curve;
            profile
        };
        Self(without_panic(build).map(Box::new))
    }

    /// Converts pixels to sRGB, in RGB.
    pub fn convert(&self, raster: Raster) -> Raster {
        let converted = self
            .0
            .as_deref()
            .and_then(|profile| without_panic(|| by_profile(profile, &raster)).flatten());
        match (converted, raster.format) {
            (Some(pixels), Format::Rgba) => Raster { pixels, ..raster },
            (Some(pixels), _) => Raster {
                pixels,
                format: Format::Rgb,
                ..raster
            },
            (None, Format::Cmyk) => Raster {
                pixels: plain_cmyk(&raster.pixels),
                format: Format::Rgb,
                ..raster
            },
            (None, _) => raster,
        }
    }
}

/// Catches panics of the library, whose input is untrusted: the image is then displayed without its profile.
fn without_panic<T>(work: impl FnOnce() -> T) -> Option<T> {
    let done = catch_unwind(AssertUnwindSafe(work));
    if done.is_err() {
        tracing::error!("colour management panicked");
    }
    done.ok()
}

fn by_profile(profile: &ColorProfile, raster: &Raster) -> Option<Vec<u8>> {
    if profile.color_space == DataColorSpace::Gray {
        let curve = grey_curve(profile)?;
        let mut pixels = raster.pixels.clone();
        for pixel in pixels.chunks_exact_mut(raster.format.channels()) {
            for value in &mut pixel[..3] {
                *value = curve[usize::from(*value)];
            }
        }
        return Some(pixels);
    }
    let (from, to, darkest) = match raster.format {
        Format::Rgb => (Layout::Rgb, Layout::Rgb, [0; 4]),
        Format::Rgba => (Layout::Rgba, Layout::Rgba, [0, 0, 0, 255]),
        // The library's layout for four channels, here inks.
        Format::Cmyk => (Layout::Rgba, Layout::Rgb, [255; 4]),
    };
    let options = TransformOptions::default();
    let srgb = ColorProfile::new_srgb();
    let transform = profile.create_transform_8bit(from, &srgb, to, options);
    let transform = transform.ok()?;
    let mut black = [0; 4];
    let (darkest, black) = (&darkest[..from.channels()], &mut black[..to.channels()]);
    transform.transform(darkest, black).ok()?;
    let mut pixels = convert_rows(&*transform, raster, (from, to))?;
    if let Some(curve) = black_point(black) {
        for pixel in pixels.chunks_exact_mut(to.channels()) {
            for value in &mut pixel[..3] {
                *value = curve[usize::from(*value)];
            }
        }
    }
    Some(pixels)
}

fn convert_rows(
    transform: &Transform8BitExecutor,
    raster: &Raster,
    (from, to): (Layout, Layout),
) -> Option<Vec<u8>> {
    let width = raster.width as usize;
    let mut pixels = vec![0; raster.height as usize * width * to.channels()];
    let rows = raster.pixels.chunks_exact(width * from.channels());
    for (row, out) in rows.zip(pixels.chunks_exact_mut(width * to.channels())) {
        transform.transform(row, out).ok()?;
    }
    Some(pixels)
}

/// Returns a table from grey values to sRGB.
fn grey_curve(profile: &ColorProfile) -> Option<[u8; 256]> {
    let linear = profile.build_8bit_lin_table(&profile.gray_trc).ok()?;
    let by_lightness = profile.pcs == DataColorSpace::Lab;
    Some(std::array::from_fn(|value| {
        let linear = linear[value];
        encode(if by_lightness {
            luminance(linear)
        } else {
            linear
        })
    }))
}

/// Returns the table for black point compensation: the darkest colour of the space becomes black. `None` if it is
/// black already, or not dark at all.
fn black_point(darkest: &[u8]) -> Option<[u8; 256]> {
    let light = |value: u8| decode(f32::from(value) / 255.0);
    let [red, green, blue, ..] = *darkest else {
        return None;
    };
    let black = 0.2126 * light(red) + 0.7152 * light(green) + 0.0722 * light(blue);
    let curve = |value| encode((light(value) - black) / (1.0 - black));
    (0.0005..0.2).contains(&black).then(|| {
        let mut all = [0; 256];
        for (value, out) in (0..=u8::MAX).zip(&mut all) {
            *out = curve(value);
        }
        all
    })
}

/// Converts a CIE lightness to luminance, both from 0 to 1.
fn luminance(lightness: f32) -> f32 {
    let scaled = lightness * 100.0;
    if scaled > 8.0 {
        ((scaled + 16.0) / 116.0).powi(3)
    } else {
        scaled / 903.3
    }
}

/// Converts an sRGB value to linear light, both from 0 to 1.
fn decode(value: f32) -> f32 {
    if value <= 0.040_45 {
        value / 12.92
    } else {
        ((value + 0.055) / 1.055).powf(2.4)
    }
}

/// Converts linear light from 0 to 1 to an sRGB value.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the value is from 0 to 255"
)]
fn encode(light: f32) -> u8 {
    let light = light.clamp(0.0, 1.0);
    let value = if light <= 0.003_130_8 {
        light * 12.92
    } else {
        1.055 * light.powf(1.0 / 2.4) - 0.055
    };
    (value * 255.0).round() as u8
}

/// Converts CMYK without a profile, as browsers do.
fn plain_cmyk(pixels: &[u8]) -> Vec<u8> {
    let mut rgb = Vec::with_capacity(pixels.len() / 4 * 3);
    for [cyan, magenta, yellow, black] in pixels.as_chunks().0 {
        let light = u32::from(255 - black);
        rgb.extend([cyan, magenta, yellow].map(|ink| {
            let product = u32::from(255 - ink) * light + 127;
            u8::try_from(product / 255).unwrap_or(255)
        }));
    }
    rgb
}
