//! Placeholders and sizes of images.

use std::fmt;
use std::io::{self, Read, Seek};
use std::ops::ControlFlow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::decode::{Decoded, decode};
use super::encode::{encode, webp};
use super::raster::Raster;
use super::reduce::MAX_FACTOR;
use super::source::ReadSeek;
use super::{Failure, Header, Kind, Limits, ladder};

/// The longer side of a placeholder in pixels.
const PLACEHOLDER_SIDE: u32 = 16;
/// The exclusive maximum length of a placeholder in characters.
const MAX_PLACEHOLDER_LENGTH: usize = 1000;

/// One generated size of an image.
#[derive(Debug)]
pub struct GeneratedSize {
    /// In pixels; the height is [`Header::height_of`] this.
    pub width: u32,
    pub kind: Kind,
    /// The encoded file.
    pub bytes: Vec<u8>,
}

/// Decodes a cleaned image as a whole to validate it. Returns a placeholder: a tiny version as a `data:` URI of less
/// than 1 kB, to be displayed blurred until the image is loaded.
///
/// A PNG is decoded row by row, unless it is interlaced. Other images take 3 to 8 bytes of memory per pixel.
///
/// # Errors
/// When the image can't be decoded or read.
pub fn examine(
    header: Header,
    mut reader: impl Read + Seek,
    limits: Limits,
) -> Result<String, Failure> {
    downscale(header, &mut reader, limits)?.placeholder(header)
}

/// The first half of [`examine`]: the orientation in the header may be missing.
pub(super) fn downscale(
    header: Header,
    reader: &mut dyn ReadSeek,
    limits: Limits,
) -> Result<Downscaled, Failure> {
    let longest_side = header.width.max(header.height);
    let factor = (longest_side / (PLACEHOLDER_SIDE * 4)).max(1);
    let Decoded { raster, space } = decode(header, reader, limits, factor)?;
    Ok(Downscaled(space.convert(raster)))
}

/// A downscaled version of an image that was decoded without errors.
pub struct Downscaled(Raster);

impl fmt::Debug for Downscaled {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Shrunk")
    }
}

impl Downscaled {
    /// Returns a tiny version of the image as a `data:` URI of less than 1 kB.
    ///
    /// # Errors
    /// When it can't be encoded.
    pub fn placeholder(&self, header: Header) -> Result<String, Failure> {
        let longest_side = header.width.max(header.height);
        let tiny =
            |side: u32| ladder::height_of((longest_side, side), PLACEHOLDER_SIDE.min(longest_side));
        let (width, height) = header
            .orientation
            .turn((tiny(header.width), tiny(header.height)));
        let raster = upright(&self.0, header, (width, height))?;
        for quality in [60.0, 30.0, 0.0] {
            let file = STANDARD.encode(webp(&raster, quality).map_err(encoding_failure)?);
            let uri = format!("data:image/webp;base64,{file}");
            if uri.len() < MAX_PLACEHOLDER_LENGTH {
                return Ok(uri);
            }
        }
        Err(encoding_failure(anyhow::anyhow!("placeholder too long")))
    }
}

/// Generates the sizes of a cleaned image: each width of the [`ladder`] below its own, as WebP and in the original
/// format. They are upright, proportional, in sRGB, and without metadata and colour profile. Passes them to `each`,
/// the widest first, until `each` breaks.
///
/// # Errors
/// When the image can't be decoded or read.
pub fn make_sizes(
    header: Header,
    mut reader: impl Read + Seek,
    limits: Limits,
    mut each: impl FnMut(GeneratedSize) -> ControlFlow<()>,
) -> Result<(), Failure> {
    generate(header, &mut reader, limits, &mut each)
}

fn generate(
    header: Header,
    reader: &mut dyn ReadSeek,
    limits: Limits,
    each: &mut dyn FnMut(GeneratedSize) -> ControlFlow<()>,
) -> Result<(), Failure> {
    let widths = ladder::below(header.width);
    let Some(widest) = widths.last().copied() else {
        return Ok(());
    };
    let shown = (widest, header.height_of(widest));
    let stored = header.orientation.turn(shown);
    // Downscaled to slightly more than needed: the rest is done with a better filter.
    let factor = header.stored().0 / (stored.0 + stored.0 / 5);
    let Decoded { raster, space } = decode(header, reader, limits, factor.clamp(1, MAX_FACTOR))?;
    let top = upright(&raster, header, stored)?;
    drop(raster);
    let top = space.convert(top).without_needless_alpha();
    let kinds = [
        Some(Kind::WebP),
        (header.kind != Kind::WebP).then_some(header.kind),
    ];
    for width in widths.iter().rev().copied() {
        let smaller = (width != widest).then(|| top.resized(width, header.height_of(width)));
        let smaller = smaller.transpose().map_err(encoding_failure)?;
        let raster = smaller.as_ref().unwrap_or(&top);
        for kind in kinds.into_iter().flatten() {
            let bytes = encode(raster, kind).map_err(encoding_failure)?;
            if each(GeneratedSize { width, kind, bytes }).is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Resizes to a size of the stored orientation, and rotates.
fn upright(raster: &Raster, header: Header, stored: (u32, u32)) -> Result<Raster, Failure> {
    let small = raster
        .resized(stored.0, stored.1)
        .map_err(encoding_failure)?;
    Ok(small.upright(header.orientation))
}

/// Returns the error of processing pixels that were decoded without errors.
fn encoding_failure(error: anyhow::Error) -> Failure {
    Failure::Io(io::Error::other(error))
}
