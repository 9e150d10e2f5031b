//! The row of `stripe_events`: the position in Stripe's list of events.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stripe_events")]
pub struct Model {
    /// Always 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i16,
    /// The id of the newest event of the round before the last.
    pub previous: String,
    /// The id of the newest event of the last round.
    pub newest: String,
}

crate::no_relations!();
