//! Rotation of refresh tokens.
//!
//! Each refresh replaces the token. Concurrent tabs and lost responses are tolerated: the previous token returns the
//! current one again for 10 seconds, and for as long as the client has not used the current one. Any other old token
//! is treated as stolen and ends its session (OAuth 2.0 Security Best Current Practice, RFC 9700, 4.14.2).

use std::time::Duration;

use super::emails::AccountEmail;
use super::sessions::{Tokens, is_unexpired, tokens};
use super::{limits, networks, security};
use crate::accounts::auth::entity::session::Model;
use crate::accounts::auth::repository::sessions as repository;
use crate::accounts::token::refresh::RefreshToken;
use crate::accounts::user;
use crate::accounts::user::entity::Model as User;
use crate::config::Secret;
use crate::core::client_info::Client;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::infra::database::Transaction;
use crate::infra::keys::Keys;
use crate::infra::telemetry::metrics::SecurityEvent;
use crate::platform::jobs;
use crate::platform::rate_limit::service as rate_limit;
use crate::state::State;

/// Time for which the previous token is accepted after a refresh.
const REUSE_TOLERANCE: Duration = Duration::from_secs(10);

/// State of a token, and so the action to take.
enum TokenState {
    /// The current token: replace it.
    Rotate,
    /// The previous token: return the current one again.
    Repeat(RefreshToken),
    /// An old token: end the session.
    Reused,
    /// Not a valid token.
    Unknown,
}

/// Exchanges a refresh token for new tokens.
pub async fn refresh(state: &State, client: &Client, token: &Secret) -> Result<Tokens> {
    let now = state.clock.now();
    let transaction = rate_limit::begin(state, &[limits::refresh(state, client)]).await?;
    let refreshed = exchange(&transaction, state, client, token, now).await;
    // A refusal is committed too: it counts for the rate limit, and may end the session.
    if !matches!(
        refreshed,
        Err(Error::Internal(_)
            | Error::SerializationFailure(_)
            | Error::Database(_)
            | Error::Unavailable)
    ) {
        transaction.commit().await?;
    }
    refreshed
}

async fn exchange(
    transaction: &Transaction,
    state: &State,
    client: &Client,
    token: &Secret,
    now: Timestamp,
) -> Result<Tokens> {
    let token = RefreshToken::parse(token.expose()).ok_or_else(invalid)?;
    let session = repository::lock(transaction, token.session.into()).await?;
    let session = session.filter(|session| is_unexpired(state, session, now));
    let session = session.ok_or_else(invalid)?;
    let user = user::service::find(transaction, session.user_id).await?;
    let user = user.filter(User::is_active).ok_or_else(invalid)?;
    match classify(&session, &token, &state.keys, now) {
        TokenState::Rotate => {
            if session.address != client.address.to_string() {
                networks::remember(transaction, state, client, user.id).await?;
            }
            let next = token.successor(&state.keys);
            let session = rotate(session, &next, client, now);
            let session = repository::update(transaction, session).await?;
            tokens(state, &session, user, &next)
        }
        TokenState::Repeat(current) => tokens(state, &session, user, &current),
        TokenState::Reused => {
            repository::delete(transaction, user.id, &[session.id]).await?;
            let account_email =
                AccountEmail::session_ended(state, &user).into_new_email(state, None);
            jobs::service::enqueue_email(transaction, account_email, now).await?;
            let event = SecurityEvent::RefreshTokenReused;
            security::refused(state, client, event, Some(user.id), "session_ended");
            Err(invalid())
        }
        TokenState::Unknown => Err(invalid()),
    }
}

fn classify(session: &Model, token: &RefreshToken, keys: &Keys, now: Timestamp) -> TokenState {
    if token.has_hash(&session.current_hash) {
        return TokenState::Rotate;
    }
    let is_previous = |hash: &Vec<u8>| token.has_hash(hash);
    if session.previous_hash.as_ref().is_some_and(is_previous) {
        let racing = now.since(session.refreshed_at) <= REUSE_TOLERANCE;
        let mut successors = token.successors(keys);
        let current = successors.find(|next| next.has_hash(&session.current_hash));
        return match current {
            Some(current) if racing || !session.confirmed => TokenState::Repeat(current),
            Some(_) => TokenState::Reused,
            // The current token is not a successor: the password or the keys were changed.
            None => TokenState::Unknown,
        };
    }
    if token.is_genuine(keys) {
        TokenState::Reused
    } else {
        TokenState::Unknown
    }
}

fn rotate(session: Model, next: &RefreshToken, client: &Client, now: Timestamp) -> Model {
    Model {
        generation: session.generation + 1,
        previous_hash: Some(session.current_hash),
        current_hash: next.hash(),
        confirmed: false,
        user_agent: client.user_agent.clone(),
        address: client.address.to_string(),
        refreshed_at: now,
        ..session
    }
}

fn invalid() -> Error {
    let message = "The refresh token is invalid or expired. Sign in again.";
    UserError::new(UserErrorCode::TokenInvalid, "refreshToken", message).into()
}
