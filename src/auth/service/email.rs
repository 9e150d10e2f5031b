//! A new e-mail address: asked for with the password, confirmed with the code that was sent to it.

use super::codes::{self, NewCode, issue, redeem, wrong_code};
use super::letters::Letter;
use super::login::prove;
use super::register::{client_limit, tries_limit};
use crate::auth::entity::one_time_code::Purpose;
use crate::auth::repository::codes as repository;
use crate::client::Client;
use crate::config::Secret;
use crate::email::EmailAddress;
use crate::error::{Error, Result};
use crate::id::TypedId;
use crate::outbox;
use crate::state::State;
use crate::throttle::service as throttle;
use crate::user;
use crate::user::entity::Model as User;
use crate::user_error::Form;
use crate::viewer::SignedIn;

/// Sends a code to the address that who asks wants to have, and word of it to the present one. An address that belongs
/// to another account gets a letter too, but none with a code; who asks is not told.
pub async fn change_email(
    state: &State,
    client: &Client,
    who: SignedIn,
    new: &str,
    password: Option<&Secret>,
) -> Result<()> {
    let mut form = Form::default();
    let Some(new) = form.check("newEmail", EmailAddress::parse(new)) else {
        return Err(form.refusal());
    };
    prove(state, client, who, password, "password").await?;
    let now = state.clock.now();
    let subject = who.user().encode();
    // For each sender and for each receiver: nobody gets letters from a thousand accounts.
    let mut limits = vec![client_limit(state, client)];
    limits.extend(codes::limits(state, Purpose::ChangeEmail, &subject));
    limits.extend(codes::limits(state, Purpose::ChangeEmail, &new.key));
    let transaction = throttle::begin(state, &limits).await?;
    let user = user::service::lock(&transaction, who.user()).await?;
    let user = user.ok_or(Error::Unauthenticated)?;
    let taken = user::service::find_by_email(&transaction, &new).await?;
    let taken = taken.filter(|other| other.id != user.id);
    let code = NewCode {
        purpose: Purpose::ChangeEmail,
        subject: &subject,
        user: taken.is_none().then_some(user.id),
        payload: Some(new.address.clone()),
        letter: Some(match &taken {
            Some(other) => Letter::already_registered(state, &other.email),
            None => Letter::new_address(state, &new.address),
        }),
    };
    issue(&transaction, state, code, now).await?;
    let notice = Letter::address_leaves(state, &user).into_new(state, None);
    outbox::service::queue(&transaction, notice, now).await?;
    Ok(transaction.commit().await?)
}

/// Takes the new address, with the code that was sent to it.
pub async fn confirm_email_change(
    state: &State,
    client: &Client,
    who: SignedIn,
    otp: &str,
) -> Result<User> {
    let now = state.clock.now();
    let transaction = throttle::begin(state, &[tries_limit(state, client)]).await?;
    let user = user::service::lock(&transaction, who.user()).await?;
    let before = user.ok_or(Error::Unauthenticated)?;
    let subject = who.user().encode();
    let right = redeem(&transaction, state, Purpose::ChangeEmail, &subject, otp).await?;
    let new = right.and_then(|(_, new)| EmailAddress::parse(&new.unwrap_or_default()).ok());
    let Some(new) = new else {
        transaction.commit().await?;
        return Err(wrong_code());
    };
    let mut user = before.clone();
    user.email = new.address;
    user.email_key = new.key;
    user.verified_at = Some(now);
    let user = user::service::save(&transaction, user, now).await?;
    // What was sent to the old address is void.
    repository::delete_of_user(&transaction, user.id).await?;
    let notice = Letter::address_left(state, &before).into_new(state, None);
    outbox::service::queue(&transaction, notice, now).await?;
    transaction.commit().await?;
    Ok(user)
}
