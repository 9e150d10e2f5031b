//! The rows of `idempotency_keys`.

use sea_orm::entity::prelude::*;

use crate::core::clock::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_keys")]
pub struct Model {
    /// Whose key it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    /// A hash of the key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key_hash: Vec<u8>,
    /// What was sent with it, as a keyed hash: there may be passwords in it.
    pub fingerprint: Vec<u8>,
    /// Names the execution that has the key.
    pub claim: Uuid,
    /// When that execution is given up, unless it says that it goes on.
    pub claimed_until: Timestamp,
    /// Whether a change of it was committed.
    pub committed: bool,
    /// What was answered, as JSON. Nothing while it is executed, and when the answer was lost.
    pub answer: Option<String>,
    /// When the key means nothing any more.
    pub expires_at: Timestamp,
}

crate::no_relations!();
