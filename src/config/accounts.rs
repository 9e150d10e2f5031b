//! Settings of accounts: keys, lifetimes, passwords and rate limits.

use std::time::Duration;

use clap::Args;

use super::values::{Rate, http_address, within, within_a_day, within_a_year};
use crate::core::secret::Secret;

/// Settings of sign-in and sessions.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Accounts")]
pub struct Accounts {
    /// Secrets that sign tokens, at least 32 bytes each, separated by commas. The first signs, all verify. Required
    /// in production; in development one is generated and stored in the data folder.
    #[arg(long, env = "JWT_SECRETS", hide_env_values = true)]
    pub jwt_secrets: Option<Secret>,

    /// Lifetime of an access token.
    #[arg(long, env = "ACCESS_TOKEN_LIFETIME", default_value = "10m", value_parser = within_a_day)]
    pub access_token_lifetime: Duration,

    /// Maximum lifetime of a session.
    #[arg(long, env = "SESSION_LIFETIME", default_value = "30d", value_parser = within_a_year)]
    pub session_lifetime: Duration,

    /// Lifetime of a session that is not used.
    #[arg(long, env = "SESSION_IDLE_LIFETIME", default_value = "14d", value_parser = within_a_year)]
    pub session_idle_lifetime: Duration,

    /// Minimum length of a password in characters.
    #[arg(long, env = "PASSWORD_MIN_LENGTH", default_value_t = 8, value_parser = within(8..=64))]
    pub password_min_length: u32,

    /// Maximum number of passwords hashed concurrently. Default: one per core.
    #[arg(long, env = "PASSWORD_HASHES", value_parser = within(1..=1024))]
    pub password_hashes: Option<u32>,

    /// Maximum number of passwords queued for hashing. Further requests are refused as overloaded.
    #[arg(long, env = "PASSWORD_QUEUE", default_value_t = 64, value_parser = within(0..=100_000))]
    pub password_queue: u32,

    /// Lifetime of a one-time code.
    #[arg(long, env = "CODE_LIFETIME", default_value = "10m", value_parser = within_a_day)]
    pub code_lifetime: Duration,

    /// Maximum number of attempts per one-time code.
    #[arg(long, env = "CODE_ATTEMPTS", default_value_t = 5, value_parser = within(1..=20))]
    pub code_attempts: u32,

    /// Minimum time between two codes, or two links to orders, to one email address.
    #[arg(long, env = "CODE_RESEND_AFTER", default_value = "60s", value_parser = within_a_day)]
    pub code_resend_after: Duration,

    /// Lifetime of the code of an invitation.
    #[arg(long, env = "INVITATION_LIFETIME", default_value = "7d", value_parser = within_a_year)]
    pub invitation_lifetime: Duration,

    /// Page of the storefront on which invited users set a password, such as
    /// `https://shop.example.com/reset-password`. Invitations link to it, with `#email=...&code=...` appended.
    /// Default: no link, only the code.
    #[arg(long, env = "INVITATION_URL", value_parser = http_address)]
    pub invitation_url: Option<String>,

    /// Rate limit of codes and of links to orders, requested by one client for one email address.
    #[arg(long, env = "LIMIT_CODES_ADDRESS", default_value = "3/1h")]
    pub limit_codes_address: Rate,

    /// Rate limit of codes, and of links to orders, sent to one email address, for all clients together.
    #[arg(long, env = "LIMIT_LETTERS_ADDRESS", default_value = "30/1h")]
    pub limit_letters_address: Rate,

    /// Rate limit of registrations and requests for codes by one client, and of its requests for links to orders.
    #[arg(long, env = "LIMIT_CODES_CLIENT", default_value = "5/1m")]
    pub limit_codes_client: Rate,

    /// Rate limit of invitations by one admin.
    #[arg(long, env = "LIMIT_INVITATIONS_ADMIN", default_value = "100/1h")]
    pub limit_invitations_admin: Rate,

    /// Rate limit of code attempts by one client.
    #[arg(long, env = "LIMIT_TRIES_CLIENT", default_value = "20/1m")]
    pub limit_tries_client: Rate,

    /// Rate limit of sign-in attempts by one client. The default allows 10 at once, then one every 20 seconds.
    #[arg(long, env = "LIMIT_LOGIN_CLIENT", default_value = "10/200s")]
    pub limit_login_client: Rate,

    /// Rate limit of failed sign-ins to one account.
    #[arg(long, env = "LIMIT_LOGIN_ACCOUNT", default_value = "100/1d")]
    pub limit_login_account: Rate,

    /// Rate limit of token refreshes by one client.
    #[arg(long, env = "LIMIT_REFRESH_CLIENT", default_value = "120/1m")]
    pub limit_refresh_client: Rate,
}

impl Accounts {
    /// Returns the maximum number of passwords hashed concurrently.
    pub fn password_hashes(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        self.password_hashes
            .map_or_else(cores, |count| count as usize)
    }
}
