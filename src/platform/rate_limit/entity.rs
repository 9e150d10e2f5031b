//! The rows of `throttles`.

use sea_orm::entity::prelude::*;

use crate::core::clock::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "throttles")]
pub struct Model {
    /// What is counted, and a hash of for whom.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// When everything that was used is given back.
    pub free_at: Timestamp,
}

crate::no_relations!();
