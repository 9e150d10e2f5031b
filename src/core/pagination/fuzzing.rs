//! Exports of this module for the fuzz targets in `tests/fuzz`; compiled for them only.

pub use super::cursor::{Cursor, CursorOrder};
