//! Change of the password with the current one, and reset by email.

use super::codes::{NewCode, Tried, Try, evenly, issue, redeem, wrong_code};
use super::letters::Letter;
use super::login::prove;
use super::rules::{check_email, check_password};
use super::sessions::{Tokens, tokens};
use super::{attempts, limits, security};
use crate::accounts::auth::entity::one_time_code::Purpose;
use crate::accounts::auth::repository::{codes, sessions};
use crate::accounts::token::refresh::RefreshToken;
use crate::accounts::user;
use crate::accounts::user::entity::Model as User;
use crate::config::Secret;
use crate::core::client_info::Client;
use crate::core::email_address::EmailAddress;
use crate::core::error::{Error, Result};
use crate::core::validation::Form;
use crate::core::viewer::SignedIn;
use crate::infra::database::Transaction;
use crate::infra::telemetry::metrics::SecurityEvent;
use crate::platform::jobs;
use crate::platform::rate_limit::service as throttle;
use crate::state::State;

/// Changes the password. All other sessions end; this one gets new tokens, and its old refresh token is void.
pub async fn change_password(
    state: &State,
    client: &Client,
    who: SignedIn,
    current: &Secret,
    new: &Secret,
) -> Result<Tokens> {
    let user = prove(state, client, who, Some(current), "currentPassword").await?;
    let mut form = Form::default();
    let owner = EmailAddress::parse(&user.email).ok();
    check_password(state, &mut form, "newPassword", new, owner.as_ref());
    form.finish()?;
    let hash = state.hasher.hash(new).await?;

    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    let user = lock(&transaction, user.id).await?;
    let user = store(&transaction, state, user, hash, Some(who)).await?;
    let session = sessions::lock(&transaction, who.session()).await?;
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
    security::succeeded(state, client, event, who.user(), "password");
    Ok(tokens)
}

/// Sends a code to set a new password. The response does not disclose whether the address has an account.
pub async fn forgot_password(state: &State, client: &Client, email: &str) -> Result<()> {
    evenly(send_code(state, client, email)).await
}

async fn send_code(state: &State, client: &Client, email: &str) -> Result<()> {
    let email = check_email("email", email)?;
    let now = state.clock.now();
    let purpose = Purpose::ResetPassword;
    let mut limits = vec![limits::codes(state, client)];
    limits.extend(limits::letters(state, client, purpose, &email.key));
    let transaction = throttle::begin(state, &limits).await?;
    let user = user::service::lock_by_key(&transaction, &email.key).await?;
    let user = user.filter(User::is_active);
    let account = user.as_ref().map(|user| user.id);
    let code = NewCode {
        purpose,
        subject: &email.key,
        live: user.is_some(),
        user: account,
        payload: None,
        letter: user.map(|user| Letter::reset(state, &user)),
    };
    issue(&transaction, state, client, code, now).await?;
    transaction.commit().await?;
    let event = SecurityEvent::PasswordResetRequested;
    security::requested(state, client, event, account);
    Ok(())
}

/// Sets a new password with the code that was sent to the address. All sessions end, and all other codes are void.
pub async fn reset_password(
    state: &State,
    client: &Client,
    email: &str,
    otp: &str,
    new: &Secret,
) -> Result<User> {
    let mut form = Form::default();
    let email = form.check("email", EmailAddress::parse(email));
    check_password(state, &mut form, "newPassword", new, email.as_ref());
    let (Some(email), true) = (email, form.is_fine()) else {
        return Err(form.refusal());
    };
    state.hasher.expect_room()?;
    throttle::charge(state, &[limits::tries(state, client)]).await?;
    // Hashed before the transaction: within it, other writers would wait for the hash.
    let hash = state.hasher.hash(new).await?;

    let transaction = state.db.begin().await?;
    let user = user::service::lock_by_key(&transaction, &email.key).await?;
    let purpose = Purpose::ResetPassword;
    let account = user.as_ref().map(|user| user.id);
    let tried = Try {
        purpose,
        subject: &email.key,
        otp,
        owner: user.as_ref().filter(|user| user.is_active()),
    };
    let tried = redeem(&transaction, state, client, tried).await?;
    let reset = match (user, &tried) {
        (Some(user), Tried::Right { user: owner, .. })
            if Some(user.id) == *owner && user.is_active() =>
        {
            Some(store(&transaction, state, user, hash, None).await?)
        }
        _ => None,
    };
    transaction.commit().await?;
    let event = SecurityEvent::PasswordReset;
    let Some(user) = reset else {
        security::refused(state, client, event, account, tried.reason());
        return Err(wrong_code(state, &tried));
    };
    security::succeeded(state, client, event, user.id, "code");
    Ok(user)
}

/// Stores a new password, ends the other sessions, deletes codes and failed attempts, and queues a notice.
async fn store(
    transaction: &Transaction,
    state: &State,
    mut user: User,
    hash: String,
    stays: Option<SignedIn>,
) -> Result<User> {
    let now = state.clock.now();
    user.password_hash = Some(hash);
    let user = user::service::save(transaction, user, now).await?;
    let except = stays.map(SignedIn::session);
    sessions::delete_of_user(transaction, user.id, except).await?;
    codes::delete_of_user(transaction, user.id).await?;
    attempts::forget(transaction, state, &user.email_key).await?;
    let letter = Letter::password_changed(state, &user).into_new(state, None);
    jobs::service::enqueue_email(transaction, letter, now).await?;
    Ok(user)
}

async fn lock(transaction: &Transaction, id: user::UserId) -> Result<User> {
    let user = user::service::lock(transaction, id).await?;
    user.ok_or(Error::Unauthenticated)
}
