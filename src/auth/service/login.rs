//! Signing in by password, and proving once more who one is.

use std::time::Duration;

use super::limits;
use super::register::waiting;
use super::rules::MAX_PASSWORD;
use super::sessions::{Tokens, find_session, open};
use crate::auth::entity::registration::Model as Registration;
use crate::auth::repository::registrations;
use crate::client::Client;
use crate::config::Secret;
use crate::email::EmailAddress;
use crate::error::{Error, Result};
use crate::password::Verdict;
use crate::state::State;
use crate::throttle::service as throttle;
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
    let subject = email
        .as_ref()
        .map_or(&credentials.email, |email| &email.key);
    let account = limits::login_account(state, subject);
    // Before anything is written: a flood of sign-ins must not fill the queue of writers too.
    state.hasher.expect_room()?;
    throttle::charge(state, &[limits::login(state, client), account.clone()]).await?;
    let password = &credentials.password;
    let Some(email) = email.filter(|_| !is_too_long(password)) else {
        return Err(wrong_credentials());
    };
    let user = user::service::find_by_key(state.db.reader(), &email.key).await?;
    let registration = registrations::find(state.db.reader(), &email.key).await?;
    let stored = user.as_ref().and_then(|user| user.password_hash.as_deref());
    let verdict = state.hasher.verify(password, stored).await?;
    let (Some(known), Verdict::Right { rehashed }) = (user, verdict) else {
        return Err(refusal(state, password, registration).await?);
    };
    if !known.is_active() {
        return Err(wrong_credentials());
    }

    let transaction = state.db.begin().await?;
    let user = user::service::lock(&transaction, known.id).await?;
    // Asked again: hashing took its time, and another may have changed the password meanwhile.
    let same = |user: &User| user.is_active() && user.password_hash == known.password_hash;
    let Some(mut user) = user.filter(same) else {
        return Err(wrong_credentials());
    };
    if let Some(hash) = rehashed {
        user.password_hash = Some(hash);
        user = user::service::save(&transaction, user, state.clock.now()).await?;
    }
    throttle::forget(&transaction, &account).await?;
    let tokens = open(&transaction, state, user, client, credentials.in_cookie).await?;
    transaction.commit().await?;
    Ok(tokens)
}

/// Counts a sign-in that asks for no password here.
pub async fn admit(state: &State, client: &Client) -> Result<()> {
    throttle::charge(state, &[limits::login(state, client)]).await
}

/// Counts a browser that goes to sign in elsewhere, or comes back from there.
pub async fn admit_elsewhere(state: &State, client: &Client, comes_back: bool) -> Result<()> {
    throttle::charge(state, &[limits::elsewhere(state, client, comes_back)]).await
}

/// Asks somebody who is signed in for the password; who has none must have signed in a short while ago. Gives the user.
pub async fn prove(
    state: &State,
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
    throttle::charge(state, &[limits::prove(state, who.session())]).await?;
    let password = password.filter(|password| !is_too_long(password));
    let password = password.ok_or_else(|| wrong_password(field))?;
    match state.hasher.verify(password, Some(stored)).await? {
        Verdict::Wrong => Err(wrong_password(field)),
        Verdict::Right { .. } => Ok(user),
    }
}

/// Why somebody is not signed in. Who knows the password of a registration learns that it waits for its code, and
/// nothing of whether the address has an account: such a registration can be there as well. Takes as long when none is.
async fn refusal(
    state: &State,
    password: &Secret,
    registration: Option<Registration>,
) -> Result<Error> {
    let registration = waiting(registration, state.clock.now());
    let stored = registration.and_then(|registration| registration.password_hash);
    let stored = stored.as_deref();
    if state.hasher.verify(password, stored).await? == Verdict::Wrong {
        return Ok(wrong_credentials());
    }
    let message = "Confirm your address first, with the code that was sent to it.";
    Ok(UserError::new(UserErrorCode::EmailNotVerified, "email", message).into())
}

fn is_too_long(password: &Secret) -> bool {
    password.expose().chars().nth(MAX_PASSWORD).is_some()
}

fn wrong_credentials() -> Error {
    let message = "The address or the password is wrong.";
    UserError::new(UserErrorCode::InvalidCredentials, "password", message).into()
}

fn wrong_password(field: &str) -> Error {
    let message = "The password is wrong.";
    UserError::new(UserErrorCode::InvalidCredentials, field, message).into()
}
