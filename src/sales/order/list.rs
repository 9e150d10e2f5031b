//! Filter, search and order of lists of orders.

mod timeline;

pub use timeline::{Timeline, TimelineFilter, TimelineSort};

use super::entity::{FulfillmentStatus, Model, PaymentStatus, Status};
use crate::accounts::user::list::email_search_key;
use crate::core::clock::Timestamp;
use crate::core::country::Country;
use crate::core::error::Result;
use crate::core::pagination::{self, Key, KeyKind, RowPosition};
use crate::core::range::Range;
use crate::core::text;
use crate::core::viewer::UserId;

/// The maximum length of a search term in characters.
const MAX_SEARCH: usize = 100;

/// Field to sort by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SortField {
    #[default]
    PlacedAt,
    Total,
    /// Orders without a number come before the others.
    Number,
}

impl pagination::SortField for SortField {
    const LIST: &'static str = "orders";
    type Row = Model;

    fn cursor(self) -> (&'static str, KeyKind) {
        match self {
            Self::PlacedAt => ("placedAt", KeyKind::Int),
            Self::Total => ("total", KeyKind::Int),
            Self::Number => ("number", KeyKind::Int),
        }
    }

    fn row_position(self, order: &Model) -> RowPosition {
        let key = match self {
            Self::PlacedAt => order.placed_at.0,
            Self::Total => order.total,
            Self::Number => order.number.unwrap_or_default(),
        };
        RowPosition::new(Key::Int(key), order.id)
    }
}

/// Filter of orders.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    pub status: Option<Vec<Status>>,
    pub payment_status: Option<Vec<PaymentStatus>>,
    pub fulfillment_status: Option<Vec<FulfillmentStatus>>,
    pub placed_at: Range<Timestamp>,
    /// In minor units.
    pub total: Range<i64>,
    pub country: Option<Country>,
    /// The user who placed the order. The user may list these orders, admins all.
    pub user: Option<UserId>,
    /// The email address for comparison.
    pub email_key: Option<String>,
    pub search: Option<Search>,
}

impl Filter {
    /// Returns the same filter without the conditions that facets count.
    #[must_use]
    pub fn without_statuses(&self) -> Self {
        Self {
            status: None,
            payment_status: None,
            fulfillment_status: None,
            ..self.clone()
        }
    }
}

/// Search term.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Search {
    Number(i64),
    /// The beginning of an email address, in the form for comparison.
    Email(String),
    /// The beginning of a word of the name, in the form for comparison.
    Name(String),
}

impl Search {
    /// Parses a search term. Returns `None` for blank text.
    pub fn parse(search: &str, field: &str) -> Result<Option<Self>> {
        // Pasted text may contain line ends.
        let search: String = search
            .chars()
            .map(|character| {
                if character.is_whitespace() {
                    ' '
                } else {
                    character
                }
            })
            .collect();
        text::check_lookup(&search, MAX_SEARCH, field)?;
        let search = search.trim();
        if search.is_empty() {
            return Ok(None);
        }
        let number = search.strip_prefix('#').unwrap_or(search);
        let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
        Ok(Some(match number.parse() {
            Ok(number) if is_number => Self::Number(number),
            _ if search.contains('@') => Self::Email(email_search_key(search)),
            _ => Self::Name(text::sort_key(search)),
        }))
    }
}

/// One page of the list.
pub type List = pagination::List<Filter, SortField>;
