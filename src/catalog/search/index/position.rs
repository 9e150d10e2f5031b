//! The position of a row: its order among the rows of a tier, and its key in the index.
//!
//! ```text
//! key       = generation | position       (the rowid of FTS5; two columns on PostgreSQL)
//! position  = bucket (4 bits) | seq (44 bits)
//! rank      = tier | position
//! ```
//!
//! Ranks do not depend on the generation, so that cursors stay valid when the index has been rebuilt.

/// Number of bits of the place in the order of creation. The migration of the tables has the same number.
pub const SEQ_BITS: u32 = 44;
/// Number of bits of a position. The migration of the tables has the same number.
pub const POSITION_BITS: u32 = 48;

/// What a row is preferred by among equal matches: popularity, then availability. Smaller values come first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bucket(i32);

impl Bucket {
    /// The highest popularity.
    const MAX_POPULARITY: i32 = 3;

    /// Returns the bucket of a product of which this number of units was sold. The scale is logarithmic, so that the
    /// order changes rarely: 0, 1 to 9, 10 to 99, at least 100 units.
    pub const fn new(units: i64, is_in_stock: bool) -> Self {
        let popularity = match units {
            ..=0 => 0,
            1..=9 => 1,
            10..=99 => 2,
            _ => Self::MAX_POPULARITY,
        };
        let is_missing = if is_in_stock { 0 } else { 1 };
        Self((Self::MAX_POPULARITY - popularity) * 2 + is_missing)
    }

    /// Returns the stored bucket with this number.
    pub const fn stored(number: i32) -> Self {
        Self(number)
    }

    /// Returns the number to store.
    pub const fn number(self) -> i32 {
        self.0
    }

    /// The smallest number of products of which no unit was sold.
    pub const fn first_unsold() -> i32 {
        Self::MAX_POPULARITY * 2
    }

    /// Returns the position of the row with this place in the order of creation.
    pub const fn position(self, seq: i64) -> i64 {
        ((self.0 as i64) << SEQ_BITS) + seq
    }
}

/// Returns the rowid in FTS5 of a position.
pub const fn rowid(generation: i32, position: i64) -> i64 {
    ((generation as i64) << POSITION_BITS) + position
}
