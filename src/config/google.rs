//! Settings of sign-in with Google.

use anyhow::{Context, bail, ensure};
use clap::Args;
use url::{Host, Url};

use super::values::is_pattern;
use super::{Config, Environment};
use crate::core::secret::Secret;

/// The path of the redirect URI below `PUBLIC_URL`.
const CALLBACK: &str = "/auth/google/callback";

/// Sign-in with Google, or with another OpenID provider instead. Disabled without a client id.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Google")]
pub struct Google {
    /// OAuth client id of this shop at Google. Without it, sign-in with Google is disabled.
    #[arg(long, env = "GOOGLE_CLIENT_ID")]
    pub google_client_id: Option<String>,

    /// OAuth client secret of this shop at Google.
    #[arg(long, env = "GOOGLE_CLIENT_SECRET", hide_env_values = true)]
    pub google_client_secret: Option<Secret>,

    /// OAuth redirect URI, exactly as registered at Google. Default: `PUBLIC_URL` followed by
    /// `/auth/google/callback`.
    #[arg(long, env = "GOOGLE_REDIRECT_URL", value_parser = redirect)]
    pub google_redirect_url: Option<Url>,

    /// Issuer URL of the OpenID provider, which may be another one than Google. `http` is only allowed on loopback.
    #[arg(long, env = "GOOGLE_ISSUER", default_value = "https://accounts.google.com", value_parser = issuer)]
    pub google_issuer: String,

    /// Client ids of mobile apps whose ID tokens are accepted in addition to `GOOGLE_CLIENT_ID`, separated by commas.
    #[arg(long, env = "GOOGLE_APP_CLIENT_IDS", value_delimiter = ',')]
    pub google_app_client_ids: Vec<String>,

    /// Deep links of apps that sign-in may redirect to, such as `com.example.shop:/signed-in`, separated by commas.
    #[arg(long, env = "APP_LINKS", value_delimiter = ',', value_parser = app_link)]
    pub app_links: Vec<String>,
}

/// The OAuth client of the shop at its OpenID provider.
#[derive(Clone, Debug)]
pub struct GoogleClient {
    pub id: String,
    pub secret: Secret,
    /// The redirect URI.
    pub redirect: Url,
    /// The issuer identifier of the provider.
    pub issuer: String,
    /// The client ids of the shop's apps.
    pub apps: Vec<String>,
}

impl Config {
    /// Returns the OAuth client; `None` if sign-in with Google is disabled.
    ///
    /// # Errors
    /// One line for the operator if only some of the settings are set.
    pub fn google_client(&self) -> anyhow::Result<Option<GoogleClient>> {
        let google = &self.google;
        let id = google.google_client_id.as_deref().map(str::trim);
        let id = id.filter(|id| !id.is_empty());
        let secret = google.google_client_secret.as_ref();
        let secret = secret.filter(|secret| !secret.expose().trim().is_empty());
        let apps = google.google_app_client_ids.iter().map(|id| id.trim());
        let apps: Vec<_> = apps.filter(|id| !id.is_empty()).collect();
        let (id, secret) = match (id, secret) {
            (Some(id), Some(secret)) => (id, secret),
            (Some(_), None) => bail!("GOOGLE_CLIENT_ID requires GOOGLE_CLIENT_SECRET: set both"),
            (None, Some(_)) => bail!("GOOGLE_CLIENT_SECRET requires GOOGLE_CLIENT_ID: set both"),
            (None, None) => {
                ensure!(
                    apps.is_empty(),
                    "GOOGLE_APP_CLIENT_IDS requires GOOGLE_CLIENT_ID: set both"
                );
                return Ok(None);
            }
        };
        Ok(Some(GoogleClient {
            id: id.to_owned(),
            secret: secret.expose().trim().to_owned().into(),
            redirect: self.google_redirect()?,
            issuer: google.google_issuer.clone(),
            apps: apps.into_iter().map(ToOwned::to_owned).collect(),
        }))
    }

    fn google_redirect(&self) -> anyhow::Result<Url> {
        let redirect = if let Some(redirect) = &self.google.google_redirect_url {
            redirect.clone()
        } else {
            ensure!(
                self.public_url.is_some() || self.listen.port() != 0,
                "sign-in with Google requires PUBLIC_URL, because port 0 is a different port at each start"
            );
            let redirect = format!("{}{CALLBACK}", self.public_url(self.listen));
            Url::parse(&redirect).context("PUBLIC_URL is not a valid URL")?
        };
        ensure!(
            redirect.scheme() == "https" || self.env == Environment::Development,
            "in production the redirect URI of Google must be https: set PUBLIC_URL or GOOGLE_REDIRECT_URL"
        );
        Ok(redirect)
    }
}

/// Parses a redirect URI.
fn redirect(text: &str) -> Result<Url, String> {
    const INVALID: &str = "not a URL such as https://api.example.com/auth/google/callback";
    let url = Url::parse(text.trim()).map_err(|_| INVALID)?;
    let bare = url.query().is_none() && url.fragment().is_none();
    let open = url.username().is_empty() && url.password().is_none();
    if !bare || !open || is_pattern(&url) || !matches!(url.scheme(), "http" | "https") {
        return Err(INVALID.to_owned());
    }
    Ok(url)
}

/// Parses an issuer identifier, which is compared exactly.
fn issuer(text: &str) -> Result<String, String> {
    const INVALID: &str = "not an issuer URL such as https://accounts.google.com";
    let text = text.trim();
    let url = Url::parse(text).map_err(|_| INVALID)?;
    let bare = url.query().is_none() && url.fragment().is_none();
    let open = url.username().is_empty() && url.password().is_none();
    if !bare || !open {
        return Err(INVALID.to_owned());
    }
    if !is_confidential(&url) {
        return Err("the scheme must be https, or http on loopback".to_owned());
    }
    Ok(text.to_owned())
}

/// Returns whether connections to a URL are protected from eavesdropping and tampering.
pub fn is_confidential(url: &Url) -> bool {
    match url.scheme() {
        "https" => url.has_host(),
        "http" => is_loopback(url),
        _ => false,
    }
}

/// Returns whether the host is the loopback interface, independent of DNS.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(domain)) => domain == "localhost" || domain.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Parses a link that opens an app: `https`, or a private-use scheme with a dot (RFC 8252, 7.1).
fn app_link(text: &str) -> Result<String, String> {
    const INVALID: &str = "not a link such as com.example.shop:/signed-in or https://app.example/open, without ?, # and *";
    let text = text.trim();
    let url = Url::parse(text).map_err(|_| INVALID)?;
    let has_private_scheme = url.scheme().contains('.');
    let open = url.username().is_empty() && url.password().is_none();
    let is_plain = text
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let bare = !text.contains(['?', '#', '*']);
    if !(has_private_scheme || url.scheme() == "https") || !open || !is_plain || !bare {
        return Err(INVALID.to_owned());
    }
    Ok(text.to_owned())
}
