//! The settings of accounts: keys, lifetimes, passwords, and how often a stranger may try.

use std::time::Duration;

use clap::Args;

use super::values::{Rate, within, within_a_day, within_a_year};
use crate::core::secret::Secret;

/// How people sign in, and for how long.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Settings")]
pub struct Accounts {
    /// Secrets of 32 bytes and more that tokens are signed with, separated by commas; the first signs, all verify. Production needs one; in development it is made and kept in the data folder.
    #[arg(long, env = "JWT_SECRETS", hide_env_values = true)]
    pub jwt_secrets: Option<Secret>,

    /// How long an access token is good.
    #[arg(long, env = "ACCESS_TOKEN_LIFETIME", default_value = "10m", value_parser = within_a_day)]
    pub access_token_lifetime: Duration,

    /// How long a session lasts at the most.
    #[arg(long, env = "SESSION_LIFETIME", default_value = "30d", value_parser = within_a_year)]
    pub session_lifetime: Duration,

    /// How long a session lasts that is not used.
    #[arg(long, env = "SESSION_IDLE_LIFETIME", default_value = "14d", value_parser = within_a_year)]
    pub session_idle_lifetime: Duration,

    /// How many characters a password has at least.
    #[arg(long, env = "PASSWORD_MIN_LENGTH", default_value_t = 8, value_parser = within(8..=64))]
    pub password_min_length: u32,

    /// How many passwords are hashed at once. Default: one for each core.
    #[arg(long, env = "PASSWORD_HASHES", value_parser = within(1..=1024))]
    pub password_hashes: Option<u32>,

    /// How many passwords may wait to be hashed; others are refused for the moment.
    #[arg(long, env = "PASSWORD_QUEUE", default_value_t = 64, value_parser = within(0..=100_000))]
    pub password_queue: u32,

    /// How long a one-time code is good.
    #[arg(long, env = "CODE_LIFETIME", default_value = "10m", value_parser = within_a_day)]
    pub code_lifetime: Duration,

    /// How often a one-time code may be tried.
    #[arg(long, env = "CODE_ATTEMPTS", default_value_t = 5, value_parser = within(1..=20))]
    pub code_attempts: u32,

    /// How long a client waits between two codes to one address.
    #[arg(long, env = "CODE_RESEND_AFTER", default_value = "60s", value_parser = within_a_day)]
    pub code_resend_after: Duration,

    /// How many codes for one address one client may ask for.
    #[arg(long, env = "LIMIT_CODES_ADDRESS", default_value = "3/1h")]
    pub limit_codes_address: Rate,

    /// How many codes go to one address, whoever asks for them.
    #[arg(long, env = "LIMIT_LETTERS_ADDRESS", default_value = "30/1h")]
    pub limit_letters_address: Rate,

    /// How often one client may register, or ask for a code.
    #[arg(long, env = "LIMIT_CODES_CLIENT", default_value = "5/1m")]
    pub limit_codes_client: Rate,

    /// How often one client may try a code.
    #[arg(long, env = "LIMIT_TRIES_CLIENT", default_value = "20/1m")]
    pub limit_tries_client: Rate,

    /// How often one client may try to sign in: ten times at once, then every 20 seconds.
    #[arg(long, env = "LIMIT_LOGIN_CLIENT", default_value = "10/200s")]
    pub limit_login_client: Rate,

    /// How often sign-ins to one account may fail.
    #[arg(long, env = "LIMIT_LOGIN_ACCOUNT", default_value = "100/1d")]
    pub limit_login_account: Rate,

    /// How often one client may refresh its tokens.
    #[arg(long, env = "LIMIT_REFRESH_CLIENT", default_value = "120/1m")]
    pub limit_refresh_client: Rate,
}

impl Accounts {
    /// How many passwords are hashed at once.
    pub fn password_hashes(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        self.password_hashes
            .map_or_else(cores, |count| count as usize)
    }
}
