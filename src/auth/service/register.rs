//! Registering, and proving that the address is one's own.

use std::time::Duration;

use super::codes::{self, NewCode, issue, redeem, wrong_code};
use super::letters::Letter;
use super::rules::check_password;
use crate::auth::entity::one_time_code::Purpose;
use crate::client::Client;
use crate::clock::Timestamp;
use crate::config::{Rate, Secret};
use crate::database::Transaction;
use crate::email::EmailAddress;
use crate::error::Result;
use crate::state::State;
use crate::text;
use crate::throttle::service::{self as throttle, Limit};
use crate::user;
use crate::user::entity::{Model as User, Role};
use crate::user::service::NewUser;
use crate::user_error::Form;

/// How often the owner of an account is told that somebody tries to register with its address.
const NOTICES: Rate = Rate {
    burst: 1,
    period: Duration::from_hours(24),
};

/// What somebody registers with.
pub struct Registration {
    pub email: String,
    pub name: String,
    pub password: Secret,
}

/// A registration that breaks no rule.
struct Applicant {
    email: EmailAddress,
    name: String,
    password_hash: String,
}

/// Registers a customer, who then proves the address with the code of a letter. Whether the address has an account
/// already shows in nothing.
pub async fn register(state: &State, client: &Client, new: Registration) -> Result<()> {
    let mut form = Form::default();
    let email = form.check("email", EmailAddress::parse(&new.email));
    let name = form.check("name", text::check_name(&new.name));
    check_password(state, &mut form, "password", &new.password, email.as_ref());
    let (Some(email), Some(name), true) = (email, name, form.is_fine()) else {
        return Err(form.refusal());
    };
    throttle::charge(state, &[client_limit(state, client)]).await?;
    let applicant = Applicant {
        password_hash: state.hasher.hash(&new.password).await?,
        email,
        name,
    };
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    apply(&transaction, state, applicant, now).await?;
    Ok(transaction.commit().await?)
}

async fn apply(
    transaction: &Transaction,
    state: &State,
    applicant: Applicant,
    now: Timestamp,
) -> Result<()> {
    let email = applicant.email.clone();
    let limits = codes::limits(state, Purpose::VerifyEmail, &email.key);
    // First of all: it also lets those who register with one address wait for each other.
    let may_send = throttle::charge_in(transaction, &limits, now)
        .await?
        .is_none();
    let known = user::service::lock_by_email(transaction, &email).await?;
    let mut subject = email.key.clone();
    let (user, letter) = match known {
        None => {
            let letter = Letter::verification(state, &email.address);
            (add(transaction, applicant, now).await?, Some(letter))
        }
        Some(mut user) if may_send && user.verified_at.is_none() && user.disabled_at.is_none() => {
            user.email = applicant.email.address;
            user.name = applicant.name;
            user.password_hash = Some(applicant.password_hash);
            let letter = Letter::verification(state, &email.address);
            let user = user::service::save(transaction, user, now).await?;
            (Some(user), Some(letter))
        }
        Some(user) => {
            let notices = Limit::new("notices", &email.key, NOTICES);
            let told = throttle::charge_in(transaction, &[notices], now)
                .await?
                .is_some();
            let tell = !told && user.is_active();
            let letter = tell.then(|| Letter::already_registered(state, &user.email));
            if user.verified_at.is_none() {
                // The code that is on its way stays the one that counts; this one is for nobody.
                subject.insert(0, '-');
            }
            (None, letter)
        }
    };
    let code = NewCode {
        purpose: Purpose::VerifyEmail,
        subject: &subject,
        user: user.map(|user| user.id),
        payload: None,
        letter,
    };
    issue(transaction, state, code, now).await
}

async fn add(
    transaction: &Transaction,
    applicant: Applicant,
    now: Timestamp,
) -> Result<Option<User>> {
    let new = NewUser {
        email: applicant.email,
        name: applicant.name,
        role: Role::Customer,
        password_hash: Some(applicant.password_hash),
        verified: false,
    };
    user::service::insert(transaction, new, now).await
}

/// Proves an address with the code that was sent to it; gives the user.
pub async fn verify_email(state: &State, client: &Client, email: &str, otp: &str) -> Result<User> {
    let mut form = Form::default();
    let Some(email) = form.check("email", EmailAddress::parse(email)) else {
        return Err(form.refusal());
    };
    let now = state.clock.now();
    let transaction = throttle::begin(state, &[tries_limit(state, client)]).await?;
    let user = user::service::lock_by_email(&transaction, &email).await?;
    let right = redeem(&transaction, state, Purpose::VerifyEmail, &email.key, otp).await?;
    let verified = match (user, right) {
        (Some(mut user), Some((owner, _))) if user.id == owner && user.disabled_at.is_none() => {
            user.verified_at = user.verified_at.or(Some(now));
            Some(user::service::save(&transaction, user, now).await?)
        }
        _ => None,
    };
    transaction.commit().await?;
    verified.ok_or_else(wrong_code)
}

/// Sends a new code to an address that waits to be proved.
pub async fn resend_otp(state: &State, client: &Client, email: &str) -> Result<()> {
    send_code(state, client, Purpose::VerifyEmail, email).await
}

/// Sends a code to an address, if there is an account that has a use for it. Whether there is shows in nothing.
pub(super) async fn send_code(
    state: &State,
    client: &Client,
    purpose: Purpose,
    email: &str,
) -> Result<()> {
    let mut form = Form::default();
    let Some(email) = form.check("email", EmailAddress::parse(email)) else {
        return Err(form.refusal());
    };
    let now = state.clock.now();
    let mut limits = vec![client_limit(state, client)];
    limits.extend(codes::limits(state, purpose, &email.key));
    let transaction = throttle::begin(state, &limits).await?;
    let user = user::service::find_by_email(&transaction, &email).await?;
    let user = user.filter(|user| {
        let unverified = user.verified_at.is_none();
        user.disabled_at.is_none() && (unverified || purpose == Purpose::ResetPassword)
    });
    let code = NewCode {
        purpose,
        subject: &email.key,
        user: user.as_ref().map(|user| user.id),
        payload: None,
        letter: user.map(|user| match purpose {
            Purpose::ResetPassword => Letter::reset(state, &user),
            Purpose::VerifyEmail | Purpose::ChangeEmail => Letter::verification(state, &user.email),
        }),
    };
    issue(&transaction, state, code, now).await?;
    Ok(transaction.commit().await?)
}

/// How often one client may ask for letters.
pub(super) fn client_limit(state: &State, client: &Client) -> Limit {
    let rate = state.config.accounts.limit_codes_client;
    Limit::of_client("codes", client.address, rate)
}

/// How often one client may try codes.
pub(super) fn tries_limit(state: &State, client: &Client) -> Limit {
    let rate = state.config.accounts.limit_tries_client;
    Limit::of_client("tries", client.address, rate)
}
