//! Entry points for the fuzz targets in `tests/fuzz`. Compiled only for fuzzing.

pub use super::csv::{Reader, Record, write};
pub use super::layout::EXPORTED;
pub use super::mapping::Mapping;
pub use super::paths::{format, parse};
pub use super::row::RowChunk;
pub use super::source::Source;
pub use crate::core::html::to_text;
