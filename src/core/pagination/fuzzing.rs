//! What the fuzz targets in `tests/fuzz` reach of this module; compiled for them alone.

pub use super::cursor::{Cursor, CursorOrder};
