//! Rows of `counters`.

use sea_orm::entity::prelude::*;

/// A counter that increases in the transaction that uses its value, so that it has no gaps.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "counters")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// The last value that was used.
    pub value: i64,
    /// The first value that was used. None if a server of an earlier version has used it.
    pub first_number: Option<i64>,
}

crate::no_relations!();
