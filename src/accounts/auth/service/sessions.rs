//! Sessions: creation, revocation, and authentication of access tokens.

use super::{failures, invitations, networks, security};
use crate::accounts::auth::SessionId;
use crate::accounts::auth::entity::session::Model;
use crate::accounts::auth::repository::{codes, registrations, sessions as repository};
use crate::accounts::token::access::{self, Claims};
use crate::accounts::token::device::DeviceToken;
use crate::accounts::token::refresh::RefreshToken;
use crate::accounts::user::entity::Model as User;
use crate::accounts::user::{self, UserId};
use crate::config::Secret;
use crate::core::client_info::Client;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::core::id::{TypedId, uuid_v7};
use crate::core::viewer::{SignedIn, Viewer};
use crate::infra::database::Transaction;
use crate::infra::telemetry::metrics::SecurityEvent;
use crate::platform::rate_limit;
use crate::state::State;

/// Maximum number of sessions of a user. A new one ends the least recently used.
const MAX_SESSIONS: usize = 50;

/// Tokens of a session.
pub struct Tokens {
    pub access_token: Secret,
    pub access_expires_at: Timestamp,
    pub refresh_token: Secret,
    /// Whether the refresh token is stored in a cookie.
    pub in_cookie: bool,
    pub session_expires_at: Timestamp,
    /// The device token of a new session whose refresh token is stored in a cookie.
    pub device: Option<Secret>,
    pub user: User,
}

/// Creates a session for a user that has just authenticated, and is locked.
pub async fn open(
    transaction: &Transaction,
    state: &State,
    user: User,
    client: &Client,
    in_cookie: bool,
) -> Result<Tokens> {
    let now = state.clock.now();
    let user = invitations::end(transaction, user, now).await?;
    networks::remember(transaction, state, client, user.id).await?;
    let id = SessionId::generate(now);
    let token = RefreshToken::first(id.into(), &state.keys);
    let session = Model {
        id,
        user_id: user.id,
        generation: 1,
        current_hash: token.hash(),
        previous_hash: None,
        confirmed: false,
        in_cookie,
        user_agent: client.user_agent.clone(),
        address: client.address.to_string(),
        created_at: now,
        refreshed_at: now,
        expires_at: now.after(state.config.accounts.session_lifetime),
    };
    repository::insert(transaction, session.clone()).await?;
    let all = repository::find_by_user(transaction, user.id).await?;
    let surplus: Vec<_> = all.iter().skip(MAX_SESSIONS).map(|row| row.id).collect();
    if !surplus.is_empty() {
        repository::delete(transaction, user.id, &surplus).await?;
    }
    let mut tokens = tokens(state, &session, user, &token)?;
    tokens.device = in_cookie.then(|| device(state, client, &tokens.user.email_key, now));
    Ok(tokens)
}

/// Returns the device token of a browser that has signed in to an account. Renews its existing one.
fn device(state: &State, client: &Client, account: &str, now: Timestamp) -> Secret {
    let cookie = client.device_cookie.as_ref();
    let known = cookie.and_then(|cookie| {
        let open = DeviceToken::open(&state.keys, cookie.expose(), account, now);
        open.map(|device| device.renewed(now))
    });
    let device = known.unwrap_or_else(|| DeviceToken::new(now));
    device.seal(&state.keys, account).into()
}

/// Creates the tokens of a session.
pub(super) fn tokens(
    state: &State,
    session: &Model,
    user: User,
    refresh: &RefreshToken,
) -> Result<Tokens> {
    let now = state.clock.now();
    let lifetime = state.config.accounts.access_token_lifetime;
    let claims = Claims {
        iss: issuer(state).to_owned(),
        aud: access::AUDIENCE.to_owned(),
        sub: user.id.encode(),
        sid: session.id.encode(),
        role: user.role.as_str().to_owned(),
        generation: session.generation,
        iat: now.seconds(),
        nbf: now.seconds(),
        exp: now.after(lifetime).seconds(),
        jti: uuid_v7(now).simple().to_string(),
    };
    Ok(Tokens {
        access_token: access::sign(&state.keys, &claims)?.into(),
        access_expires_at: Timestamp::from_seconds(claims.exp),
        refresh_token: refresh.encode().into(),
        in_cookie: session.in_cookie,
        session_expires_at: session.expires_at,
        device: None,
        user,
    })
}

/// Returns the viewer of an access token. `None` if the token is invalid, its session has ended or the user is
/// disabled.
pub async fn authenticate(state: &State, token: &str) -> Result<Option<Viewer>> {
    let now = state.clock.now();
    let Some(claims) = access::verify(&state.keys, issuer(state), token, now) else {
        return Ok(None);
    };
    let ids = SessionId::parse(&claims.sid, "").and_then(|session| {
        let user = UserId::parse(&claims.sub, "")?;
        Ok((session, user))
    });
    let Ok((session, user)) = ids else {
        return Ok(None);
    };
    let found = repository::find_with_user(state.db.reader(), session).await?;
    let Some((session, owner)) = found.filter(|(session, owner)| {
        owner.id == user && owner.is_active() && is_unexpired(state, session, now)
    }) else {
        return Ok(None);
    };
    if session.generation == claims.generation && !session.confirmed {
        confirm(state.clone(), session.id, session.generation);
    }
    let viewer = Viewer::of_session(owner.id, owner.role, session.id);
    Ok(Some(viewer))
}

/// Marks the tokens as received by the client, in the background. Runs once for each refresh. Its only effect is that
/// a stolen token is detected sooner.
fn confirm(state: State, session: SessionId, generation: i32) {
    tokio::spawn(async move {
        let confirmed = async {
            let transaction = state.db.begin().await?;
            repository::confirm(&transaction, session, generation).await?;
            transaction.commit().await
        };
        if let Err(error) = confirmed.await {
            Error::from(error).log("session confirmation failed");
        }
    });
}

/// Returns whether a session has not expired.
pub(super) fn is_unexpired(state: &State, session: &Model, now: Timestamp) -> bool {
    let idle = state.config.accounts.session_idle_lifetime;
    session.expires_at > now && session.refreshed_at.after(idle) > now
}

/// Returns the viewer's session.
pub(super) async fn find_session(state: &State, caller: SignedIn) -> Result<Model> {
    let session = repository::find(state.db.reader(), caller.session()).await?;
    session.ok_or(Error::Unauthenticated)
}

/// Lists the viewer's sessions, most recently refreshed first.
pub async fn list_sessions(state: &State, caller: SignedIn) -> Result<Vec<Model>> {
    let now = state.clock.now();
    let mut sessions = repository::find_by_user(state.db.reader(), caller.user()).await?;
    sessions.retain(|session| is_unexpired(state, session, now));
    Ok(sessions)
}

/// Ends one of the viewer's sessions.
pub async fn revoke_session(
    state: &State,
    client: &Client,
    caller: SignedIn,
    id: SessionId,
) -> Result<Model> {
    let transaction = state.db.begin().await?;
    let session = repository::lock(&transaction, id).await?;
    let session = session.filter(|session| session.user_id == caller.user());
    let missing = || {
        UserError::new(
            UserErrorCode::NotFound,
            "id",
            "You have no session with this id.",
        )
    };
    let session = session.ok_or_else(missing)?;
    repository::delete(&transaction, caller.user(), &[id]).await?;
    transaction.commit().await?;
    let event = SecurityEvent::SessionRevoked;
    security::succeeded(state, client, event, caller.user(), "revoked");
    Ok(session)
}

/// Ends the viewer's session, and the session of a refresh token. Ended sessions are ignored.
pub async fn logout(
    state: &State,
    client: &Client,
    viewer: Viewer,
    token: Option<&Secret>,
) -> Result<()> {
    let mut ended = Vec::new();
    let transaction = state.db.begin().await?;
    if let Ok(caller) = viewer.signed_in() {
        repository::delete(&transaction, caller.user(), &[caller.session()]).await?;
        ended.push(caller.user());
    }
    let token = token.and_then(|token| RefreshToken::parse(token.expose()));
    if let Some(token) = token.filter(|token| token.is_genuine(&state.keys)) {
        let session = repository::lock(&transaction, token.session.into()).await?;
        if let Some(session) = session {
            repository::delete(&transaction, session.user_id, &[session.id]).await?;
            ended.push(session.user_id);
        }
    }
    transaction.commit().await?;
    for user in ended {
        security::succeeded(state, client, SecurityEvent::SessionRevoked, user, "logout");
    }
    Ok(())
}

/// Ends all other sessions of the viewer.
pub async fn end_other_sessions(transaction: &Transaction, caller: SignedIn) -> Result<()> {
    repository::delete_of_user(transaction, caller.user(), Some(caller.session())).await?;
    Ok(())
}

/// Locks the viewer's account, and fails if the password was changed, the user disabled or the session ended since
/// the reauthentication.
pub async fn lock_if_unchanged(
    transaction: &Transaction,
    caller: SignedIn,
    reauthenticated: &User,
) -> Result<User> {
    let user = user::service::lock(transaction, caller.user()).await?;
    let same =
        |user: &User| user.is_active() && user.password_hash == reauthenticated.password_hash;
    let user = user.filter(same).ok_or(Error::Unauthenticated)?;
    let session = repository::find(transaction, caller.session()).await?;
    session.map(|_| user).ok_or(Error::Unauthenticated)
}

/// Ends all sessions of the viewer, including this one.
pub async fn logout_all(state: &State, client: &Client, caller: SignedIn) -> Result<()> {
    let transaction = state.db.begin().await?;
    repository::delete_of_user(&transaction, caller.user(), None).await?;
    transaction.commit().await?;
    let event = SecurityEvent::SessionRevoked;
    security::succeeded(state, client, event, caller.user(), "logout_all");
    Ok(())
}

/// Deletes expired sessions, codes, registrations, rate limits, networks and counts of wrong codes.
pub async fn delete_expired(state: &State) -> Result<()> {
    let now = state.clock.now();
    let idle = now.before(state.config.accounts.session_idle_lifetime);
    let transaction = state.db.begin().await?;
    repository::delete_expired(&transaction, now, idle).await?;
    codes::delete_expired(&transaction, now).await?;
    registrations::delete_expired(&transaction, now).await?;
    rate_limit::service::delete_expired(&transaction, now).await?;
    networks::delete_expired(&transaction, now).await?;
    failures::delete_expired(&transaction, now).await?;
    Ok(transaction.commit().await?)
}

/// Returns the issuer of the access tokens.
fn issuer(state: &State) -> &str {
    state.config.public_url.as_deref().unwrap_or("wares")
}
