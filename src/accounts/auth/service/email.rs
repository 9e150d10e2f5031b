//! Change of the email address: requested with the password, confirmed with the code sent to the new address.

use super::codes::{CodeAttempt, CodeOutcome, NewCode, issue_code, redeem_code, wrong_code};
use super::emails::AccountEmail;
use super::login::reauthenticate;
use super::rules::check_email;
use super::{limits, security};
use crate::accounts::auth::entity::one_time_code::Purpose;
use crate::accounts::auth::repository::codes as repository;
use crate::accounts::user;
use crate::accounts::user::entity::Model as User;
use crate::config::Secret;
use crate::core::client_info::Client;
use crate::core::email_address::EmailAddress;
use crate::core::error::{Error, Result};
use crate::core::id::TypedId;
use crate::core::viewer::SignedIn;
use crate::infra::telemetry::metrics::SecurityEvent;
use crate::platform::jobs;
use crate::platform::rate_limit::service as rate_limit;
use crate::state::State;

/// Sends a code to the new address and a notice to the current one. An address of another account gets a notice
/// without a code; the response is the same.
pub async fn change_email(
    state: &State,
    client: &Client,
    caller: SignedIn,
    new: &str,
    password: Option<&Secret>,
) -> Result<()> {
    let new = check_email("newEmail", new)?;
    let me = reauthenticate(state, client, caller, password, "password").await?;
    if me.email == new.address {
        let message = "This is your email address already. Enter a different one.";
        return Err(Error::bad_input("newEmail", message));
    }
    let now = state.clock.now();
    let subject = caller.user().encode();
    // Limited for each sender and each receiver, so that many accounts can't flood one address.
    let purpose = Purpose::ChangeEmail;
    let mut limits = vec![limits::code_requests(state, client)];
    limits.extend(limits::emails(state, client, purpose, &subject));
    limits.extend(limits::emails(state, client, purpose, &new.key));
    let transaction = rate_limit::begin(state, &limits).await?;
    let user = user::service::lock(&transaction, caller.user()).await?;
    let user = user.ok_or(Error::Unauthenticated)?;
    let taken = user::service::find_by_email_key(&transaction, &new.key).await?;
    let taken = taken.filter(|other| other.id != user.id);
    let notice =
        AccountEmail::already_registered(&transaction, state, &new.key, taken.as_ref()).await?;
    let live = taken.is_none();
    let account_email = match taken {
        Some(_) => notice,
        None => Some(AccountEmail::email_change_code(state, &new.address)),
    };
    let code = NewCode {
        purpose,
        subject: &subject,
        live,
        user: Some(user.id),
        payload: Some(new.address),
        is_invitation: false,
        account_email,
    };
    issue_code(&transaction, state, client, code, now).await?;
    let notice = AccountEmail::email_change_requested(state, &user).into_new_email(state, None);
    jobs::service::enqueue_email(&transaction, notice, now).await?;
    transaction.commit().await?;
    let event = SecurityEvent::EmailChangeRequested;
    security::succeeded(state, client, event, user.id, "requested");
    Ok(())
}

/// Changes the email address with the code that was sent to it.
pub async fn confirm_email_change(
    state: &State,
    client: &Client,
    caller: SignedIn,
    otp: &str,
) -> Result<User> {
    let now = state.clock.now();
    let transaction = rate_limit::begin(state, &[limits::code_attempts(state, client)]).await?;
    let user = user::service::lock(&transaction, caller.user()).await?;
    let before = user.ok_or(Error::Unauthenticated)?;
    let subject = caller.user().encode();
    let purpose = Purpose::ChangeEmail;
    let attempt = CodeAttempt {
        purpose,
        subject: &subject,
        otp,
        owner: Some(&before),
    };
    let attempt = redeem_code(&transaction, state, client, attempt).await?;
    let event = SecurityEvent::EmailChanged;
    let new = match &attempt {
        CodeOutcome::Right { payload, .. } => {
            EmailAddress::parse(payload.as_deref().unwrap_or("")).ok()
        }
        CodeOutcome::Wrong(_) | CodeOutcome::Exhausted => None,
    };
    let Some(new) = new else {
        transaction.commit().await?;
        security::refused(state, client, event, Some(before.id), attempt.reason());
        return Err(wrong_code(state, &attempt));
    };
    let mut user = before.clone();
    user.email = new.address;
    user.email_key = new.key;
    user.verified_at = now;
    let user = user::service::save(&transaction, user, now).await?;
    // Codes sent to the old address are void.
    repository::delete_of_user(&transaction, user.id).await?;
    let notice = AccountEmail::email_changed(state, &before).into_new_email(state, None);
    jobs::service::enqueue_email(&transaction, notice, now).await?;
    transaction.commit().await?;
    security::succeeded(state, client, event, user.id, "code");
    Ok(user)
}
