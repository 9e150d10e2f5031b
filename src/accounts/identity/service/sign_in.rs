//! Sign-in with verified Google claims.

use super::ATTEMPTS;
use super::codes::{CodeAndVerifier, redeem, wrong_code};
use super::links::insert_identity;
use super::resolve::{Refusal, Resolution, resolve, verified_address};
use super::tokens::{IdToken, verify};
use crate::accounts::auth::service::{self as auth, AccountEmail, Tokens, security};
use crate::accounts::avatar;
use crate::accounts::identity::entity::oauth_code::Intent;
use crate::accounts::identity::repository::identities;
use crate::accounts::user;
use crate::accounts::user::entity::Model as User;
use crate::accounts::user::service::NewUser;
use crate::core::client_info::Client;
use crate::core::email_address::EmailAddress;
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::core::text;
use crate::core::viewer::Role;
use crate::infra::database::Transaction;
use crate::infra::oidc::Claims;
use crate::infra::telemetry::metrics::SecurityEvent;
use crate::platform::jobs;
use crate::state::State;

/// Name of a user whose claims and email address contain no valid name.
const DEFAULT_NAME: &str = "Customer";
/// Maximum length of a name in characters. Longer ones are cut.
const MAX_NAME: usize = 200;

/// Signs in with a code that a browser received. The code is void afterwards, also on failure.
pub async fn sign_in_with_code(
    state: &State,
    client: &Client,
    credentials: &CodeAndVerifier,
    in_cookie: bool,
) -> Result<Tokens> {
    auth::check_rate_limit(state, client).await?;
    let done = exchange(state, client, credentials, in_cookie).await;
    record_sign_in(state, client, done)
}

async fn exchange(
    state: &State,
    client: &Client,
    credentials: &CodeAndVerifier,
    in_cookie: bool,
) -> Result<Tokens> {
    for _ in 0..ATTEMPTS {
        let transaction = state.db.begin().await?;
        let Some(claims) = redeem(&transaction, state, Intent::SignIn, credentials).await? else {
            transaction.commit().await?;
            return Err(wrong_code());
        };
        let done = finish(transaction, state, client, &claims, in_cookie).await?;
        if let Some(tokens) = done {
            return Ok(tokens);
        }
    }
    Err(Error::Unavailable)
}

/// Signs in with an ID token that an app received. The token is used up, also on failure.
pub async fn sign_in_with_token(
    state: &State,
    client: &Client,
    given: IdToken,
    in_cookie: bool,
) -> Result<Tokens> {
    auth::check_rate_limit(state, client).await?;
    let done = accept(state, client, given, in_cookie).await;
    record_sign_in(state, client, done)
}

async fn accept(state: &State, client: &Client, given: IdToken, in_cookie: bool) -> Result<Tokens> {
    let verified = verify(state, given).await?;
    for _ in 0..ATTEMPTS {
        let transaction = state.db.begin().await?;
        verified.mark_used(&transaction).await?;
        let claims = &verified.claims;
        let done = finish(transaction, state, client, claims, in_cookie).await?;
        if let Some(tokens) = done {
            return Ok(tokens);
        }
    }
    Err(Error::Unavailable)
}

/// Records a sign-in or its refusal in the security log.
fn record_sign_in(state: &State, client: &Client, done: Result<Tokens>) -> Result<Tokens> {
    let event = SecurityEvent::SignIn;
    match &done {
        Ok(tokens) => security::succeeded(state, client, event, tokens.user.id, "google"),
        Err(Error::Refused(errors)) => {
            let reason = match errors.first().map(|error| error.code) {
                Some(UserErrorCode::EmailNotVerified) => "email_not_verified",
                Some(UserErrorCode::LinkRequired) => "link_required",
                Some(UserErrorCode::AccountDisabled) => "account_disabled",
                Some(UserErrorCode::TokenInvalid) => "token_invalid",
                _ => "refused",
            };
            security::refused(state, client, event, None, reason);
        }
        Err(_) => {}
    }
    done
}

/// Signs in the user of the claims and commits. Rolls back and returns `None` if a concurrent request conflicts.
async fn finish(
    transaction: Transaction,
    state: &State,
    client: &Client,
    claims: &Claims,
    in_cookie: bool,
) -> Result<Option<Tokens>> {
    match find_or_create_user(&transaction, state, claims).await? {
        SignInOutcome::User { user, linked } => {
            let tokens = auth::open(&transaction, state, *user, client, in_cookie).await?;
            transaction.commit().await?;
            if linked {
                let event = SecurityEvent::IdentityLinked;
                security::succeeded(state, client, event, tokens.user.id, "sign_in");
            }
            Ok(Some(tokens))
        }
        SignInOutcome::Refused(refusal) => {
            transaction.commit().await?;
            Err(UserError::from(refusal).into())
        }
        SignInOutcome::Conflict => {
            transaction.rollback().await?;
            Ok(None)
        }
    }
}

enum SignInOutcome {
    User {
        user: Box<User>,
        /// Whether the identity was linked to an existing account.
        linked: bool,
    },
    Refused(Refusal),
    /// A concurrent request made a conflicting change.
    Conflict,
}

/// Resolves the claims to a user, and creates or links it.
async fn find_or_create_user(
    transaction: &Transaction,
    state: &State,
    claims: &Claims,
) -> Result<SignInOutcome> {
    let email = match verified_address(claims) {
        Ok(email) => email,
        Err(refusal) => return Ok(SignInOutcome::Refused(refusal)),
    };
    let now = state.clock.now();
    let mut resolution = resolve(transaction, claims, &email).await?;
    if let Some(user) = resolution.user() {
        // Resolved again: the user may have changed before it was locked.
        user::service::lock(transaction, user).await?;
        resolution = resolve(transaction, claims, &email).await?;
        if resolution.user() != Some(user) {
            return Ok(SignInOutcome::Conflict);
        }
    }
    let linked = matches!(resolution, Resolution::Owner(_));
    let settled = match resolution {
        Resolution::Refused(refusal) => return Ok(SignInOutcome::Refused(refusal)),
        Resolution::Known(user, known) => {
            let id = known.id;
            let is_there =
                identities::update_last_use(transaction, id, &email.address, now).await?;
            is_there.then_some(user)
        }
        Resolution::Owner(user) => {
            let linked = insert_identity(transaction, state, user.id, claims, &email).await?;
            let notice = AccountEmail::google_linked(state, &user).into_new_email(state, None);
            jobs::service::enqueue_email(transaction, notice, now).await?;
            linked.map(|_| user)
        }
        Resolution::New => create_user(transaction, state, claims, email).await?,
    };
    Ok(
        settled.map_or(SignInOutcome::Conflict, |user| SignInOutcome::User {
            user: Box::new(user),
            linked,
        }),
    )
}

/// Creates a customer. Returns `None` if the address or the subject has been taken concurrently.
async fn create_user(
    transaction: &Transaction,
    state: &State,
    claims: &Claims,
    email: EmailAddress,
) -> Result<Option<User>> {
    let now = state.clock.now();
    // Before the user is inserted, in the same lock order as elsewhere.
    auth::forget_registration(transaction, &email.key).await?;
    let new = NewUser {
        name: name(claims, &email),
        email: email.clone(),
        role: Role::Customer,
        password_hash: None,
        is_invited: false,
    };
    let Some(user) = user::service::insert(transaction, new, now).await? else {
        return Ok(None);
    };
    if insert_identity(transaction, state, user.id, claims, &email)
        .await?
        .is_none()
    {
        return Ok(None);
    }
    if let Some(picture) = &claims.picture {
        avatar::service::enqueue_download(transaction, user.id, picture, now).await?;
    }
    Ok(Some(user))
}

/// Returns the name of the claims without invisible characters, or else the local part of the email address.
fn name(claims: &Claims, email: &EmailAddress) -> String {
    let shown = |letter: &char| !letter.is_control() && !text::is_invisible(*letter);
    let given = claims.name.as_deref().unwrap_or_default().trim();
    let given: String = text::normalise(given)
        .chars()
        .filter(shown)
        .take(MAX_NAME)
        .collect();
    let name = text::check_name(&given).or_else(|_| text::check_name(email.local_part()));
    name.unwrap_or_else(|_| DEFAULT_NAME.to_owned())
}
