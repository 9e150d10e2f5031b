//! What is good once: sign-ins over the browser, and ID tokens.

use sha2::{Digest, Sha256};

use crate::accounts::identity::entity::used_flow::Model;
use crate::accounts::identity::repository::flows as repository;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::infra::database::Transaction;
use crate::state::State;

/// Uses a sign-in over the browser up, which would be good until `expires`. Whether it was not used before.
pub async fn use_flow(state: &State, hash: [u8; 32], expires: Timestamp) -> Result<bool> {
    let transaction = state.db.begin().await?;
    let is_new = insert(&transaction, hash, expires).await?;
    transaction.commit().await?;
    Ok(is_new)
}

/// Uses an ID token up. Whether it was not used before.
pub(super) async fn use_token(
    transaction: &Transaction,
    token: &str,
    expires: Timestamp,
) -> Result<bool> {
    // What is signed: signatures can be written in more than one way.
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
