//! Filter and order of the events of an order. Oldest events first.

use crate::core::pagination::{self, Key, KeyKind, RowPosition};
use crate::sales::order::entity::event::Model;
use crate::sales::order_id::OrderId;

/// Field to sort by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TimelineSort {
    #[default]
    At,
}

impl pagination::SortField for TimelineSort {
    const LIST: &'static str = "timeline";
    type Row = Model;

    fn cursor(self) -> (&'static str, KeyKind) {
        ("at", KeyKind::Int)
    }

    fn row_position(self, event: &Model) -> RowPosition {
        RowPosition::new(Key::Int(event.at.0), event.id)
    }
}

/// The events of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimelineFilter {
    pub order: OrderId,
    /// Without the events that the buyer may not read.
    pub only_public: bool,
}

/// One page of a timeline.
pub type Timeline = pagination::List<TimelineFilter, TimelineSort>;
