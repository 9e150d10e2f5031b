//! Change of the password with the current one, and reset by email.

use super::codes::{
    CodeAttempt, CodeOutcome, NewCode, issue_code, redeem_code, with_min_duration, wrong_code,
};
use super::emails::AccountEmail;
use super::login::reauthenticate;
use super::rules::{check_email, check_password};
use super::sessions::{Tokens, tokens};
use super::{attempts, invitations, limits, security};
use crate::accounts::auth::entity::one_time_code::Purpose;
use crate::accounts::auth::repository::{codes, sessions};
use crate::accounts::token::refresh::RefreshToken;
use crate::accounts::user;
use crate::accounts::user::entity::Model as User;
use crate::config::Secret;
use crate::core::client_info::Client;
use crate::core::email_address::EmailAddress;
use crate::core::error::{Error, Result};
use crate::core::validation::Validator;
use crate::core::viewer::SignedIn;
use crate::infra::database::Transaction;
use crate::infra::telemetry::metrics::SecurityEvent;
use crate::platform::jobs;
use crate::platform::rate_limit::service as rate_limit;
use crate::state::State;

/// Changes the password. All other sessions end; this one gets new tokens, and its old refresh token is void.
pub async fn change_password(
    state: &State,
    client: &Client,
    caller: SignedIn,
    current: &Secret,
    new: &Secret,
) -> Result<Tokens> {
    let user = reauthenticate(state, client, caller, Some(current), "currentPassword").await?;
    let mut validator = Validator::default();
    let owner = EmailAddress::parse(&user.email).ok();
    check_password(state, &mut validator, "newPassword", new, owner.as_ref());
    validator.finish()?;
    let hash = state.hasher.hash(new).await?;

    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    let user = lock(&transaction, user.id).await?;
    let user = store(&transaction, state, user, hash, Some(caller)).await?;
    let session = sessions::lock(&transaction, caller.session()).await?;
    let mut session = session.ok_or(Error::Unauthenticated)?;
    let token = RefreshToken::first(session.id.into(), &state.keys);
    session.generation += 1;
    session.previous_hash = Some(std::mem::replace(&mut session.current_hash, token.hash()));
    session.confirmed = false;
    session.refreshed_at = now;
    let session = sessions::update(&transaction, session).await?;
    let tokens = tokens(state, &session, user, &token)?;
    transaction.commit().await?;
    let event = SecurityEvent::PasswordChanged;
    security::succeeded(state, client, event, caller.user(), "password");
    Ok(tokens)
}

/// Sends a code to set a new password. The response does not disclose whether the address has an account.
pub async fn forgot_password(state: &State, client: &Client, email: &str) -> Result<()> {
    with_min_duration(send_code(state, client, email)).await
}

async fn send_code(state: &State, client: &Client, email: &str) -> Result<()> {
    let email = check_email("email", email)?;
    let now = state.clock.now();
    let purpose = Purpose::ResetPassword;
    let mut limits = vec![limits::code_requests(state, client)];
    limits.extend(limits::emails(state, client, purpose, &email.key));
    let transaction = rate_limit::begin(state, &limits).await?;
    let user = user::service::lock_by_email_key(&transaction, &email.key).await?;
    let user = user.filter(User::is_active);
    let account = user.as_ref().map(|user| user.id);
    let code = NewCode {
        purpose,
        subject: &email.key,
        live: user.is_some(),
        user: account,
        payload: None,
        is_invitation: false,
        account_email: user.map(|user| AccountEmail::reset(state, &user)),
    };
    issue_code(&transaction, state, client, code, now).await?;
    transaction.commit().await?;
    let event = SecurityEvent::PasswordResetRequested;
    security::requested(state, client, event, account);
    Ok(())
}

/// Sets a new password with the code that was sent to the address, on request or with an invitation. All sessions end,
/// and all other codes are void.
pub async fn reset_password(
    state: &State,
    client: &Client,
    email: &str,
    otp: &str,
    new: &Secret,
) -> Result<User> {
    let mut validator = Validator::default();
    let email = validator.check("email", EmailAddress::parse(email));
    check_password(state, &mut validator, "newPassword", new, email.as_ref());
    let (Some(email), true) = (email, validator.is_valid()) else {
        return Err(validator.refusal());
    };
    state.hasher.check_queue()?;
    rate_limit::charge(state, &[limits::code_attempts(state, client)]).await?;
    // Hashed before the transaction: within it, other writers would wait for the hash.
    let hash = state.hasher.hash(new).await?;

    let transaction = state.db.begin().await?;
    let user = user::service::lock_by_email_key(&transaction, &email.key).await?;
    let purpose = Purpose::ResetPassword;
    let account = user.as_ref().map(|user| user.id);
    let mut method = "invitation";
    let mut attempt = invitations::redeem(&transaction, state, client, account, otp).await?;
    if !matches!(attempt, CodeOutcome::Right { .. }) {
        method = "code";
        let code = CodeAttempt {
            purpose,
            subject: &email.key,
            otp,
            owner: user.as_ref().filter(|user| user.is_active()),
        };
        attempt = redeem_code(&transaction, state, client, code).await?;
    }
    let reset = match (user, &attempt) {
        (Some(user), CodeOutcome::Right { user: owner, .. })
            if Some(user.id) == *owner && user.is_active() =>
        {
            Some(store(&transaction, state, user, hash, None).await?)
        }
        _ => None,
    };
    transaction.commit().await?;
    let event = SecurityEvent::PasswordReset;
    let Some(user) = reset else {
        security::refused(state, client, event, account, attempt.reason());
        return Err(wrong_code(state, &attempt));
    };
    security::succeeded(state, client, event, user.id, method);
    Ok(user)
}

/// Stores a new password, ends a pending invitation and the other sessions, deletes codes and failed attempts, and
/// queues a notice.
async fn store(
    transaction: &Transaction,
    state: &State,
    mut user: User,
    hash: String,
    stays: Option<SignedIn>,
) -> Result<User> {
    let now = state.clock.now();
    user.password_hash = Some(hash);
    user.verify(now);
    let user = user::service::save(transaction, user, now).await?;
    let except = stays.map(SignedIn::session);
    sessions::delete_of_user(transaction, user.id, except).await?;
    codes::delete_of_user(transaction, user.id).await?;
    attempts::reset(transaction, state, &user.email_key).await?;
    let account_email = AccountEmail::password_changed(state, &user).into_new_email(state, None);
    jobs::service::enqueue_email(transaction, account_email, now).await?;
    Ok(user)
}

async fn lock(transaction: &Transaction, id: user::UserId) -> Result<User> {
    let user = user::service::lock(transaction, id).await?;
    user.ok_or(Error::Unauthenticated)
}
