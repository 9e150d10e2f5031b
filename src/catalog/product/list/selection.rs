//! The parts of products that a list reads.

use crate::catalog::category::entity::Model as Category;
use crate::catalog::product::entity::stock::StockSummary;
use crate::catalog::product::entity::{Column, Model};
use crate::platform::media::StoredImage;

/// The parts of products that a list reads. The ID and the sort key are always read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Selection {
    pub columns: Columns,
    /// Whether to read the name, slug and path of the primary category.
    pub category: bool,
    pub images: Option<ImageSelection>,
    /// Whether to read the units of the variants.
    pub stock: bool,
}

/// A set of columns of products.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Columns(u32);

/// The images of each product that a list reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ImageSelection {
    /// The maximum number; all if `None`.
    pub first: Option<u32>,
    pub placeholder: bool,
}

impl Selection {
    /// Returns the selection of everything that either reads.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self {
            columns: Columns(self.columns.0 | other.columns.0),
            category: self.category || other.category,
            images: match (self.images, other.images) {
                (Some(one), Some(other)) => Some(one.merge(other)),
                (one, other) => one.or(other),
            },
            stock: self.stock || other.stock,
        }
    }
}

impl Columns {
    /// All columns.
    pub const ALL: Self = Self(u32::MAX);

    /// Whether the set contains a column.
    pub const fn contains(self, column: Column) -> bool {
        self.0 & (1 << column as u16) != 0
    }

    /// Adds a column.
    pub const fn insert(&mut self, column: Column) {
        self.0 |= 1 << column as u16;
    }
}

impl ImageSelection {
    /// Returns the selection of everything that either reads.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self {
            first: self
                .first
                .zip(other.first)
                .map(|(one, other)| one.max(other)),
            placeholder: self.placeholder || other.placeholder,
        }
    }
}

/// A product of a list, with what its [`Selection`] reads. Columns that are not selected are empty.
#[derive(Clone, Debug)]
pub struct ListedProduct {
    pub row: Model,
    /// The primary category, with only its id, name, slug and path.
    pub category: Option<Category>,
    pub images: Option<Vec<StoredImage>>,
    pub stock: Option<StockSummary>,
}
