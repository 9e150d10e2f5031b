//! Decodes cleaned images in bounded memory.

mod frame;
mod jpeg;
mod png;
mod webp;

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::colour::Space;
use super::raster::Raster;
use super::reduce::{Layout, Reducer};
use super::source::{ReadSeek, SeekBuffer};
use super::{DAMAGED, Failure, Header, Kind, Limits, Refusal};

/// Decoded pixels.
pub struct Decoded {
    /// In the stored orientation and colour space.
    pub raster: Raster,
    pub space: Space,
}

/// Decodes a whole image, downscaled by an integer factor.
pub fn decode(
    header: Header,
    reader: &mut dyn ReadSeek,
    limits: Limits,
    factor: u32,
) -> Result<Decoded, Failure> {
    with_source(header, reader, limits, |source| {
        let size = header.stored();
        match header.kind {
            Kind::Jpeg => jpeg::decode(size, source, factor),
            Kind::Png => png::decode(size, source, factor),
            Kind::WebP => webp::decode(size, source, factor),
        }
    })
}

/// Decodes a JPEG and returns a checksum of all its pixels.
pub fn checksum(header: Header, reader: &mut dyn ReadSeek, limits: Limits) -> Result<u32, Failure> {
    with_source(header, reader, limits, |source| {
        let image = jpeg::pixels(header.stored(), source)?;
        Ok(crc32fast::hash(&image.pixels))
    })
}

fn with_source<T>(
    header: Header,
    reader: &mut dyn ReadSeek,
    limits: Limits,
    work: impl FnOnce(&mut SeekBuffer<'_>) -> Result<T, Refusal>,
) -> Result<T, Failure> {
    let (width, height) = header.stored();
    limits.check(width, height)?;
    let mut source = SeekBuffer::new(reader).map_err(Failure::Io)?;
    // The decoders are maintained, but their input is untrusted.
    let decoded = catch_unwind(AssertUnwindSafe(|| work(&mut source)));
    let decoded = decoded.unwrap_or_else(|_| {
        tracing::error!(kind = ?header.kind, width, height, "a decoder panicked");
        Err(DAMAGED)
    });
    match source.read_error() {
        Some(read_error) => Err(Failure::Io(read_error)),
        None => Ok(decoded?),
    }
}

/// Discards a decoder's error, which does not help the owner of an image.
fn damaged<E>(_: E) -> Refusal {
    DAMAGED
}

/// Downscales pixels in memory.
fn reduce(size: (u32, u32), layout: Layout, factor: u32, pixels: Vec<u8>) -> Raster {
    if factor <= 1 && layout.channels() == layout.format().channels() {
        return Raster {
            width: size.0,
            height: size.1,
            covered: (f64::from(size.0), f64::from(size.1)),
            format: layout.format(),
            pixels,
        };
    }
    let mut reducer = Reducer::new(size, layout, factor);
    for row in pixels.chunks_exact(size.0 as usize * layout.channels()) {
        reducer.push(row);
    }
    reducer.finish()
}
