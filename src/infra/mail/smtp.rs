//! The way to a server, by SMTP (RFC 5321): one connection a letter.
//!
//! The library's pool is not used. It keeps a connection whose answer nobody has waited for, and the next letter takes
//! that answer for its own.

use std::time::Duration;

use anyhow::{Context, bail, ensure};
use lettre::address::Envelope;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Tls};
use lettre::transport::smtp::commands::{Mail, Rset};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{Error, SMTP_PORT, SUBMISSION_PORT, SUBMISSIONS_PORT};
use percent_encoding::percent_decode_str;
use tokio::time::timeout;
use url::{Host, Url};

use super::problem::{NO_STARTTLS, Step, describe};
use crate::core::retry::Failure;
use crate::infra::http_client::roots;

/// How long it may take to reach the server.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a whole letter may take.
pub const DELIVERY: Duration = Duration::from_secs(30);
/// How long a server may take that is only tried.
const CHECK: Duration = Duration::from_secs(15);
/// How long the server may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(1);

/// A server that takes letters.
#[derive(Clone)]
pub struct Server {
    host: String,
    port: u16,
    tls: Tls,
    hello: ClientId,
    credentials: Option<Credentials>,
}

impl Server {
    /// The server with this address. A password never goes over a line that anybody can read: with one, and unless the
    /// address says otherwise, TLS is required of every server that is not on this machine.
    pub fn new(url: &str) -> anyhow::Result<Self> {
        const WRONG: &str =
            "SMTP_URL is not an address such as smtps://user:password@smtp.example.com";
        let url = Url::parse(url).ok().context(WRONG)?;
        let smtps = url.scheme() == "smtps";
        ensure!(smtps || url.scheme() == "smtp", WRONG);
        // Once more, because a URL of this kind takes addresses for names.
        let host = Host::parse(url.host_str().context(WRONG)?);
        let (host, is_here) = match host.ok().context(WRONG)? {
            Host::Domain(domain) => (domain.clone(), domain == "localhost"),
            Host::Ipv4(address) => (address.to_string(), address.is_loopback()),
            Host::Ipv6(address) => (address.to_string(), address.is_loopback()),
        };
        let parameters = roots().smtp(host.clone()).ok().context(WRONG)?;
        let chosen = url.query_pairs().find(|(name, _)| name == "tls");
        let (tls, port) = match chosen.as_ref().map(|(_, value)| value.as_ref()) {
            _ if smtps => (Tls::Wrapper(parameters), SUBMISSIONS_PORT),
            Some("required") => (Tls::Required(parameters), SUBMISSION_PORT),
            Some("opportunistic") => (Tls::Opportunistic(parameters), SUBMISSION_PORT),
            Some(_) => bail!(WRONG),
            None if is_here => (Tls::None, SMTP_PORT),
            None if url.password().is_some() => (Tls::Required(parameters), SMTP_PORT),
            None => (Tls::Opportunistic(parameters), SMTP_PORT),
        };
        let name = url.path().trim_matches('/');
        let decode = |text: &str| {
            let decoded = percent_decode_str(text).decode_utf8();
            decoded.map(String::from).ok().context(WRONG)
        };
        let credentials = match url.password() {
            Some(password) => Some(Credentials::new(decode(url.username())?, decode(password)?)),
            None => None,
        };
        Ok(Self {
            host,
            port: url.port().unwrap_or(port),
            tls,
            hello: if name.is_empty() {
                ClientId::default()
            } else {
                ClientId::Domain(name.to_owned())
            },
            credentials,
        })
    }

    /// Sends a letter.
    pub async fn send(&self, envelope: &Envelope, bytes: &[u8]) -> Result<(), Failure> {
        let late = |_| Failure::Temporary("the server takes too long".to_owned());
        let mut connection = timeout(DELIVERY, self.deliver(envelope, bytes))
            .await
            .map_err(late)??;
        // The letter is gone, however this ends.
        _ = timeout(GOODBYE, connection.quit()).await;
        Ok(())
    }

    /// Connects, signs in and asks whether this sender may send, and sends nothing.
    pub async fn check(&self, envelope: &Envelope) -> anyhow::Result<()> {
        let connected = timeout(CHECK, self.connect(envelope)).await;
        let late = |_| Err("the server does not answer".to_owned());
        let connected = connected.unwrap_or_else(late);
        let (host, port) = (&self.host, self.port);
        let at = |problem| anyhow::anyhow!("{host}:{port}: {problem}");
        let mut connection = connected.map_err(at)?;
        // It lets us send, however this ends.
        _ = timeout(GOODBYE, connection.quit()).await;
        Ok(())
    }

    async fn deliver(
        &self,
        envelope: &Envelope,
        bytes: &[u8],
    ) -> Result<AsyncSmtpConnection, Failure> {
        // Before the letter is spoken of nothing is its fault: the password may be wrong, and put right.
        let connected = self.connect(envelope).await;
        let mut connection = connected.map_err(Failure::Temporary)?;
        match connection.send(envelope, bytes).await {
            Ok(_) => Ok(connection),
            Err(error) if error.is_permanent() || error.is_client() => {
                Err(Failure::Permanent(describe(&error, Step::Send)))
            }
            Err(error) => Err(Failure::Temporary(describe(&error, Step::Send))),
        }
    }

    /// Gives what kept it from connecting otherwise.
    async fn connect(&self, envelope: &Envelope) -> Result<AsyncSmtpConnection, String> {
        let at = |step| move |error: Error| describe(&error, step);
        let (wrapper, upgrade) = match &self.tls {
            Tls::Wrapper(parameters) => (Some(parameters.clone()), None),
            Tls::Required(parameters) | Tls::Opportunistic(parameters) => (None, Some(parameters)),
            Tls::None => (None, None),
        };
        let address = (self.host.as_str(), self.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(address, Some(CONNECT), &self.hello, wrapper, None)
                .await
                .map_err(at(Step::Connect))?;
        if matches!(self.tls, Tls::Required(_)) && !connection.can_starttls() {
            return Err(NO_STARTTLS.to_owned());
        }
        if let Some(parameters) = upgrade.filter(|_| connection.can_starttls()) {
            let upgraded = connection.starttls(parameters.clone(), &self.hello);
            upgraded.await.map_err(at(Step::StartTls))?;
        }
        if let Some(credentials) = &self.credentials {
            let signed_in = connection.auth(DEFAULT_MECHANISMS, credentials);
            signed_in.await.map_err(at(Step::SignIn))?;
        }
        // Asked by itself: a server that lets nobody or not this sender send means no letter in particular.
        let sender = Mail::new(envelope.from().cloned(), Vec::new());
        connection.command(sender).await.map_err(at(Step::Send))?;
        connection.command(Rset).await.map_err(at(Step::Send))?;
        Ok(connection)
    }
}
