//! Entity of the table `throttles`.

use sea_orm::entity::prelude::*;

use crate::core::clock::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "throttles")]
pub struct Model {
    /// Name of the limit and a hash of its subject.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// Time at which the bucket is full again.
    pub free_at: Timestamp,
}

crate::no_relations!();
