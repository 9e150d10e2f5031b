//! The order of a list.

use async_graphql::Enum;

use super::cursor::CursorOrder;
use super::{KeyKind, RowPosition};
use crate::core::error::{Error, Result};

/// The direction of an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Enum)]
pub enum SortDirection {
    /// From small to large, from A to Z, from old to new.
    #[default]
    Asc,
    /// From large to small, from Z to A, from new to old.
    Desc,
}

impl SortDirection {
    /// The opposite direction.
    #[must_use]
    pub const fn reversed(self) -> Self {
        match self {
            Self::Asc => Self::Desc,
            Self::Desc => Self::Asc,
        }
    }
}

/// The fields that a list can be ordered by.
pub trait SortField: Copy + Default + Eq + std::fmt::Debug {
    /// The name of the list in cursors, such as "products".
    const LIST: &'static str;
    /// The order by relevance, if the list has a search that ranks its rows. It is the default of a search.
    const RELEVANCE: Option<Self> = None;
    /// The rows of the list.
    type Row;

    /// The name of the field in cursors, and the kind of its values. Must not change: clients hold cursors.
    fn cursor(self) -> (&'static str, KeyKind);

    /// The value that a row is ordered by, and its id.
    fn row_position(self, row: &Self::Row) -> RowPosition;
}

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Sort<F> {
    pub field: F,
    pub direction: SortDirection,
}

impl<F: SortField> Sort<F> {
    /// Returns the order of a list: the requested one, else by relevance in a search, else the default of the list.
    ///
    /// # Errors
    /// `BadUserInput` for an order by relevance without a search.
    pub fn resolve(sort: Option<(F, Option<SortDirection>)>, is_search: bool) -> Result<Self> {
        let default = || F::RELEVANCE.filter(|_| is_search).unwrap_or_default();
        let (field, direction) = sort.unwrap_or_else(|| (default(), None));
        if Some(field) == F::RELEVANCE && !is_search {
            let message = "RELEVANCE requires at least one word in `search`.";
            return Err(Error::bad_input("sort.field", message));
        }
        let direction = direction.unwrap_or_default();
        Ok(Self { field, direction })
    }

    /// The order that cursors belong to.
    pub(super) fn cursor_order(self) -> CursorOrder {
        let (field, kind) = self.field.cursor();
        let direction = match self.direction {
            SortDirection::Asc => "ascending",
            SortDirection::Desc => "descending",
        };
        let name = format!("{} by {field} {direction}", F::LIST);
        CursorOrder { name, kind }
    }
}

/// Declares the input of a list's order. `$input` is the enum of the API for the fields `$field`.
#[macro_export]
macro_rules! sort_input {
    ($name:ident, $input:ty, $field:ty) => {
        /// The order of a list. Ties are broken by id.
        #[derive(Debug, async_graphql::InputObject)]
        pub struct $name {
            /// The field to order by.
            field: $input,
            /// The direction. Default: ASC.
            direction: Option<$crate::core::pagination::SortDirection>,
        }

        impl $name {
            /// Returns the order of a list, see [`Sort::resolve`]($crate::core::pagination::Sort::resolve).
            pub fn resolve(
                sort: Option<Self>,
                is_search: bool,
            ) -> $crate::core::error::Result<$crate::core::pagination::Sort<$field>> {
                let sort = sort.map(|sort| (sort.field.into(), sort.direction));
                $crate::core::pagination::Sort::resolve(sort, is_search)
            }
        }
    };
}
