//! Rate limits of accounts. A limit that an attacker could use up to lock out another client is counted for each
//! client, with a wider limit over all clients behind it.

use std::time::Duration;

use crate::accounts::auth::SessionId;
use crate::accounts::auth::entity::one_time_code::Purpose;
use crate::accounts::token::device::DeviceToken;
use crate::config::Rate;
use crate::core::client_info::Client;
use crate::core::id::TypedId;
use crate::core::viewer::Admin;
use crate::platform::rate_limit::service::Limit;
use crate::state::State;

/// Sign-ins of one client.
pub fn login(state: &State, client: &Client) -> Limit {
    let rate = state.config.accounts.limit_login_client;
    Limit::new("login", &client.network(), rate)
}

/// Sign-ins with Google by one client: starts, or callbacks if `is_callback`.
pub fn google_sign_in(state: &State, client: &Client, is_callback: bool) -> Limit {
    let rate = state.config.accounts.limit_login_client;
    let what = if is_callback {
        "elsewhere-back"
    } else {
        "elsewhere"
    };
    Limit::new(what, &client.network(), rate)
}

/// Failed sign-ins to one account. `subject` is the email address in its compared form, or as typed if it is invalid.
pub fn login_account(state: &State, subject: &str) -> Limit {
    let rate = state.config.accounts.limit_login_account;
    Limit::new("login-account", subject, rate)
}

/// Maximum wrong passwords a day from one known device or network, while the account is locked for others.
pub const MAX_KNOWN_FAILURES: u32 = 20;
/// Maximum wrong passwords a day from one network without a failure at the account, while it is locked for others.
pub const MAX_NEW_NETWORK_FAILURES: u32 = 3;

/// Returns a rate of `burst` a day.
const fn per_day(burst: u32) -> Rate {
    Rate {
        burst,
        period: Duration::from_hours(24),
    }
}

/// Wrong passwords from a device with a cookie of the account.
pub fn login_device(device: &DeviceToken) -> Limit {
    Limit::new("login-device", &device.id(), per_day(MAX_KNOWN_FAILURES))
}

/// Wrong passwords from a network that the user has signed in from.
pub fn login_known_network(client: &Client, subject: &str) -> Limit {
    Limit::new(
        "login-known",
        &from(client, subject),
        per_day(MAX_KNOWN_FAILURES),
    )
}

/// Wrong passwords from one network that is new to a locked account.
pub fn login_new_network(client: &Client, subject: &str) -> Limit {
    Limit::new(
        "login-new",
        &from(client, subject),
        per_day(MAX_NEW_NETWORK_FAILURES),
    )
}

/// Wrong passwords from all networks that are new to a locked account.
pub fn login_new_networks(state: &State, subject: &str) -> Limit {
    let rate = state.config.accounts.limit_login_account;
    Limit::new("login-new-all", subject, rate)
}

/// Flag that a sign-in to an account failed from this network within a day.
pub fn login_failed(client: &Client, subject: &str) -> Limit {
    Limit::new("login-failed", &from(client, subject), per_day(1))
}

/// Returns the key of a client and an account.
fn from(client: &Client, subject: &str) -> String {
    format!("{} {subject}", client.network())
}

/// Password checks of one session (reauthentication). Sign-in attempts by others do not count here.
pub fn reauthenticate(state: &State, session: SessionId) -> Limit {
    let rate = state.config.accounts.limit_login_client;
    Limit::new("prove", &session.encode(), rate)
}

/// Refreshes of one client.
pub fn refresh(state: &State, client: &Client) -> Limit {
    let rate = state.config.accounts.limit_refresh_client;
    Limit::new("refresh", &client.network(), rate)
}

/// Codes requested by one client, for any address.
pub fn code_requests(state: &State, client: &Client) -> Limit {
    let rate = state.config.accounts.limit_codes_client;
    Limit::new("codes", &client.network(), rate)
}

/// Invitations by one admin; and to one address, the minimum interval and the maximum number, by all admins.
pub fn invitations(state: &State, admin: Admin, subject: &str) -> [Limit; 3] {
    let accounts = &state.config.accounts;
    let by_admin = accounts.limit_invitations_admin;
    [
        Limit::new("invitations", &admin.user().encode(), by_admin),
        Limit::new("invite-gap", subject, min_interval(state)),
        Limit::new("invite-codes", subject, accounts.limit_codes_address),
    ]
}

/// Codes entered by one client.
pub fn code_attempts(state: &State, client: &Client) -> Limit {
    let rate = state.config.accounts.limit_tries_client;
    Limit::new("tries", &client.network(), rate)
}

/// Notices to the owner of an account that its address was entered: one a day.
pub fn notices(subject: &str) -> Limit {
    Limit::new("notices", subject, per_day(1))
}

/// Codes for one purpose sent to one address: the minimum interval and the maximum number for each client, and the
/// maximum over all clients.
pub fn emails(state: &State, client: &Client, purpose: Purpose, subject: &str) -> [Limit; 3] {
    let accounts = &state.config.accounts;
    let name = match purpose {
        Purpose::VerifyEmail => "verify",
        Purpose::ResetPassword => "reset",
        Purpose::ChangeEmail => "change",
    };
    let key = from(client, subject);
    [
        Limit::new(&format!("{name}-gap"), &key, min_interval(state)),
        Limit::new(&format!("{name}-codes"), &key, accounts.limit_codes_address),
        Limit::new(
            &format!("{name}-all"),
            subject,
            accounts.limit_letters_address,
        ),
    ]
}

/// Returns the rate of one code within the minimum interval between two codes.
fn min_interval(state: &State) -> Rate {
    Rate {
        burst: 1,
        period: state.config.accounts.code_resend_after,
    }
}
