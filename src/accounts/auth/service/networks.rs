//! Networks that a user has signed in from. Only keyed hashes are stored, for 90 days.

use std::time::Duration;

use crate::accounts::auth::entity::known_network::Model;
use crate::accounts::auth::repository::networks as repository;
use crate::accounts::token::device::LIFETIME;
use crate::accounts::user::UserId;
use crate::core::client_info::Client;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::infra::database::Transaction;
use crate::infra::keys::Key;
use crate::state::State;

/// Maximum number of networks stored for one user.
const MAX_NETWORKS: usize = 100;
/// Precision of the time of the last use.
const PRECISION: Duration = Duration::from_hours(24);

/// Returns whether the user has signed in from the client's network within the last 90 days.
pub async fn is_known(
    transaction: &Transaction,
    state: &State,
    client: &Client,
    user: UserId,
) -> Result<bool> {
    let found = repository::find(transaction, user, hashes(state, client, user)).await?;
    let now = state.clock.now();
    Ok(found.is_some_and(|network| network.used_at.after(LIFETIME) > now))
}

/// Stores the client's network as one that the user has signed in from.
pub async fn remember(
    transaction: &Transaction,
    state: &State,
    client: &Client,
    user: UserId,
) -> Result<()> {
    let now = state.clock.now();
    let network = Model {
        user_id: user,
        network_hash: hash(&state.keys.signing, client, user),
        used_at: now,
    };
    let known = repository::find(transaction, user, hashes(state, client, user)).await?;
    let same = |known: &Model| known.network_hash == network.network_hash;
    match known.filter(same) {
        Some(known) if known.used_at.after(PRECISION) > now => Ok(()),
        Some(_) => Ok(repository::upsert(transaction, network).await?),
        None => {
            repository::upsert(transaction, network).await?;
            repository::delete_surplus(transaction, user, MAX_NETWORKS).await?;
            Ok(())
        }
    }
}

/// Removes networks that were last used more than 90 days ago.
pub async fn delete_expired(transaction: &Transaction, now: Timestamp) -> Result<()> {
    Ok(repository::delete_expired(transaction, now.before(LIFETIME)).await?)
}

/// Returns the hashes of the client's network under all keys.
fn hashes(state: &State, client: &Client, user: UserId) -> Vec<Vec<u8>> {
    let hash = |key| hash(key, client, user);
    state.keys.all().map(hash).collect()
}

fn hash(key: &Key, client: &Client, user: UserId) -> Vec<u8> {
    let network = client.network();
    let parts = [user.0.as_bytes().as_slice(), network.as_bytes()];
    key.sign_in_mac(b"network", &parts).to_vec()
}
