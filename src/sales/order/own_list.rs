//! The list of the orders of a user.

use super::entity::Model;
use crate::core::pagination::{self, Key, KeyKind, RowPosition};
use crate::core::viewer::UserId;

/// The order of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SortField {
    #[default]
    PlacedAt,
}

impl pagination::SortField for SortField {
    const LIST: &'static str = "orders of a user";
    type Row = Model;

    fn cursor(self) -> (&'static str, KeyKind) {
        ("placedAt", KeyKind::Int)
    }

    fn row_position(self, order: &Model) -> RowPosition {
        RowPosition::new(Key::Int(order.placed_at.0), order.id)
    }
}

/// The user whose orders are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OrdersOf(pub UserId);

/// One page of the list.
pub type OwnList = pagination::List<OrdersOf, SortField>;
