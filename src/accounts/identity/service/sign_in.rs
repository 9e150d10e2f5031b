//! Sign-in with verified Google claims.

use super::ATTEMPTS;
use super::codes::{Brought, redeem, wrong_code};
use super::judge::{Refusal, Verdict, judge, verified_address};
use super::links::attach;
use super::tokens::{IdToken, verify};
use crate::accounts::auth::service::{self as auth, Letter, Tokens, security};
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
const NAMELESS: &str = "Customer";
/// Maximum length of a name in characters. Longer ones are cut.
const MAX_NAME: usize = 200;

/// Signs in with a code that a browser received. The code is void afterwards, also on failure.
pub async fn sign_in_with_code(
    state: &State,
    client: &Client,
    brought: &Brought,
    in_cookie: bool,
) -> Result<Tokens> {
    auth::admit(state, client).await?;
    let done = exchange(state, client, brought, in_cookie).await;
    recorded(state, client, done)
}

async fn exchange(
    state: &State,
    client: &Client,
    brought: &Brought,
    in_cookie: bool,
) -> Result<Tokens> {
    for _ in 0..ATTEMPTS {
        let transaction = state.db.begin().await?;
        let Some(claims) = redeem(&transaction, state, Intent::SignIn, brought).await? else {
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
    auth::admit(state, client).await?;
    let done = accept(state, client, given, in_cookie).await;
    recorded(state, client, done)
}

async fn accept(state: &State, client: &Client, given: IdToken, in_cookie: bool) -> Result<Tokens> {
    let verified = verify(state, given).await?;
    for _ in 0..ATTEMPTS {
        let transaction = state.db.begin().await?;
        verified.use_up(&transaction).await?;
        let claims = &verified.claims;
        let done = finish(transaction, state, client, claims, in_cookie).await?;
        if let Some(tokens) = done {
            return Ok(tokens);
        }
    }
    Err(Error::Unavailable)
}

/// Records a sign-in or its refusal in the security log.
fn recorded(state: &State, client: &Client, done: Result<Tokens>) -> Result<Tokens> {
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
    match settle(&transaction, state, claims).await? {
        Settled::User { user, linked } => {
            let tokens = auth::open(&transaction, state, user, client, in_cookie).await?;
            transaction.commit().await?;
            if linked {
                let event = SecurityEvent::IdentityLinked;
                security::succeeded(state, client, event, tokens.user.id, "sign_in");
            }
            Ok(Some(tokens))
        }
        Settled::Refused(refusal) => {
            transaction.commit().await?;
            Err(UserError::from(refusal).into())
        }
        Settled::Overtaken => {
            transaction.rollback().await?;
            Ok(None)
        }
    }
}

enum Settled {
    User {
        user: User,
        /// Whether the identity was linked to an existing account.
        linked: bool,
    },
    Refused(Refusal),
    /// A concurrent request made a conflicting change.
    Overtaken,
}

/// Resolves the claims to a user, and creates or links it.
async fn settle(transaction: &Transaction, state: &State, claims: &Claims) -> Result<Settled> {
    let email = match verified_address(claims) {
        Ok(email) => email,
        Err(refusal) => return Ok(Settled::Refused(refusal)),
    };
    let now = state.clock.now();
    let mut verdict = judge(transaction, claims, &email).await?;
    if let Some(user) = verdict.user() {
        // Resolved again: the user may have changed before it was locked.
        user::service::lock(transaction, user).await?;
        verdict = judge(transaction, claims, &email).await?;
        if verdict.user() != Some(user) {
            return Ok(Settled::Overtaken);
        }
    }
    let linked = matches!(verdict, Verdict::Owner(_));
    let settled = match verdict {
        Verdict::Refused(refusal) => return Ok(Settled::Refused(refusal)),
        Verdict::Known(user, known) => {
            let id = known.id;
            let is_there = identities::update_used(transaction, id, &email.address, now).await?;
            is_there.then_some(user)
        }
        Verdict::Owner(user) => {
            let linked = attach(transaction, state, user.id, claims, &email).await?;
            let letter = Letter::google_linked(state, &user).into_new(state, None);
            jobs::service::enqueue_email(transaction, letter, now).await?;
            linked.map(|_| user)
        }
        Verdict::New => make(transaction, state, claims, email).await?,
    };
    Ok(settled.map_or(Settled::Overtaken, |user| Settled::User { user, linked }))
}

/// Creates a customer. Returns `None` if the address or the subject has been taken concurrently.
async fn make(
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
    };
    let Some(user) = user::service::insert(transaction, new, now).await? else {
        return Ok(None);
    };
    if attach(transaction, state, user.id, claims, &email)
        .await?
        .is_none()
    {
        return Ok(None);
    }
    if let Some(picture) = &claims.picture {
        avatar::service::want(transaction, user.id, picture, now).await?;
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
    name.unwrap_or_else(|_| NAMELESS.to_owned())
}
