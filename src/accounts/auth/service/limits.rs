//! How often what may be tried. Where a stranger could use a limit up against somebody else, it counts what one client
//! does, and a wider one stands behind it.

use std::time::Duration;

use crate::accounts::auth::SessionId;
use crate::accounts::auth::entity::one_time_code::Purpose;
use crate::accounts::token::device::DeviceToken;
use crate::config::Rate;
use crate::core::client_info::Client;
use crate::core::id::TypedId;
use crate::platform::rate_limit::service::Limit;
use crate::state::State;

/// Sign-ins of one client.
pub fn login(state: &State, client: &Client) -> Limit {
    let rate = state.config.accounts.limit_login_client;
    Limit::new("login", &client.network(), rate)
}

/// Sign-ins with an account elsewhere: how many one client begins, and from how many it comes back.
pub fn elsewhere(state: &State, client: &Client, comes_back: bool) -> Limit {
    let rate = state.config.accounts.limit_login_client;
    let what = if comes_back {
        "elsewhere-back"
    } else {
        "elsewhere"
    };
    Limit::new(what, &client.network(), rate)
}

/// Sign-ins to one account that fail. `subject` is the address, as it is compared or else as it was typed.
pub fn login_account(state: &State, subject: &str) -> Limit {
    let rate = state.config.accounts.limit_login_account;
    Limit::new("login-account", subject, rate)
}

/// Wrong passwords from one device or network that has signed in to the account before, while it is locked for others.
pub const KNOWN: u32 = 20;
/// Wrong passwords from one network that has not failed at an account, while it is locked for others.
pub const NEW_NETWORK: u32 = 3;

/// So many a day.
const fn a_day(burst: u32) -> Rate {
    Rate {
        burst,
        period: Duration::from_hours(24),
    }
}

/// Wrong passwords of a device with a cookie of the account.
pub fn login_device(device: &DeviceToken) -> Limit {
    Limit::new("login-device", &device.id(), a_day(KNOWN))
}

/// Wrong passwords from a network that the user has signed in from.
pub fn login_known_network(client: &Client, subject: &str) -> Limit {
    Limit::new("login-known", &from(client, subject), a_day(KNOWN))
}

/// Wrong passwords from a network that is new to a locked account.
pub fn login_new_network(client: &Client, subject: &str) -> Limit {
    Limit::new("login-new", &from(client, subject), a_day(NEW_NETWORK))
}

/// Wrong passwords from all networks that are new to a locked account.
pub fn login_new_networks(state: &State, subject: &str) -> Limit {
    let rate = state.config.accounts.limit_login_account;
    Limit::new("login-new-all", subject, rate)
}

/// Whether a sign-in to an account failed from a network within a day.
pub fn login_failed(client: &Client, subject: &str) -> Limit {
    Limit::new("login-failed", &from(client, subject), a_day(1))
}

/// A client and the account that it signs in to.
fn from(client: &Client, subject: &str) -> String {
    format!("{} {subject}", client.network())
}

/// Passwords that are asked for once more in one session. Strangers who try to sign in do not count here.
pub fn prove(state: &State, session: SessionId) -> Limit {
    let rate = state.config.accounts.limit_login_client;
    Limit::new("prove", &session.encode(), rate)
}

/// Refreshes of one client.
pub fn refresh(state: &State, client: &Client) -> Limit {
    let rate = state.config.accounts.limit_refresh_client;
    Limit::new("refresh", &client.network(), rate)
}

/// Codes that one client asks for, for whomever.
pub fn codes(state: &State, client: &Client) -> Limit {
    let rate = state.config.accounts.limit_codes_client;
    Limit::new("codes", &client.network(), rate)
}

/// Codes that one client tries.
pub fn tries(state: &State, client: &Client) -> Limit {
    let rate = state.config.accounts.limit_tries_client;
    Limit::new("tries", &client.network(), rate)
}

/// Letters that tell the owner of an account that somebody wants to use its address.
pub fn notices(subject: &str) -> Limit {
    Limit::new("notices", subject, a_day(1))
}

/// Codes for one purpose to one address: those that this client asks for, not before the wait is over and only so many;
/// and all.
pub fn letters(state: &State, client: &Client, purpose: Purpose, subject: &str) -> [Limit; 3] {
    let accounts = &state.config.accounts;
    let gap = Rate {
        burst: 1,
        period: accounts.code_resend_after,
    };
    let name = match purpose {
        Purpose::VerifyEmail => "verify",
        Purpose::ResetPassword => "reset",
        Purpose::ChangeEmail => "change",
    };
    let asked = from(client, subject);
    [
        Limit::new(&format!("{name}-gap"), &asked, gap),
        Limit::new(
            &format!("{name}-codes"),
            &asked,
            accounts.limit_codes_address,
        ),
        Limit::new(
            &format!("{name}-all"),
            subject,
            accounts.limit_letters_address,
        ),
    ]
}
