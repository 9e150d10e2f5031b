//! Admins created by the operator: `wares admin`, and the admin of the demo.

use super::attempts;
use super::rules::check_password;
use crate::accounts::auth::repository::{codes, sessions};
use crate::accounts::user;
use crate::accounts::user::entity::Model as User;
use crate::accounts::user::service::NewUser;
use crate::config::Secret;
use crate::core::email_address::EmailAddress;
use crate::core::error::{Error, Result};
use crate::core::text;
use crate::core::validation::Validator;
use crate::core::viewer::Role;
use crate::platform::audit::service::{self as audit, Actor, Entry};
use crate::state::State;

/// Email address of the demo admin.
const DEMO_EMAIL: &str = "admin@example.com";
/// Length of the demo admin's password, in characters of an alphabet of 32.
const DEMO_PASSWORD_LENGTH: usize = 20;

/// The demo admin and its generated password.
pub struct FirstAdmin {
    pub email: &'static str,
    pub password: Secret,
}

/// Creates an admin. An existing account becomes an admin with this password, and all its sessions end. Returns
/// whether the account is new.
pub async fn create_admin(
    state: &State,
    email: &str,
    name: Option<&str>,
    password: &Secret,
) -> Result<bool> {
    let mut validator = Validator::default();
    let email = validator.check("email", EmailAddress::parse(email));
    let name = name.and_then(|name| validator.check("name", text::check_name(name)));
    check_password(state, &mut validator, "password", password, email.as_ref());
    let (Some(email), true) = (email, validator.is_valid()) else {
        return Err(validator.refusal());
    };
    let hash = state.hasher.hash(password).await?;
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    let known = user::service::lock_by_email_key(&transaction, &email.key).await?;
    let is_new = known.is_none();
    let user = if let Some(user) = known {
        let mut user = User {
            role: Role::Admin,
            password_hash: Some(hash),
            disabled_at: None,
            // The account may have been created by another person.
            identities_since: Some(now),
            name: name.unwrap_or(user.name),
            ..user
        };
        user.verify(now);
        let user = user::service::save(&transaction, user, now).await?;
        sessions::delete_of_user(&transaction, user.id, None).await?;
        codes::delete_of_user(&transaction, user.id).await?;
        attempts::reset(&transaction, state, &user.email_key).await?;
        user
    } else {
        let new = NewUser {
            email,
            name: name.unwrap_or_else(|| "Admin".to_owned()),
            role: Role::Admin,
            password_hash: Some(hash),
            is_invited: false,
        };
        let stored = user::service::insert(&transaction, new, now).await?;
        let raced = || {
            Error::internal(anyhow::anyhow!(
                "an account with this email address was created at the same time; try again"
            ))
        };
        stored.ok_or_else(raced)?
    };
    let entries = [Entry::new("createAdmin").about(user.id)];
    audit::record(&transaction, Actor::Operator, entries, now).await?;
    transaction.commit().await?;
    Ok(is_new)
}

/// Creates an admin with a random password. Returns `None` if the shop has users already.
pub async fn create_demo_admin(state: &State) -> Result<Option<FirstAdmin>> {
    if !user::service::is_empty(state.db.reader()).await? {
        return Ok(None);
    }
    let password = Secret::from(random_password());
    let hash = state.hasher.hash(&password).await?;
    let transaction = state.db.begin_exclusive().await?;
    // Checked again: another server may have created one meanwhile.
    if !user::service::is_empty(&transaction).await? {
        return Ok(None);
    }
    let email =
        EmailAddress::parse(DEMO_EMAIL).map_err(|why| Error::internal(anyhow::anyhow!(why)))?;
    let new = NewUser {
        email,
        name: "Demo Admin".to_owned(),
        role: Role::Admin,
        password_hash: Some(hash),
        is_invited: false,
    };
    user::service::insert(&transaction, new, state.clock.now()).await?;
    transaction.commit().await?;
    Ok(Some(FirstAdmin {
        email: DEMO_EMAIL,
        password,
    }))
}

/// Generates a password of letters and digits that are not easily confused, in groups of five.
fn random_password() -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let bytes = rand::random::<[u8; DEMO_PASSWORD_LENGTH]>();
    let characters = bytes.map(|byte| char::from(ALPHABET[usize::from(byte % 32)]));
    let groups = characters
        .chunks(5)
        .map(|group| group.iter().collect::<String>());
    groups.collect::<Vec<_>>().join("-")
}
