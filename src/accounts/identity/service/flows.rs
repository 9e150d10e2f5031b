//! Replay protection of browser sign-ins and ID tokens.

use sha2::{Digest, Sha256};

use crate::accounts::identity::entity::used_flow::Model;
use crate::accounts::identity::repository::flows as repository;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::infra::database::Transaction;
use crate::state::State;

/// Marks a browser sign-in as used until it expires. Returns whether it was unused.
pub async fn mark_flow_used(state: &State, hash: [u8; 32], expires: Timestamp) -> Result<bool> {
    let transaction = state.db.begin().await?;
    let is_new = insert(&transaction, hash, expires).await?;
    transaction.commit().await?;
    Ok(is_new)
}

/// Marks an ID token as used. Returns whether it was unused.
pub(super) async fn mark_token_used(
    transaction: &Transaction,
    token: &str,
    expires: Timestamp,
) -> Result<bool> {
    // Only the signed part: a signature has several encodings.
    let signed = token.rsplit_once('.').map_or(token, |(signed, _)| signed);
    let hash = Sha256::new_with_prefix("ID token\0").chain_update(signed);
    insert(transaction, hash.finalize().into(), expires).await
}

async fn insert(transaction: &Transaction, hash: [u8; 32], expires: Timestamp) -> Result<bool> {
    let used = Model {
        hash: hash.to_vec(),
        expires_at: expires,
    };
    Ok(repository::insert(transaction, used).await?)
}
