//! An SMTP client (RFC 5321) with one connection per email.
//!
//! The library's pool is not used: it reuses a connection whose reply has not been read, and takes that reply for the
//! reply to the next email.

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

use super::smtp_error::{NO_STARTTLS, Step, describe};
use crate::core::retry::Failure;
use crate::infra::http_client::roots;

/// The timeout of connecting to the server.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The timeout of a whole delivery.
pub const DELIVERY_TIMEOUT: Duration = Duration::from_secs(30);
/// The timeout of a check without an email.
const CHECK_TIMEOUT: Duration = Duration::from_secs(15);
/// The timeout of `QUIT`.
const QUIT_TIMEOUT: Duration = Duration::from_secs(1);

/// An SMTP server.
#[derive(Clone)]
pub struct Server {
    host: String,
    port: u16,
    tls: Tls,
    client_id: ClientId,
    credentials: Option<Credentials>,
}

impl Server {
    /// Creates a client for this URL. A password is never sent without encryption over a network: with a password,
    /// TLS is required unless the server is on this machine or the URL sets `tls`.
    pub fn new(url: &str) -> anyhow::Result<Self> {
        const INVALID_URL: &str =
            "SMTP_URL is not a valid URL such as smtps://user:password@smtp.example.com";
        let url = Url::parse(url).ok().context(INVALID_URL)?;
        let smtps = url.scheme() == "smtps";
        ensure!(smtps || url.scheme() == "smtp", INVALID_URL);
        // Parsed again: the URL parser treats IP addresses of this scheme as names.
        let host = Host::parse(url.host_str().context(INVALID_URL)?);
        let (host, is_local) = match host.ok().context(INVALID_URL)? {
            Host::Domain(domain) => (domain.clone(), domain == "localhost"),
            Host::Ipv4(address) => (address.to_string(), address.is_loopback()),
            Host::Ipv6(address) => (address.to_string(), address.is_loopback()),
        };
        let parameters = roots().smtp(host.clone()).ok().context(INVALID_URL)?;
        let tls_parameter = url.query_pairs().find(|(name, _)| name == "tls");
        let (tls, port) = match tls_parameter.as_ref().map(|(_, value)| value.as_ref()) {
            _ if smtps => (Tls::Wrapper(parameters), SUBMISSIONS_PORT),
            Some("required") => (Tls::Required(parameters), SUBMISSION_PORT),
            Some("opportunistic") => (Tls::Opportunistic(parameters), SUBMISSION_PORT),
            Some(_) => bail!(INVALID_URL),
            None if is_local => (Tls::None, SMTP_PORT),
            None if url.password().is_some() => (Tls::Required(parameters), SMTP_PORT),
            None => (Tls::Opportunistic(parameters), SMTP_PORT),
        };
        let name = url.path().trim_matches('/');
        let decode = |text: &str| {
            let decoded = percent_decode_str(text).decode_utf8();
            decoded.map(String::from).ok().context(INVALID_URL)
        };
        let credentials = match url.password() {
            Some(password) => Some(Credentials::new(decode(url.username())?, decode(password)?)),
            None => None,
        };
        Ok(Self {
            host,
            port: url.port().unwrap_or(port),
            tls,
            client_id: if name.is_empty() {
                ClientId::default()
            } else {
                ClientId::Domain(name.to_owned())
            },
            credentials,
        })
    }

    /// Sends an email.
    pub async fn send(&self, envelope: &Envelope, bytes: &[u8]) -> Result<(), Failure> {
        let timed_out = |_| Failure::Temporary("the server did not reply in time".to_owned());
        let mut connection = timeout(DELIVERY_TIMEOUT, self.deliver(envelope, bytes))
            .await
            .map_err(timed_out)??;
        // The email has been accepted, so errors of `QUIT` are ignored.
        _ = timeout(QUIT_TIMEOUT, connection.quit()).await;
        Ok(())
    }

    /// Connects, authenticates and checks that the sender is accepted. Sends no email.
    pub async fn check(&self, envelope: &Envelope) -> anyhow::Result<()> {
        let connected = timeout(CHECK_TIMEOUT, self.connect(envelope)).await;
        let timed_out = |_| Err("the server does not answer".to_owned());
        let connected = connected.unwrap_or_else(timed_out);
        let (host, port) = (&self.host, self.port);
        let at = |problem| anyhow::anyhow!("{host}:{port}: {problem}");
        let mut connection = connected.map_err(at)?;
        // The sender has been accepted, so errors of `QUIT` are ignored.
        _ = timeout(QUIT_TIMEOUT, connection.quit()).await;
        Ok(())
    }

    async fn deliver(
        &self,
        envelope: &Envelope,
        bytes: &[u8],
    ) -> Result<AsyncSmtpConnection, Failure> {
        // Errors before the email itself is sent are temporary: a wrong password, for example, can be corrected.
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

    /// Connects, authenticates and checks the sender. The error is the reason.
    async fn connect(&self, envelope: &Envelope) -> Result<AsyncSmtpConnection, String> {
        let at = |step| move |error: Error| describe(&error, step);
        let (wrapper, upgrade) = match &self.tls {
            Tls::Wrapper(parameters) => (Some(parameters.clone()), None),
            Tls::Required(parameters) | Tls::Opportunistic(parameters) => (None, Some(parameters)),
            Tls::None => (None, None),
        };
        let address = (self.host.as_str(), self.port);
        let mut connection = AsyncSmtpConnection::connect_tokio1(
            address,
            Some(CONNECT_TIMEOUT),
            &self.client_id,
            wrapper,
            None,
        )
        .await
        .map_err(at(Step::Connect))?;
        if matches!(self.tls, Tls::Required(_)) && !connection.can_starttls() {
            return Err(NO_STARTTLS.to_owned());
        }
        if let Some(parameters) = upgrade.filter(|_| connection.can_starttls()) {
            let upgraded = connection.starttls(parameters.clone(), &self.client_id);
            upgraded.await.map_err(at(Step::StartTls))?;
        }
        if let Some(credentials) = &self.credentials {
            let signed_in = connection.auth(DEFAULT_MECHANISMS, credentials);
            signed_in.await.map_err(at(Step::SignIn))?;
        }
        // Checked separately: a server that refuses the sender refuses all emails, not one in particular.
        let sender = Mail::new(envelope.from().cloned(), Vec::new());
        connection.command(sender).await.map_err(at(Step::Send))?;
        connection.command(Rset).await.map_err(at(Step::Send))?;
        Ok(connection)
    }
}
