//! Email: templates and delivery by SMTP, or to files in development.

mod block;
mod email;
mod smtp;
mod smtp_error;
mod table;

pub use block::{Block, CODE};
pub use email::EmailMessage;
pub use smtp::DELIVERY_TIMEOUT;
pub use table::Table;

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, ensure};
use lettre::Address;
use lettre::address::Envelope;
use lettre::message::Mailbox;

use self::smtp::Server;
use crate::config::{Config, Secret};
use crate::core::retry::Failure;

/// Sends emails. Cheap to clone.
#[derive(Clone)]
pub struct Mailer {
    transport: Transport,
    from: Mailbox,
}

#[derive(Clone)]
enum Transport {
    /// To an SMTP server.
    Smtp(Server),
    /// To files in this folder. With `log_codes`, logs the path and the code of each email.
    Files { folder: PathBuf, log_codes: bool },
    /// To memory, for tests.
    Memory(Arc<Mutex<Vec<EmailMessage>>>),
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("[mailer]")
    }
}

impl Mailer {
    /// Creates the configured mailer.
    ///
    /// # Errors
    /// Returns one line for the operator, without the server's password.
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        let development = config.is_development();
        let smtp = config.mail.smtp_url.as_ref();
        let smtp = smtp.map(Secret::expose).filter(|url| !url.is_empty());
        let from = if let Some(from) = &config.mail.mail_from {
            const INVALID_ADDRESS: &str =
                "MAIL_FROM is not a valid email address such as shop@example.com";
            email::ascii_domain(from.trim())
                .ok()
                .context(INVALID_ADDRESS)?
        } else {
            let missing = smtp.is_some() && !development;
            ensure!(
                !missing,
                "MAIL_FROM is required in production when SMTP_URL is set"
            );
            Address::new("no-reply", "localhost")?
        };
        let transport = match smtp {
            Some(url) => Transport::Smtp(Server::new(url)?),
            None => Transport::Files {
                folder: config.data_dir.join("mail"),
                log_codes: development,
            },
        };
        Ok(Self {
            transport,
            from: Mailbox::new(Some(config.shop_name.clone()), from),
        })
    }

    /// Creates a mailer that stores its emails in `emails`.
    pub fn memory(emails: Arc<Mutex<Vec<EmailMessage>>>) -> Self {
        Self {
            transport: Transport::Memory(emails),
            from: Mailbox::new(None, Address::new_dangerous("no-reply", "localhost")),
        }
    }

    /// Returns the folder that emails are written to, or `None` if they are not written to files.
    pub fn folder(&self) -> Option<&PathBuf> {
        match &self.transport {
            Transport::Files { folder, .. } => Some(folder),
            Transport::Smtp(_) | Transport::Memory(_) => None,
        }
    }

    /// Checks the connection to the server up to the sender, without sending an email.
    ///
    /// # Errors
    /// Returns the reason, without the server's own words.
    pub async fn check(&self) -> anyhow::Result<()> {
        let Transport::Smtp(server) = &self.transport else {
            return Ok(());
        };
        let envelope = envelope(&self.from, self.from.email.clone())?;
        server.check(&envelope).await
    }

    /// Sends an email.
    pub async fn send(&self, email: EmailMessage) -> Result<(), Failure> {
        let permanent = |error: anyhow::Error| Failure::Permanent(error.to_string());
        match &self.transport {
            Transport::Smtp(server) => {
                let (envelope, bytes) = email.message(&self.from).map_err(permanent)?;
                server.send(&envelope, &bytes).await
            }
            Transport::Files { folder, log_codes } => {
                let (_, bytes) = email.message(&self.from).map_err(permanent)?;
                let path = folder.join(format!("{}.eml", email.file_name()));
                let (folder, file) = (folder.clone(), path.clone());
                let write = move || {
                    // Readable by the owner only: the emails contain codes.
                    DirBuilder::new()
                        .recursive(true)
                        .mode(0o700)
                        .create(folder)?;
                    fs::write(file, bytes)
                };
                let written = tokio::task::spawn_blocking(write).await;
                let written = written.map_err(std::io::Error::other).flatten();
                written.map_err(|error| Failure::Temporary(error.to_string()))?;
                if *log_codes {
                    let code = email.code.as_deref();
                    tracing::info!(path = %path.display(), code, "wrote an email to a file");
                }
                Ok(())
            }
            Transport::Memory(emails) => {
                emails
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(email);
                Ok(())
            }
        }
    }
}

/// Returns the envelope: sender and recipient.
fn envelope(from: &Mailbox, to: Address) -> anyhow::Result<Envelope> {
    Ok(Envelope::new(Some(from.email.clone()), vec![to])?)
}
