//! Invitations: an admin creates an account, and the invited person chooses its password.
//!
//! The user is created at once, so that it can be listed, updated and deleted. The email address is verified, and the
//! invitation ends, when the user sets a password by email or signs in with Google.

use super::codes::{CodeAttempt, CodeOutcome, NewCode, issue_code, redeem_code};
use super::emails::AccountEmail;
use super::register::forget_registration;
use super::{limits, security};
use crate::accounts::auth::entity::one_time_code::Purpose;
use crate::accounts::auth::repository::codes;
use crate::accounts::user::entity::Model as User;
use crate::accounts::user::service::NewUser;
use crate::accounts::user::{self, UserId};
use crate::core::client_info::Client;
use crate::core::clock::Timestamp;
use crate::core::email_address::EmailAddress;
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::core::id::TypedId;
use crate::core::text;
use crate::core::validation::Validator;
use crate::core::viewer::{Admin, Role};
use crate::infra::database::Transaction;
use crate::infra::telemetry::metrics::SecurityEvent;
use crate::platform::audit::service::{self as audit, Actor, Entry};
use crate::platform::rate_limit::service as rate_limit;
use crate::state::State;

/// Input of an invitation.
pub struct Invitation {
    pub email: String,
    pub name: String,
    pub role: Role,
}

/// Creates a user without a password and sends a code to set one. A user whose invitation is pending is updated and
/// gets a new code.
pub async fn invite_user(
    state: &State,
    client: &Client,
    admin: Admin,
    new: Invitation,
) -> Result<User> {
    let mut validator = Validator::default();
    let email = validator.check("email", EmailAddress::parse(&new.email));
    let name = validator.check("name", text::check_name(&new.name));
    let (Some(email), Some(name)) = (email, name) else {
        return Err(validator.refusal());
    };
    let new = NewUser {
        email,
        name,
        role: new.role,
        password_hash: None,
        is_invited: true,
    };
    let now = state.clock.now();
    let limits = limits::invitations(state, admin, &new.email.key);
    let transaction = rate_limit::begin(state, &limits).await?;
    // Before the user is locked or inserted, in the same lock order as elsewhere.
    forget_registration(&transaction, &new.email.key).await?;
    let before = user::service::lock_by_email_key(&transaction, &new.email.key).await?;
    let user = if let Some(pending) = before.clone() {
        update(&transaction, pending, new, now).await?
    } else {
        let inserted = user::service::insert(&transaction, new, now).await?;
        // Inserted concurrently, by a registration or a sign-in with Google.
        inserted.ok_or_else(already_exists)?
    };
    let code = NewCode {
        purpose: Purpose::ResetPassword,
        subject: &user.id.encode(),
        live: true,
        user: Some(user.id),
        payload: None,
        is_invitation: true,
        account_email: Some(AccountEmail::invitation(state, &user)),
    };
    issue_code(&transaction, state, client, code, now).await?;
    let entries = [audit_entry(before.as_ref(), &user)];
    audit::record(&transaction, Actor::Admin(admin), entries, now).await?;
    transaction.commit().await?;
    let reason = match user.role {
        Role::Admin => "as_admin",
        Role::Customer => "as_customer",
    };
    let event = SecurityEvent::UserInvited;
    security::done_by_admin(state, client, event, user.id, admin.user(), reason);
    Ok(user)
}

/// Updates a user whose invitation is repeated.
async fn update(
    transaction: &Transaction,
    pending: User,
    new: NewUser,
    now: Timestamp,
) -> Result<User> {
    if pending.is_verified() {
        return Err(already_exists());
    }
    if !pending.is_active() {
        let message = "This user was invited and then disabled. Enable the account first.";
        return Err(UserError::new(UserErrorCode::Conflict, "email", message).into());
    }
    let user = User {
        email: new.email.address,
        name: new.name,
        role: new.role,
        invited_at: Some(now),
        ..pending
    };
    user::service::save(transaction, user, now).await
}

/// Builds the audit entry. It contains no name and no email address, so that they can be deleted with the account.
fn audit_entry(before: Option<&User>, user: &User) -> Entry {
    let role = |user: &User| user.role.as_str().to_owned();
    Entry::new("inviteUser")
        .about(user.id)
        .changed(
            "email",
            before.is_none_or(|before| before.email != user.email),
        )
        .changed("name", before.is_none_or(|before| before.name != user.name))
        .change("role", before.map(role), role(user))
}

fn already_exists() -> Error {
    let message = "A user with this email address exists already.";
    UserError::new(UserErrorCode::Conflict, "email", message).into()
}

/// Checks the code of an invitation and uses it up. Runs the same statements without a user.
pub async fn redeem(
    transaction: &Transaction,
    state: &State,
    client: &Client,
    user: Option<UserId>,
    otp: &str,
) -> Result<CodeOutcome> {
    let subject = user.unwrap_or(UserId(uuid::Uuid::nil())).encode();
    let attempt = CodeAttempt {
        purpose: Purpose::ResetPassword,
        subject: &subject,
        otp,
        owner: None,
    };
    redeem_code(transaction, state, client, attempt).await
}

/// Ends the invitation of a user that has authenticated without its code. Its code is void.
pub async fn end(transaction: &Transaction, mut user: User, now: Timestamp) -> Result<User> {
    if !user.verify(now) {
        return Ok(user);
    }
    codes::delete_of_user(transaction, user.id).await?;
    user::service::save(transaction, user, now).await
}
