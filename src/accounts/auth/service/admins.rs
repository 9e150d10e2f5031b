//! The first admin: made by the operator, never by the API.

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
use crate::core::validation::Form;
use crate::core::viewer::Role;
use crate::platform::audit::service::{self as audit, Actor, Entry};
use crate::state::State;

/// The address of the demo's admin.
const DEMO_EMAIL: &str = "admin@example.com";
/// How many letters the password of the demo's admin has; each is one of 32.
const DEMO_PASSWORD: usize = 20;

/// An admin whose password nobody has chosen.
pub struct FirstAdmin {
    pub email: &'static str,
    pub password: Secret,
}

/// Makes an admin. Who has an account already becomes one, with this password, and is signed out everywhere. Whether the
/// account is new.
pub async fn create_admin(
    state: &State,
    email: &str,
    name: Option<&str>,
    password: &Secret,
) -> Result<bool> {
    let mut form = Form::default();
    let email = form.check("email", EmailAddress::parse(email));
    let name = name.and_then(|name| form.check("name", text::check_name(name)));
    check_password(state, &mut form, "password", password, email.as_ref());
    let (Some(email), true) = (email, form.is_fine()) else {
        return Err(form.refusal());
    };
    let hash = state.hasher.hash(password).await?;
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    let known = user::service::lock_by_key(&transaction, &email.key).await?;
    let is_new = known.is_none();
    let user = if let Some(user) = known {
        let user = User {
            role: Role::Admin,
            password_hash: Some(hash),
            disabled_at: None,
            // Whoever made the account may be another.
            identities_since: Some(now),
            name: name.unwrap_or(user.name),
            ..user
        };
        let user = user::service::save(&transaction, user, now).await?;
        sessions::delete_of_user(&transaction, user.id, None).await?;
        codes::delete_of_user(&transaction, user.id).await?;
        attempts::forget(&transaction, state, &user.email_key).await?;
        user
    } else {
        let new = NewUser {
            email,
            name: name.unwrap_or_else(|| "Admin".to_owned()),
            role: Role::Admin,
            password_hash: Some(hash),
        };
        let stored = user::service::insert(&transaction, new, now).await?;
        let raced = || Error::internal(anyhow::anyhow!("somebody registers with this address"));
        stored.ok_or_else(raced)?
    };
    let entries = [Entry::new("createAdmin").about(user.id)];
    audit::record(&transaction, Actor::Operator, entries, now).await?;
    transaction.commit().await?;
    Ok(is_new)
}

/// Makes an admin with a password of chance in a shop without users; nothing when there are some.
pub async fn create_demo_admin(state: &State) -> Result<Option<FirstAdmin>> {
    if !user::service::is_empty(state.db.reader()).await? {
        return Ok(None);
    }
    let password = Secret::from(random_password());
    let hash = state.hasher.hash(&password).await?;
    let transaction = state.db.begin_exclusive().await?;
    // Asked again: another server may have made one while this one waited.
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
    };
    user::service::insert(&transaction, new, state.clock.now()).await?;
    transaction.commit().await?;
    Ok(Some(FirstAdmin {
        email: DEMO_EMAIL,
        password,
    }))
}

/// Letters and digits that nobody confuses, in groups of five.
fn random_password() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let bytes = rand::random::<[u8; DEMO_PASSWORD]>();
    let letters = bytes.map(|byte| char::from(LETTERS[usize::from(byte % 32)]));
    let groups = letters
        .chunks(5)
        .map(|group| group.iter().collect::<String>());
    groups.collect::<Vec<_>>().join("-")
}
