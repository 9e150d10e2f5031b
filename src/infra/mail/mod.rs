//! Mail: how a letter looks, and how it leaves.

mod letter;
mod problem;
mod smtp;

pub use letter::{CODE, Letter};
pub use smtp::DELIVERY;

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

/// How letters leave. Cheap to clone.
#[derive(Clone)]
pub struct Mailer {
    way: Way,
    from: Mailbox,
}

#[derive(Clone)]
enum Way {
    /// To a server.
    Smtp(Server),
    /// Into files of this folder; with `tell` the log says which, and the code.
    Files { folder: PathBuf, tell: bool },
    /// Into memory, for tests.
    Memory(Arc<Mutex<Vec<Letter>>>),
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("[mailer]")
    }
}

impl Mailer {
    /// The mailer of the settings.
    ///
    /// # Errors
    /// One line for the operator, without the server's password.
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        let development = config.is_development();
        let smtp = config.mail.smtp_url.as_ref();
        let smtp = smtp.map(Secret::expose).filter(|url| !url.is_empty());
        let from = if let Some(from) = &config.mail.mail_from {
            const WRONG: &str = "MAIL_FROM is not an address such as shop@example.com";
            letter::ascii_domain(from.trim()).ok().context(WRONG)?
        } else {
            let missing = smtp.is_some() && !development;
            ensure!(!missing, "production needs MAIL_FROM beside SMTP_URL");
            Address::new("no-reply", "localhost")?
        };
        let way = match smtp {
            Some(url) => Way::Smtp(Server::new(url)?),
            None => Way::Files {
                folder: config.data_dir.join("mail"),
                tell: development,
            },
        };
        Ok(Self {
            way,
            from: Mailbox::new(Some(config.shop_name.clone()), from),
        })
    }

    /// A mailer that keeps its letters.
    pub fn memory(kept: Arc<Mutex<Vec<Letter>>>) -> Self {
        Self {
            way: Way::Memory(kept),
            from: Mailbox::new(None, Address::new_dangerous("no-reply", "localhost")),
        }
    }

    /// Where letters are written to, when they do not leave.
    pub fn folder(&self) -> Option<&PathBuf> {
        match &self.way {
            Way::Files { folder, .. } => Some(folder),
            Way::Smtp(_) | Way::Memory(_) => None,
        }
    }

    /// Goes as far as a letter would, and sends none.
    ///
    /// # Errors
    /// What kept it, without what the server said.
    pub async fn check(&self) -> anyhow::Result<()> {
        let Way::Smtp(server) = &self.way else {
            return Ok(());
        };
        let envelope = envelope(&self.from, self.from.email.clone())?;
        server.check(&envelope).await
    }

    /// Sends a letter.
    pub async fn send(&self, letter: Letter) -> Result<(), Failure> {
        let permanent = |error: anyhow::Error| Failure::Permanent(error.to_string());
        match &self.way {
            Way::Smtp(server) => {
                let (envelope, bytes) = letter.message(&self.from).map_err(permanent)?;
                server.send(&envelope, &bytes).await
            }
            Way::Files { folder, tell } => {
                let (_, bytes) = letter.message(&self.from).map_err(permanent)?;
                let path = folder.join(format!("{}.eml", letter.file_name()));
                let (folder, file) = (folder.clone(), path.clone());
                let write = move || {
                    // For the owner alone: there are codes in them.
                    DirBuilder::new()
                        .recursive(true)
                        .mode(0o700)
                        .create(folder)?;
                    fs::write(file, bytes)
                };
                let written = tokio::task::spawn_blocking(write).await;
                let written = written.map_err(std::io::Error::other).flatten();
                written.map_err(|error| Failure::Temporary(error.to_string()))?;
                if *tell {
                    let code = letter.code.as_deref();
                    tracing::info!(path = %path.display(), code, "wrote a letter");
                }
                Ok(())
            }
            Way::Memory(kept) => {
                kept.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(letter);
                Ok(())
            }
        }
    }
}

/// Makes the envelope of a letter: from whom, to whom.
fn envelope(from: &Mailbox, to: Address) -> anyhow::Result<Envelope> {
    Ok(Envelope::new(Some(from.email.clone()), vec![to])?)
}
