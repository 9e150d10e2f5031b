//! Sign-in by password, and reauthentication.

use std::time::Duration;

use super::attempts::{self, Attempt};
use super::register::unexpired;
use super::rules::MAX_PASSWORD;
use super::sessions::{Tokens, find_session, open};
use super::{limits, security};
use crate::accounts::auth::entity::registration::Model as Registration;
use crate::accounts::auth::repository::registrations;
use crate::accounts::user::entity::Model as User;
use crate::accounts::user::{self, UserId};
use crate::config::Secret;
use crate::core::client_info::Client;
use crate::core::email_address::EmailAddress;
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::core::viewer::SignedIn;
use crate::infra::password_hasher::PasswordMatch;
use crate::infra::telemetry::metrics::SecurityEvent;
use crate::platform::rate_limit::service as rate_limit;
use crate::state::State;

/// Maximum age of a session that replaces the password in a reauthentication.
const MAX_SIGN_IN_AGE: Duration = Duration::from_mins(10);

/// The reason of a wrong password in the security log.
const WRONG_PASSWORD: &str = "wrong_password";

/// Input of a sign-in by password.
pub struct Credentials {
    pub email: String,
    pub password: Secret,
    /// Whether the refresh token is stored in a cookie.
    pub in_cookie: bool,
}

/// Signs in by password. An unknown address, a wrong password and a disabled account return the same error after the
/// same time.
pub async fn login(state: &State, client: &Client, credentials: Credentials) -> Result<Tokens> {
    let email = EmailAddress::parse(&credentials.email).ok();
    let subject = email
        .as_ref()
        .map_or(&credentials.email, |email| &email.key);
    // Before anything is written: a flood of sign-ins must not also fill the write queue.
    state.hasher.check_queue()?;
    let attempt = match attempts::begin_attempt(state, client, subject).await? {
        Ok(attempt) => attempt,
        Err(excess) => {
            let refusal = (Error::RateLimited(excess.wait), excess.user, excess.reason);
            return Err(record_refusal(state, client, refusal));
        }
    };
    let password = &credentials.password;
    let Some(email) = email.filter(|_| !is_too_long(password)) else {
        let refusal = (wrong_credentials(), None, "malformed_credentials");
        return Err(record_refusal(state, client, refusal));
    };
    match check(state, &email, password).await? {
        PasswordCheck::Right { user, rehashed } => {
            let in_cookie = credentials.in_cookie;
            complete_login(state, client, &attempt, (user, rehashed), in_cookie).await
        }
        PasswordCheck::Refused(error, user, reason) => {
            Err(record_refusal(state, client, (error, user, reason)))
        }
    }
}

/// Result of a password check.
enum PasswordCheck {
    Right {
        user: User,
        /// A stronger hash, if the stored one is weak.
        rehashed: Option<String>,
    },
    Refused(Error, Option<UserId>, &'static str),
}

async fn check(state: &State, email: &EmailAddress, password: &Secret) -> Result<PasswordCheck> {
    let user = user::service::find_by_email_key(state.db.reader(), &email.key).await?;
    let registration = registrations::find(state.db.reader(), &email.key).await?;
    let stored = user.as_ref().and_then(|user| user.password_hash.as_deref());
    let verdict = state.hasher.verify(password, stored).await?;
    let id = user.as_ref().map(|user| user.id);
    let (Some(user), PasswordMatch::Right { rehashed }) = (user, verdict) else {
        let (error, reason) = refusal(state, password, registration).await?;
        let reason = if id.is_none() && reason == WRONG_PASSWORD {
            "unknown_account"
        } else {
            reason
        };
        return Ok(PasswordCheck::Refused(error, id, reason));
    };
    if !user.is_active() {
        return Ok(PasswordCheck::Refused(
            wrong_credentials(),
            id,
            "account_disabled",
        ));
    }
    Ok(PasswordCheck::Right { user, rehashed })
}

/// Opens a session after a right password.
async fn complete_login(
    state: &State,
    client: &Client,
    attempt: &Attempt,
    (known, rehashed): (User, Option<String>),
    in_cookie: bool,
) -> Result<Tokens> {
    let transaction = state.db.begin().await?;
    let user = user::service::lock(&transaction, known.id).await?;
    // Compared again: the account may have changed while the password was hashed.
    let same = |user: &User| user.is_active() && user.password_hash == known.password_hash;
    let Some(mut user) = user.filter(same) else {
        let refusal = (wrong_credentials(), Some(known.id), "changed_meanwhile");
        return Err(record_refusal(state, client, refusal));
    };
    if let Some(hash) = rehashed {
        user.password_hash = Some(hash);
        user = user::service::save(&transaction, user, state.clock.now()).await?;
    }
    attempts::record_success(&transaction, attempt).await?;
    let tokens = open(&transaction, state, user, client, in_cookie).await?;
    transaction.commit().await?;
    security::succeeded(state, client, SecurityEvent::SignIn, known.id, "password");
    Ok(tokens)
}

/// Records a refused sign-in and returns its error.
fn record_refusal(
    state: &State,
    client: &Client,
    (error, user, reason): (Error, Option<UserId>, &'static str),
) -> Error {
    security::refused(state, client, SecurityEvent::SignIn, user, reason);
    error
}

/// Counts a sign-in that needs no password here.
pub async fn check_rate_limit(state: &State, client: &Client) -> Result<()> {
    let charged = rate_limit::charge(state, &[limits::login(state, client)]).await;
    if let Err(Error::RateLimited(_)) = charged {
        security::refused(state, client, SecurityEvent::SignIn, None, "client_limit");
    }
    charged
}

/// Counts a browser that starts a sign-in with Google, or returns from it.
pub async fn check_google_rate_limit(
    state: &State,
    client: &Client,
    is_callback: bool,
) -> Result<()> {
    rate_limit::charge(state, &[limits::google_sign_in(state, client, is_callback)]).await
}

/// Reauthenticates the viewer by password, and returns the user. Accounts without a password need a session that is
/// at most 10 minutes old.
pub async fn reauthenticate(
    state: &State,
    client: &Client,
    caller: SignedIn,
    password: Option<&Secret>,
    field: &str,
) -> Result<User> {
    let user = user::service::find(state.db.reader(), caller.user()).await?;
    let user = user.ok_or(Error::Unauthenticated)?;
    let record_refusal = |error, reason| {
        let event = SecurityEvent::Reauthentication;
        security::refused(state, client, event, Some(user.id), reason);
        error
    };
    let Some(stored) = &user.password_hash else {
        let session = find_session(state, caller).await?;
        if state.clock.now().since(session.created_at) <= MAX_SIGN_IN_AGE {
            return Ok(user);
        }
        let code = UserErrorCode::ReauthenticationRequired;
        let error = UserError::new(
            code,
            None,
            "Your last sign-in is more than 10 minutes ago. Sign in again, then retry.",
        );
        return Err(record_refusal(error.into(), "session_too_old"));
    };
    let charged =
        rate_limit::charge(state, &[limits::reauthenticate(state, caller.session())]).await;
    charged.map_err(|error| match error {
        Error::RateLimited(_) => record_refusal(error, "session_limit"),
        _ => error,
    })?;
    let password = password.filter(|password| !is_too_long(password));
    let password = password.ok_or_else(|| record_refusal(wrong_password(field), WRONG_PASSWORD))?;
    match state.hasher.verify(password, Some(stored)).await? {
        PasswordMatch::Wrong => Err(record_refusal(wrong_password(field), WRONG_PASSWORD)),
        PasswordMatch::Right { .. } => Ok(user),
    }
}

/// Returns the error for a failed sign-in. A client that knows the password of a pending registration gets
/// `EMAIL_NOT_VERIFIED`. That does not disclose an account, because an address with an account can have a pending
/// registration too. Takes equally long without a registration.
async fn refusal(
    state: &State,
    password: &Secret,
    registration: Option<Registration>,
) -> Result<(Error, &'static str)> {
    let registration = unexpired(registration, state.clock.now());
    let stored = registration.and_then(|registration| registration.password_hash);
    let stored = stored.as_deref();
    if state.hasher.verify(password, stored).await? == PasswordMatch::Wrong {
        return Ok((wrong_credentials(), WRONG_PASSWORD));
    }
    let message = "The email address is not verified. Verify it with the code that was sent to it.";
    let error = UserError::new(UserErrorCode::EmailNotVerified, "email", message);
    Ok((error.into(), "email_not_verified"))
}

fn is_too_long(password: &Secret) -> bool {
    password.expose().chars().nth(MAX_PASSWORD).is_some()
}

fn wrong_credentials() -> Error {
    let message = "The email address or the password is wrong.";
    UserError::new(UserErrorCode::InvalidCredentials, "password", message).into()
}

fn wrong_password(field: &str) -> Error {
    let message = "The password is wrong.";
    UserError::new(UserErrorCode::InvalidCredentials, field, message).into()
}
