//! Registration and email verification.
//!
//! A registration is stored in its own table, whether or not the address has an account. The user is created when a
//! code from an email verifies the address. A code proves access to the mailbox, but not that its reader registered.
//! If the address was registered with two different passwords, both are discarded, and the owner sets one with
//! `forgotPassword`.

use std::time::Duration;

use super::codes::{
    CodeAttempt, CodeOutcome, NewCode, issue_code, redeem_code, with_min_duration, wrong_code,
};
use super::emails::AccountEmail;
use super::rules::{check_email, check_password};
use super::{limits, security};
use crate::accounts::auth::entity::one_time_code::Purpose;
use crate::accounts::auth::entity::registration::Model;
use crate::accounts::auth::repository::{codes, registrations as repository};
use crate::accounts::user;
use crate::accounts::user::entity::Model as User;
use crate::accounts::user::service::NewUser;
use crate::config::Secret;
use crate::core::client_info::Client;
use crate::core::clock::Timestamp;
use crate::core::email_address::EmailAddress;
use crate::core::error::{Error, Result};
use crate::core::text;
use crate::core::validation::Validator;
use crate::core::viewer::Role;
use crate::infra::database::Transaction;
use crate::infra::password_hasher::PasswordMatch;
use crate::infra::telemetry::metrics::SecurityEvent;
use crate::platform::jobs;
use crate::platform::rate_limit::service as rate_limit;
use crate::state::State;

/// Lifetime of an unverified registration.
const REGISTRATION_LIFETIME: Duration = Duration::from_hours(24);
/// Maximum number of attempts when the registration changes concurrently. It changes at most twice: to one password,
/// then to none.
const MAX_ATTEMPTS: usize = 5;

/// Input of a registration.
pub struct Registration {
    pub email: String,
    pub name: String,
    pub password: Secret,
}

/// Registers a customer and queues the email with the code. The response does not disclose whether the address has an
/// account.
pub async fn register(state: &State, client: &Client, new: Registration) -> Result<()> {
    let mut validator = Validator::default();
    let email = validator.check("email", EmailAddress::parse(&new.email));
    let name = validator.check("name", text::check_name(&new.name));
    check_password(
        state,
        &mut validator,
        "password",
        &new.password,
        email.as_ref(),
    );
    let (Some(email), Some(name), true) = (email, name, validator.is_valid()) else {
        return Err(validator.refusal());
    };
    state.hasher.check_queue()?;
    rate_limit::charge(state, &[limits::code_requests(state, client)]).await?;
    // Serialized for each address: concurrent registrations would make each other hash again, and fill the queue.
    let _lock = state.registration_locks.lock(&email.key).await?;
    // Retried if another server changes the registration of this address concurrently.
    for _ in 0..MAX_ATTEMPTS {
        let now = state.clock.now();
        let known = unexpired(repository::find(state.db.reader(), &email.key).await?, now);
        let registration = Model {
            email_key: email.key.clone(),
            email: email.address.clone(),
            name: name.clone(),
            password_hash: resolve_password_hash(state, known.as_ref(), &new.password).await?,
            created_at: now,
            expires_at: now.after(REGISTRATION_LIFETIME),
        };
        let transaction = state.db.begin().await?;
        let emails = limits::emails(state, client, Purpose::VerifyEmail, &email.key);
        let refused = rate_limit::charge_in(&transaction, &emails, now).await?;
        let found = repository::lock(&transaction, &email.key).await?;
        if hash_of(unexpired(found, now).as_ref()) == hash_of(known.as_ref()) {
            let may_send = refused.is_none();
            store(&transaction, state, client, registration, may_send).await?;
            return Ok(transaction.commit().await?);
        }
    }
    Err(Error::Unavailable)
}

/// Returns the hash of `password`, or `None` if the pending registration has a different one. Hashes once in any
/// case.
async fn resolve_password_hash(
    state: &State,
    known: Option<&Model>,
    password: &Secret,
) -> Result<Option<String>> {
    let Some(known) = known else {
        return state.hasher.hash(password).await.map(Some);
    };
    let stored = known.password_hash.as_deref();
    let same = state.hasher.verify(password, stored).await? != PasswordMatch::Wrong;
    Ok(known.password_hash.clone().filter(|_| same))
}

async fn store(
    transaction: &Transaction,
    state: &State,
    client: &Client,
    registration: Model,
    may_send: bool,
) -> Result<()> {
    let now = registration.created_at;
    let email = registration.email.clone();
    let mut subject = registration.email_key.clone();
    repository::replace(transaction, registration).await?;
    let user = user::service::find_by_email_key(transaction, &subject).await?;
    let notice =
        AccountEmail::already_registered(transaction, state, &subject, user.as_ref()).await?;
    let live = user.is_none() && may_send;
    let account_email = if live {
        Some(AccountEmail::verification(state, &email))
    } else {
        notice
    };
    if user.is_none() && !may_send {
        // The code sent before stays valid. No address begins with a space, so this subject is a placeholder.
        subject.insert(0, ' ');
    }
    let code = NewCode {
        purpose: Purpose::VerifyEmail,
        subject: &subject,
        live,
        user: None,
        payload: None,
        is_invitation: false,
        account_email,
    };
    issue_code(transaction, state, client, code, now).await
}

/// Returns the registration if it has not expired.
pub(super) fn unexpired(registration: Option<Model>, now: Timestamp) -> Option<Model> {
    registration.filter(|registration| registration.expires_at > now)
}

/// Returns the hash of a registration, or an empty string if its password was discarded.
fn hash_of(registration: Option<&Model>) -> Option<&str> {
    registration.map(|registration| registration.password_hash.as_deref().unwrap_or_default())
}

/// Verifies an address with the code that was sent to it, and creates the user from the registration.
pub async fn verify_email(state: &State, client: &Client, email: &str, otp: &str) -> Result<User> {
    let email = check_email("email", email)?;
    let now = state.clock.now();
    let transaction = rate_limit::begin(state, &[limits::code_attempts(state, client)]).await?;
    let registration = repository::lock(&transaction, &email.key).await?;
    let purpose = Purpose::VerifyEmail;
    let attempt = CodeAttempt {
        purpose,
        subject: &email.key,
        otp,
        owner: None,
    };
    let attempt = redeem_code(&transaction, state, client, attempt).await?;
    let verified = match (unexpired(registration, now), &attempt) {
        (Some(registration), CodeOutcome::Right { .. }) => {
            repository::delete(&transaction, &email.key).await?;
            let new = NewUser {
                email: EmailAddress {
                    address: registration.email,
                    key: registration.email_key,
                },
                name: registration.name,
                role: Role::Customer,
                password_hash: registration.password_hash,
                is_invited: false,
            };
            // `None` if an admin with this address was created meanwhile.
            user::service::insert(&transaction, new, now).await?
        }
        _ => None,
    };
    transaction.commit().await?;
    let event = SecurityEvent::EmailVerified;
    let Some(user) = verified else {
        security::refused(state, client, event, None, attempt.reason());
        return Err(wrong_code(state, &attempt));
    };
    security::succeeded(state, client, event, user.id, "code");
    Ok(user)
}

/// Sends a new code to an address with a pending registration. The response does not disclose whether there is one.
pub async fn resend_otp(state: &State, client: &Client, email: &str) -> Result<()> {
    with_min_duration(resend_code(state, client, email)).await
}

async fn resend_code(state: &State, client: &Client, email: &str) -> Result<()> {
    let email = check_email("email", email)?;
    let now = state.clock.now();
    let purpose = Purpose::VerifyEmail;
    let mut limits = vec![limits::code_requests(state, client)];
    limits.extend(limits::emails(state, client, purpose, &email.key));
    let transaction = rate_limit::begin(state, &limits).await?;
    let registration = repository::lock(&transaction, &email.key).await?;
    let user = user::service::find_by_email_key(&transaction, &email.key).await?;
    let waits = unexpired(registration, now).filter(|_| user.is_none());
    let code = NewCode {
        purpose,
        subject: &email.key,
        live: waits.is_some(),
        user: None,
        payload: None,
        is_invitation: false,
        account_email: waits.map(|waits| AccountEmail::verification(state, &waits.email)),
    };
    issue_code(&transaction, state, client, code, now).await?;
    Ok(transaction.commit().await?)
}

/// Deletes the pending registration and code of an address that was verified in another way. Its password may belong
/// to another person.
pub async fn forget_registration(transaction: &Transaction, email_key: &str) -> Result<()> {
    let purpose = Purpose::VerifyEmail;
    repository::delete(transaction, email_key).await?;
    if let Some(code) = codes::lock(transaction, purpose, email_key).await? {
        jobs::service::cancel_email(transaction, &code.nonce).await?;
        codes::delete(transaction, purpose, email_key).await?;
    }
    Ok(())
}
