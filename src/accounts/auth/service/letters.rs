//! The letters of accounts. None of them quotes what a stranger has typed.

use std::time::Duration;

use super::limits;
use crate::accounts::user::entity::Model as User;
use crate::core::error::Result;
use crate::infra::database::Transaction;
use crate::infra::mail::CODE;
use crate::platform::jobs::service::NewEmail;
use crate::platform::rate_limit::service as throttle;
use crate::state::State;

/// How long a letter without a code is worth sending.
const NOTICE: Duration = Duration::from_hours(72);

/// A letter that is not addressed to anybody's server yet.
pub struct Letter {
    to: Option<String>,
    subject: String,
    paragraphs: Vec<String>,
}

impl Letter {
    /// What stands in for a letter, so that sending none takes as long.
    pub fn to_nobody() -> Self {
        Self {
            to: None,
            subject: String::new(),
            paragraphs: Vec::new(),
        }
    }

    /// To the address that somebody has registered.
    pub fn verification(state: &State, to: &str) -> Self {
        let shop = &state.config.shop_name;
        Self::new(
            to,
            "Your code to confirm this address",
            vec![
                format!("Welcome to {shop}! With this code you confirm that the address is yours:"),
                CODE.to_owned(),
                lifetime(state),
                "If you have not registered, you need not do anything: without the code nobody can use your address."
                    .to_owned(),
            ],
        )
    }

    /// To the owner of an account whose address somebody else wants to have, once a day. Counted whether or not there is
    /// an owner, so that it takes as long.
    pub async fn already_registered(
        transaction: &Transaction,
        state: &State,
        email_key: &str,
        owner: Option<&User>,
    ) -> Result<Option<Self>> {
        let (limit, now) = (limits::notices(email_key), state.clock.now());
        let told = throttle::charge_in(transaction, &[limit], now).await?;
        let owner = owner.filter(|owner| told.is_none() && owner.is_active());
        let shop = &state.config.shop_name;
        Ok(owner.map(|owner| Self::new(
            &owner.email,
            "You have an account already",
            vec![
                format!("Somebody, perhaps you, wants to use this address at {shop}. It has an account already."),
                "If it was you, sign in as you did before. If you don't know your password any more, set a new one with \"forgot password\"."
                    .to_owned(),
                "If it was somebody else, you need not do anything: nothing was changed.".to_owned(),
            ],
        )))
    }

    /// To somebody who has forgotten the password.
    pub fn reset(state: &State, user: &User) -> Self {
        let shop = &state.config.shop_name;
        Self::new(
            &user.email,
            "Your code to set a new password",
            vec![
                format!("With this code you set a new password at {shop}:"),
                CODE.to_owned(),
                lifetime(state),
                "If you have not asked for it, you need not do anything: your password stays as it is. Give the code to nobody; we never ask for it."
                    .to_owned(),
            ],
        )
    }

    /// To the address that somebody wants to have.
    pub fn new_address(state: &State, to: &str) -> Self {
        let shop = &state.config.shop_name;
        Self::new(
            to,
            "Your code to confirm your new address",
            vec![
                format!("With this code you confirm that this is your new address at {shop}:"),
                CODE.to_owned(),
                lifetime(state),
                "If you have not asked for it, you need not do anything.".to_owned(),
            ],
        )
    }

    /// To the address that somebody wants to leave.
    pub fn address_leaves(state: &State, user: &User) -> Self {
        Self::notice(
            state,
            user,
            "Your address is about to change",
            "Somebody who is signed in to your account has asked to change its e-mail address. Until the new one is confirmed, this one stays.",
        )
    }

    /// To the address that was left.
    pub fn address_left(state: &State, user: &User) -> Self {
        Self::notice(
            state,
            user,
            "Your address was changed",
            "Your account has a new e-mail address. This one does not belong to it any more.",
        )
    }

    /// After a new password was set.
    pub fn password_changed(state: &State, user: &User) -> Self {
        Self::notice(
            state,
            user,
            "Your password was changed",
            "Your account has a new password. All other devices were signed out.",
        )
    }

    /// After too many wrong one-time codes.
    pub fn codes_guessed(state: &State, user: &User) -> Self {
        let shop = &state.config.shop_name;
        Self::new(
            &user.email,
            "Somebody has entered many wrong codes",
            vec![
                format!("Somebody, perhaps you, has entered a wrong code for your account at {shop} 100 times. Nothing was changed."),
                "To protect your account, the next codes that we send you are longer. Copy such a code from the email as it is."
                    .to_owned(),
                "If it was not you, you need not do anything. Give no code to anybody; we never ask for one.".to_owned(),
            ],
        )
    }

    /// After an old refresh token came back.
    pub fn session_ended(state: &State, user: &User) -> Self {
        Self::notice(
            state,
            user,
            "We have signed out one of your devices",
            "Something of one of your devices that only the device should know was used twice. Perhaps somebody has copied it, so we have signed that device out. Sign in again, and look through the list of your devices.",
        )
    }

    /// After a Google account was linked.
    pub fn google_linked(state: &State, user: &User) -> Self {
        Self::notice(
            state,
            user,
            "You can sign in with Google now",
            "A Google account was linked to your account: whoever uses it can sign in to yours. In your account you find which one, and can remove it.",
        )
    }

    /// After an account elsewhere was taken away.
    pub fn identity_removed(state: &State, user: &User) -> Self {
        Self::notice(
            state,
            user,
            "A way to sign in was removed",
            "A Google account was linked to your account. It is not any more. If it has the address of your account, and that is one of Google's own, it is linked again when somebody signs in with it; another one only when you link it.",
        )
    }

    /// After an account was deleted.
    pub fn account_deleted(state: &State, user: &User) -> Self {
        let shop = &state.config.shop_name;
        Self::new(
            &user.email,
            "Your account was deleted",
            vec![format!(
                "Your account at {shop} and what we knew of you were deleted. This is our last letter to you."
            )],
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
                "If this was not you, set a new password with \"forgot password\" at once: that signs out every device."
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

    /// The letter for the outbox; `nonce` is what its code is made from, if it has one.
    pub fn into_new(self, state: &State, nonce: Option<Vec<u8>>) -> NewEmail {
        let carries_code = self.paragraphs.iter().any(|paragraph| paragraph == CODE);
        NewEmail {
            to: self.to,
            subject: self.subject,
            body: self.paragraphs.join("\n\n"),
            nonce: nonce.filter(|_| carries_code),
            lifetime: if carries_code {
                state.config.accounts.code_lifetime
            } else {
                NOTICE
            },
        }
    }
}

fn lifetime(state: &State) -> String {
    let seconds = state.config.accounts.code_lifetime.as_secs();
    let time = match seconds {
        0..=119 => format!("{seconds} seconds"),
        120..=7_199 => format!("{} minutes", seconds / 60),
        _ => format!("{} hours", seconds / 3_600),
    };
    format!("It is good for {time}, and for one use.")
}
