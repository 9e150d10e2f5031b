//! Emails about accounts. They never quote text entered by an unauthenticated client.

use std::time::Duration;

use url::form_urlencoded::byte_serialize;

use super::limits;
use crate::accounts::user::entity::Model as User;
use crate::core::error::Result;
use crate::core::viewer::Role;
use crate::infra::database::Transaction;
use crate::infra::mail::CODE;
use crate::platform::jobs::service::NewEmail;
use crate::platform::rate_limit::service as rate_limit;
use crate::state::State;

/// Time after which an email without a code is no longer sent.
const NOTICE_LIFETIME: Duration = Duration::from_hours(72);

/// An email that is not queued yet.
pub struct AccountEmail {
    to: Option<String>,
    subject: String,
    paragraphs: Vec<String>,
}

impl AccountEmail {
    /// Creates a placeholder without a recipient. It makes requests take equally long when no email is sent.
    pub fn placeholder() -> Self {
        Self {
            to: None,
            subject: String::new(),
            paragraphs: Vec::new(),
        }
    }

    /// Email with the code of a registration.
    pub fn verification(state: &State, to: &str) -> Self {
        let shop = &state.config.shop_name;
        Self::new(
            to,
            "Your code to confirm your email address",
            vec![
                format!("Welcome to {shop}! Confirm your email address with this code:"),
                CODE.to_owned(),
                lifetime(state.config.accounts.code_lifetime),
                "If you have not registered, you need not do anything: your address can't be used without the code."
                    .to_owned(),
            ],
        )
    }

    /// Notice to the owner of an account that another registration or email change uses its address. Maximum one a
    /// day. Counted even without an owner, so that it takes equally long.
    pub async fn already_registered(
        transaction: &Transaction,
        state: &State,
        email_key: &str,
        owner: Option<&User>,
    ) -> Result<Option<Self>> {
        let (limit, now) = (limits::notices(email_key), state.clock.now());
        let refused = rate_limit::charge_in(transaction, &[limit], now).await?;
        let owner = owner.filter(|owner| refused.is_none() && owner.is_active());
        let shop = &state.config.shop_name;
        Ok(owner.map(|owner| Self::new(
            &owner.email,
            "You already have an account",
            vec![
                format!("This email address was entered at {shop}, perhaps by you. It already has an account."),
                "If it was you, sign in as before. If you have forgotten your password, set a new one with \"forgot password\"."
                    .to_owned(),
                "If it was not you, you need not do anything: nothing was changed.".to_owned(),
            ],
        )))
    }

    /// Email with the code to set a new password.
    pub fn reset(state: &State, user: &User) -> Self {
        let shop = &state.config.shop_name;
        Self::new(
            &user.email,
            "Your code to set a new password",
            vec![
                format!("Set a new password at {shop} with this code:"),
                CODE.to_owned(),
                lifetime(state.config.accounts.code_lifetime),
                "If you have not requested it, you need not do anything: your password does not change. Never share the code; we will not ask you for it."
                    .to_owned(),
            ],
        )
    }

    /// Email with the code of an invitation, and the link to a page that sets the password if one is configured.
    pub fn invitation(state: &State, user: &User) -> Self {
        let (shop, accounts) = (&state.config.shop_name, &state.config.accounts);
        let mut paragraphs = vec![match user.role {
            Role::Admin => format!("You have been invited to administer {shop}."),
            Role::Customer => format!("An account was created for you at {shop}."),
        }];
        if let Some(page) = &accounts.invitation_url {
            let email: String = byte_serialize(user.email.as_bytes()).collect();
            paragraphs.push("Set your password on this page:".to_owned());
            paragraphs.push(format!("{page}#email={email}&code={CODE}"));
            paragraphs.push("If the page asks for a code, enter this one:".to_owned());
        } else {
            let how = "Set your password with this email address and this code:";
            paragraphs.push(how.to_owned());
        }
        let lifetime = lifetime(accounts.invitation_lifetime);
        paragraphs.extend([
            CODE.to_owned(),
            format!("{lifetime} Later, \"forgot password\" sends you a new one."),
            "If you did not expect this email, you need not do anything. Never share the code; we will not ask you for it."
                .to_owned(),
        ]);
        Self::new(
            &user.email,
            &format!("Your invitation to {shop}"),
            paragraphs,
        )
    }

    /// Email with the code that confirms a new address.
    pub fn email_change_code(state: &State, to: &str) -> Self {
        let shop = &state.config.shop_name;
        Self::new(
            to,
            "Your code to confirm your new email address",
            vec![
                format!("Confirm your new email address at {shop} with this code:"),
                CODE.to_owned(),
                lifetime(state.config.accounts.code_lifetime),
                "If you have not requested it, you need not do anything.".to_owned(),
            ],
        )
    }

    /// Notice to the current address when a change was requested.
    pub fn email_change_requested(state: &State, user: &User) -> Self {
        Self::notice(
            state,
            user,
            "A change of your email address was requested",
            "A change of your account's email address was requested from a signed-in device. This address stays in use until the new one is confirmed.",
        )
    }

    /// Notice to the old address after it was changed.
    pub fn email_changed(state: &State, user: &User) -> Self {
        Self::notice(
            state,
            user,
            "Your email address was changed",
            "Your account has a new email address. This one no longer belongs to it.",
        )
    }

    /// Notice after the password was changed.
    pub fn password_changed(state: &State, user: &User) -> Self {
        Self::notice(
            state,
            user,
            "Your password was changed",
            "Your account has a new password. All other devices were signed out.",
        )
    }

    /// Notice after too many wrong one-time codes.
    pub fn too_many_wrong_codes(state: &State, user: &User) -> Self {
        let shop = &state.config.shop_name;
        Self::new(
            &user.email,
            "Many wrong codes were entered for your account",
            vec![
                format!("A wrong code was entered 100 times for your account at {shop}, perhaps by you. Nothing was changed."),
                "To protect your account, the next codes that we send you are longer. Copy such a code from the email as it is."
                    .to_owned(),
                "If it was not you, you need not do anything. Never share a code; we will not ask you for one.".to_owned(),
            ],
        )
    }

    /// Notice after reuse of an old refresh token.
    pub fn session_ended(state: &State, user: &User) -> Self {
        Self::notice(
            state,
            user,
            "One of your devices was signed out",
            "The sign-in token of one of your devices was used twice. It may have been stolen, so that device was signed out. Sign in again and check the list of your devices.",
        )
    }

    /// Notice after a Google account was linked.
    pub fn google_linked(state: &State, user: &User) -> Self {
        Self::notice(
            state,
            user,
            "You can now sign in with Google",
            "A Google account was linked to your account and can be used to sign in. You can see and remove it in your account.",
        )
    }

    /// Notice after a Google account was unlinked.
    pub fn identity_removed(state: &State, user: &User) -> Self {
        Self::notice(
            state,
            user,
            "A Google account was unlinked",
            "A Google account can no longer be used to sign in to your account. If it has your account's email address and that is a Gmail or Google Workspace address, signing in with it links it again. Any other one stays unlinked until you link it.",
        )
    }

    /// Notice after an account was deleted.
    pub fn account_deleted(state: &State, user: &User) -> Self {
        let shop = &state.config.shop_name;
        Self::new(
            &user.email,
            "Your account was deleted",
            vec![
                format!(
                    "Your account at {shop} and its personal data were deleted. This is our last email about it."
                ),
                "Orders that you placed are kept for as long as the law requires.".to_owned(),
            ],
        )
    }

    fn notice(state: &State, user: &User, subject: &str, what: &str) -> Self {
        let shop = &state.config.shop_name;
        Self::new(
            &user.email,
            subject,
            vec![
                format!("This is about your account at {shop}."),
                what.to_owned(),
                "If this was not you, set a new password with \"forgot password\" at once: this signs out all devices."
                    .to_owned(),
            ],
        )
    }

    fn new(to: &str, subject: &str, paragraphs: Vec<String>) -> Self {
        Self {
            to: Some(to.to_owned()),
            subject: subject.to_owned(),
            paragraphs,
        }
    }

    /// Converts to an email to queue. `nonce` derives the code, and is ignored if the email has none.
    pub fn into_new_email(self, state: &State, nonce: Option<Vec<u8>>) -> NewEmail {
        let carries_code = self.paragraphs.iter().any(|paragraph| paragraph == CODE);
        NewEmail {
            to: self.to,
            subject: self.subject,
            body: self.paragraphs.join("\n\n"),
            nonce: nonce.filter(|_| carries_code),
            lifetime: if carries_code {
                state.config.accounts.code_lifetime
            } else {
                NOTICE_LIFETIME
            },
        }
    }
}

fn lifetime(lifetime: Duration) -> String {
    let seconds = lifetime.as_secs();
    let time = match seconds {
        0..=119 => format!("{seconds} seconds"),
        120..=7_199 => format!("{} minutes", seconds / 60),
        7_200..=172_799 => format!("{} hours", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    };
    format!("It can be used once, within {time}.")
}
