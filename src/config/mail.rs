//! Settings of email.

use clap::Args;

use crate::core::secret::Secret;

/// Settings of the email transport.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Email")]
pub struct Mail {
    /// SMTP server: `smtps://user:password@host` or `smtp://user:password@host:587?tls=required`. Default: emails are
    /// written to files in the data folder.
    #[arg(long, env = "SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<Secret>,

    /// Sender address of emails. Required in production with an SMTP server. The shop's name is the display name.
    #[arg(long, env = "MAIL_FROM")]
    pub mail_from: Option<String>,
}
