//! Mail: how a letter looks, and how it leaves.

mod letter;

pub use letter::{CODE, Letter};

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, ensure};
use lettre::address::Envelope;
use lettre::message::Mailbox;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use url::{Host, Url};

use crate::config::{Config, Secret};

/// How long the SMTP server may take for one answer.
const ANSWER: Duration = Duration::from_secs(10);
/// How long a whole letter may take.
pub const DELIVERY: Duration = Duration::from_secs(45);

/// How letters leave. Cheap to clone.
#[derive(Clone)]
pub struct Mailer {
    way: Way,
    from: Mailbox,
}

#[derive(Clone)]
enum Way {
    /// To a server, by SMTP (RFC 5321).
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
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

/// Why a letter did not leave, in words that name nobody.
#[derive(Debug)]
pub enum Failure {
    /// It may leave later.
    Temporary(String),
    /// It never will.
    Permanent(String),
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
            let address = from.trim().parse::<Address>();
            address.context("MAIL_FROM is not an address such as shop@example.com")?
        } else {
            let missing = smtp.is_some() && !development;
            ensure!(!missing, "production needs MAIL_FROM beside SMTP_URL");
            Address::new("no-reply", "localhost")?
        };
        let way = match smtp {
            Some(url) => Way::Smtp(transport(url)?),
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

    /// Sends a letter.
    pub async fn send(&self, letter: Letter) -> Result<(), Failure> {
        let permanent = |error: anyhow::Error| Failure::Permanent(error.to_string());
        match &self.way {
            Way::Smtp(transport) => {
                let (envelope, bytes) = letter.message(&self.from).map_err(permanent)?;
                let sent = transport.send_raw(&envelope, &bytes);
                match tokio::time::timeout(DELIVERY, sent).await {
                    Ok(Ok(_)) => Ok(()),
                    Ok(Err(error)) => Err(failure(&error)),
                    Err(_) => Err(Failure::Temporary("the server takes too long".to_owned())),
                }
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

/// The transport to this server. A password never goes over a line that anybody can read: with one, and unless the URL
/// says otherwise, TLS is required of every server that is not on this machine.
fn transport(url: &str) -> anyhow::Result<AsyncSmtpTransport<Tokio1Executor>> {
    const WRONG: &str = "SMTP_URL is not an address such as smtps://user:password@smtp.example.com";
    let parsed = Url::parse(url).ok().context(WRONG)?;
    ensure!(matches!(parsed.scheme(), "smtp" | "smtps"), WRONG);
    let host = parsed.host_str().context(WRONG)?;
    // The library's own complaints would quote the URL.
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
        .ok()
        .context(WRONG)?
        .timeout(Some(ANSWER));
    let chosen = parsed.query_pairs().any(|(name, _)| name == "tls");
    if parsed.scheme() == "smtp" && !chosen && !is_here(&parsed) {
        let tls = TlsParameters::new(host.to_owned()).ok().context(WRONG)?;
        builder = builder.tls(if parsed.password().is_some() {
            Tls::Required(tls)
        } else {
            Tls::Opportunistic(tls)
        });
    }
    Ok(builder.build())
}

fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(domain)) => domain == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// What went wrong, without what the server said: it may quote the address.
fn failure(error: &SmtpError) -> Failure {
    let words = match error.status() {
        Some(code) => format!("the server said {code}"),
        None if error.is_timeout() => "the server does not answer".to_owned(),
        None if error.is_tls() => "no TLS with the server".to_owned(),
        None if error.is_client() => "the server lacks what the letter needs".to_owned(),
        None => "no connection to the server".to_owned(),
    };
    if error.is_permanent() || error.is_client() {
        Failure::Permanent(words)
    } else {
        Failure::Temporary(words)
    }
}

/// Makes the envelope of a letter: from whom, to whom.
fn envelope(from: &Mailbox, to: Address) -> anyhow::Result<Envelope> {
    Ok(Envelope::new(Some(from.email.clone()), vec![to])?)
}
