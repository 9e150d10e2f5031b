//! Linking and unlinking of identities.

use super::ATTEMPTS;
use super::codes::{CodeAndVerifier, redeem, wrong_code};
use super::resolve::verified_address;
use super::tokens::{IdToken, Verified, verify};
use crate::accounts::auth::service::{self as auth, AccountEmail, security};
use crate::accounts::identity::IdentityId;
use crate::accounts::identity::entity::identity::{Model, Provider};
use crate::accounts::identity::entity::oauth_code::Intent;
use crate::accounts::identity::repository::identities as repository;
use crate::accounts::user::UserId;
use crate::accounts::user::entity::Model as User;
use crate::config::Secret;
use crate::core::client_info::Client;
use crate::core::email_address::EmailAddress;
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::core::id::TypedId;
use crate::core::viewer::SignedIn;
use crate::infra::database::Transaction;
use crate::infra::oidc::Claims;
use crate::infra::telemetry::metrics::SecurityEvent;
use crate::platform::jobs;
use crate::state::State;

/// Proof that the client owns a Google account.
#[derive(Debug)]
pub enum GoogleCredential {
    /// A code that a browser received.
    Code(CodeAndVerifier),
    /// An ID token that an app received.
    Token(IdToken),
}

/// The proof after the check of an ID token.
enum VerifiedGoogleCredential {
    Code(CodeAndVerifier),
    Token(Verified),
}

/// Links a Google account to the viewer's account, and notifies the owner. The proof is used up, unless the password
/// is wrong. Succeeds if it is linked to the viewer's account already.
pub async fn link(
    state: &State,
    client: &Client,
    caller: SignedIn,
    credential: GoogleCredential,
    password: Option<&Secret>,
) -> Result<Model> {
    auth::check_rate_limit(state, client).await?;
    let seen = match credential {
        GoogleCredential::Code(credentials) => VerifiedGoogleCredential::Code(credentials),
        GoogleCredential::Token(given) => {
            VerifiedGoogleCredential::Token(verify(state, given).await?)
        }
    };
    let reauthenticated = auth::reauthenticate(state, client, caller, password, "password").await?;
    for _ in 0..ATTEMPTS {
        let transaction = state.db.begin().await?;
        let done = async {
            let claims = claims(&transaction, state, &seen).await?;
            link_to(&transaction, state, (caller, &reauthenticated), &claims).await
        };
        match done.await {
            Ok(None) => transaction.rollback().await?,
            Ok(Some(identity)) => {
                transaction.commit().await?;
                let event = SecurityEvent::IdentityLinked;
                security::succeeded(state, client, event, caller.user(), "google");
                return Ok(identity);
            }
            // The proof stays used up.
            Err(error @ Error::Refused(_)) => {
                transaction.commit().await?;
                let (event, user) = (SecurityEvent::IdentityLinked, Some(caller.user()));
                security::refused(state, client, event, user, "google");
                return Err(error);
            }
            Err(error) => return Err(error),
        }
    }
    Err(Error::Unavailable)
}

async fn claims(
    transaction: &Transaction,
    state: &State,
    seen: &VerifiedGoogleCredential,
) -> Result<Claims> {
    match seen {
        VerifiedGoogleCredential::Code(credentials) => {
            let claims = redeem(transaction, state, Intent::Link, credentials).await?;
            claims.ok_or_else(wrong_code)
        }
        VerifiedGoogleCredential::Token(verified) => {
            verified.mark_used(transaction).await?;
            Ok(verified.claims.clone())
        }
    }
}

/// Links the subject of the claims to the user. Returns `None` if a concurrent request has stored a conflicting
/// identity.
async fn link_to(
    transaction: &Transaction,
    state: &State,
    (caller, reauthenticated): (SignedIn, &User),
    claims: &Claims,
) -> Result<Option<Model>> {
    let email = verified_address(claims).map_err(UserError::from)?;
    let user = auth::lock_if_unchanged(transaction, caller, reauthenticated).await?;
    delete_void(transaction, &user).await?;
    let known = repository::find_by_subject(transaction, &claims.issuer, &claims.subject).await?;
    if let Some(known) = known {
        if known.user_id == user.id {
            return Ok(Some(known));
        }
        let message = "This Google account is linked to another user account.";
        return Err(conflict(message));
    }
    let present = repository::find_by_users(transaction, &[user.id]).await?;
    if present.iter().any(|row| row.provider == Provider::Google) {
        let message = "Another Google account is already linked. Unlink it first.";
        return Err(conflict(message));
    }
    let linked = insert_identity(transaction, state, user.id, claims, &email).await?;
    let account_email = AccountEmail::google_linked(state, &user).into_new_email(state, None);
    jobs::service::enqueue_email(transaction, account_email, state.clock.now()).await?;
    Ok(linked)
}

/// Inserts the identity of a user, which must be locked or new. Returns `None` if the subject is linked already, or the
/// user has another identity of this provider.
pub async fn insert_identity(
    transaction: &Transaction,
    state: &State,
    user: UserId,
    claims: &Claims,
    email: &EmailAddress,
) -> Result<Option<Model>> {
    let now = state.clock.now();
    let identity = Model {
        id: IdentityId::generate(now),
        user_id: user,
        provider: Provider::Google,
        issuer: claims.issuer.clone(),
        subject: claims.subject.clone(),
        email: email.address.clone(),
        created_at: now,
        last_used_at: now,
    };
    let stored = repository::insert(transaction, identity.clone()).await?;
    Ok(stored.then_some(identity))
}

/// Deletes an identity of the viewer, ends all other sessions and notifies the owner. Returns the identity and the
/// user. Fails for the last way to sign in.
pub async fn unlink(
    state: &State,
    client: &Client,
    caller: SignedIn,
    id: IdentityId,
    password: Option<&Secret>,
) -> Result<(Model, User)> {
    let reauthenticated = auth::reauthenticate(state, client, caller, password, "password").await?;
    let transaction = state.db.begin().await?;
    // Locked: a concurrent request must not remove the last way to sign in.
    let user = auth::lock_if_unchanged(&transaction, caller, &reauthenticated).await?;
    let present = repository::find_by_users(&transaction, &[user.id]).await?;
    let identity = present.iter().find(|row| row.id == id).cloned();
    let missing = || {
        UserError::new(
            UserErrorCode::NotFound,
            "id",
            "You have no identity with this id.",
        )
    };
    let identity = identity.ok_or_else(missing)?;
    if user.password_hash.is_none() && present.len() == 1 {
        let message =
            "This is your only way to sign in. Set a password first, with \"forgot password\".";
        return Err(UserError::new(UserErrorCode::LastSignInMethod, None, message).into());
    }
    repository::delete(&transaction, id).await?;
    // Sessions opened with the identity end too.
    auth::end_other_sessions(&transaction, caller).await?;
    let account_email = AccountEmail::identity_removed(state, &user).into_new_email(state, None);
    jobs::service::enqueue_email(&transaction, account_email, state.clock.now()).await?;
    transaction.commit().await?;
    let event = SecurityEvent::IdentityUnlinked;
    security::succeeded(state, client, event, user.id, "google");
    Ok((identity, user))
}

/// Deletes void identities: those linked before the ownership of the account was certain.
async fn delete_void(transaction: &Transaction, user: &User) -> Result<()> {
    for row in repository::find_by_users(transaction, &[user.id]).await? {
        if user.identities_since >= Some(row.created_at) {
            repository::delete(transaction, row.id).await?;
        }
    }
    Ok(())
}

fn conflict(message: &str) -> Error {
    UserError::new(UserErrorCode::Conflict, None, message).into()
}
