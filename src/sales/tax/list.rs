//! Filter and order of lists of tax rates.

use super::entity::TaxClassId;
use super::entity::rate::Model;
use crate::core::country::Country;
use crate::core::pagination::{self, Key, KeyKind, RowPosition};

/// Field to sort by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SortField {
    #[default]
    Country,
}

impl pagination::SortField for SortField {
    const LIST: &'static str = "tax rates";
    type Row = Model;

    fn cursor(self) -> (&'static str, KeyKind) {
        ("country", KeyKind::Text)
    }

    fn row_position(self, rate: &Model) -> RowPosition {
        RowPosition::new(Key::Text(rate.country.clone()), rate.id)
    }
}

/// Filter of tax rates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    pub country: Option<Country>,
    pub class: Option<TaxClassId>,
}

/// One page of the list.
pub type List = pagination::List<Filter, SortField>;
