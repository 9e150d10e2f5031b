//! The settings of mail.

use clap::Args;

use crate::core::secret::Secret;

/// How letters leave.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Settings")]
pub struct Mail {
    /// The server that takes letters: `smtps://user:password@host` or `smtp://user:password@host:587?tls=required`. Default: files in the data folder.
    #[arg(long, env = "SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<Secret>,

    /// The address that letters come from, which production with an SMTP server must name. The shop's name stands before it.
    #[arg(long, env = "MAIL_FROM")]
    pub mail_from: Option<String>,
}
