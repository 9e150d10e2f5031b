//! Entity of the table `idempotency_keys`.

use sea_orm::entity::prelude::*;

use crate::core::clock::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_keys")]
pub struct Model {
    /// Owner of the key: a user, or the cart of a guest. The name of the column is that of previous versions.
    #[sea_orm(primary_key, auto_increment = false, column_name = "user_id")]
    pub owner_id: Uuid,
    /// Hash of the key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key_hash: Vec<u8>,
    /// Keyed hash of the request. Keyed, because the request may contain passwords.
    pub fingerprint: Vec<u8>,
    /// Id of the execution that has claimed the key.
    pub claim: Uuid,
    /// Time at which the claim expires, unless the execution renews it.
    pub claimed_until: Timestamp,
    /// Whether a transaction of the execution was committed.
    pub committed: bool,
    /// Response as JSON. Null during the execution, and if the response could not be stored.
    pub answer: Option<String>,
    /// Time at which the key expires.
    pub expires_at: Timestamp,
}

crate::no_relations!();
