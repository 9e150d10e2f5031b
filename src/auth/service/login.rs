//! Signing in by password, and proving once more who one is.

use std::time::Duration;

use super::rules::MAX_PASSWORD;
use super::sessions::{Tokens, find_session, open};
use crate::client::Client;
use crate::config::Secret;
use crate::email::EmailAddress;
use crate::error::{Error, Result};
use crate::password::Verdict;
use crate::state::State;
use crate::throttle::service::{Limit, charge, forget};
use crate::user;
use crate::user::entity::Model as User;
use crate::user_error::{UserError, UserErrorCode};
use crate::viewer::SignedIn;

/// How old a sign-in may be that stands in for a password.
const FRESH: Duration = Duration::from_mins(10);

/// What somebody signs in with.
pub struct Credentials {
    pub email: String,
    pub password: Secret,
    /// Whether the refresh token is to be kept in a cookie.
    pub in_cookie: bool,
}

/// Signs in. An unknown address, a wrong password and a user who is shut out give the same answer, and take as long.
pub async fn login(state: &State, client: &Client, credentials: Credentials) -> Result<Tokens> {
    let email = EmailAddress::parse(&credentials.email).ok();
    let subject = email.as_ref().map_or("", |email| &email.key);
    let account = account_limit(state, subject);
    // Before anything is written: a flood of sign-ins must not fill the queue of writers too.
    state.hasher.expect_room()?;
    charge(state, &[client_limit(state, client), account.clone()]).await?;
    if is_too_long(&credentials.password) {
        return Err(wrong_credentials("password"));
    }
    let user = match &email {
        Some(email) => user::service::find_by_email(state.db.reader(), email).await?,
        None => None,
    };
    let stored = user.as_ref().and_then(|user| user.password_hash.as_deref());
    let verdict = state.hasher.verify(&credentials.password, stored).await?;
    let (Some(known), Verdict::Right { rehashed }) = (user, verdict) else {
        return Err(wrong_credentials("password"));
    };
    if known.disabled_at.is_some() {
        return Err(wrong_credentials("password"));
    }
    if known.verified_at.is_none() {
        let message = "Confirm your address first, with the code that was sent to it.";
        return Err(UserError::new(UserErrorCode::EmailNotVerified, "email", message).into());
    }

    let transaction = state.db.begin().await?;
    let user = user::service::lock(&transaction, known.id).await?;
    // Asked again: hashing took its time, and another may have changed the password meanwhile.
    let same = |user: &User| user.is_active() && user.password_hash == known.password_hash;
    let Some(mut user) = user.filter(same) else {
        return Err(wrong_credentials("password"));
    };
    if let Some(hash) = rehashed {
        user.password_hash = Some(hash);
        user = user::service::save(&transaction, user, state.clock.now()).await?;
    }
    forget(&transaction, &account).await?;
    let tokens = open(&transaction, state, user, client, credentials.in_cookie).await?;
    transaction.commit().await?;
    Ok(tokens)
}

/// Asks somebody who is signed in for the password; who has none must have signed in a short while ago. Gives the user.
pub(super) async fn prove(
    state: &State,
    client: &Client,
    who: SignedIn,
    password: Option<&Secret>,
    field: &str,
) -> Result<User> {
    let user = user::service::find(state.db.reader(), who.user()).await?;
    let user = user.ok_or(Error::Unauthenticated)?;
    let Some(stored) = &user.password_hash else {
        let session = find_session(state, who).await?;
        if state.clock.now().since(session.created_at) <= FRESH {
            return Ok(user);
        }
        let code = UserErrorCode::ReauthenticationRequired;
        return Err(UserError::new(code, None, "Sign in once more, then try again.").into());
    };
    let account = account_limit(state, &user.email_key);
    charge(state, &[client_limit(state, client), account.clone()]).await?;
    let password = password.filter(|password| !is_too_long(password));
    let password = password.ok_or_else(|| wrong_credentials(field))?;
    match state.hasher.verify(password, Some(stored)).await? {
        Verdict::Wrong => Err(wrong_credentials(field)),
        Verdict::Right { .. } => {
            let transaction = state.db.begin().await?;
            forget(&transaction, &account).await?;
            transaction.commit().await?;
            Ok(user)
        }
    }
}

/// How often sign-ins to one account may fail.
pub(super) fn account_limit(state: &State, email_key: &str) -> Limit {
    let rate = state.config.accounts.limit_login_account;
    Limit::new("login-account", email_key, rate)
}

fn client_limit(state: &State, client: &Client) -> Limit {
    let rate = state.config.accounts.limit_login_client;
    Limit::of_client("login", client.address, rate)
}

fn is_too_long(password: &Secret) -> bool {
    password.expose().chars().nth(MAX_PASSWORD).is_some()
}

fn wrong_credentials(field: &str) -> Error {
    let message = match field {
        "password" => "The address or the password is wrong.",
        _ => "The password is wrong.",
    };
    UserError::new(UserErrorCode::InvalidCredentials, field, message).into()
}
