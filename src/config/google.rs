//! The settings of sign-in with Google.

use anyhow::{Context, bail, ensure};
use clap::Args;
use url::{Host, Url};

use super::values::is_pattern;
use super::{Config, Environment};
use crate::core::secret::Secret;

/// Where the provider sends browsers back to, below `PUBLIC_URL`.
const CALLBACK: &str = "/auth/google/callback";

/// Sign-in with Google, or with another OpenID provider in its place. Without a client id it is off.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Settings")]
pub struct Google {
    /// The id that Google gave this shop as an OAuth client. Without one there is no sign-in with Google.
    #[arg(long, env = "GOOGLE_CLIENT_ID")]
    pub google_client_id: Option<String>,

    /// The secret that belongs to it.
    #[arg(long, env = "GOOGLE_CLIENT_SECRET", hide_env_values = true)]
    pub google_client_secret: Option<Secret>,

    /// Where Google sends browsers back to, exactly as it is written at Google. Default: `PUBLIC_URL` and `/auth/google/callback`.
    #[arg(long, env = "GOOGLE_REDIRECT_URL", value_parser = redirect)]
    pub google_redirect_url: Option<Url>,

    /// The OpenID provider. Any can stand in for Google; `http` is for those on loopback.
    #[arg(long, env = "GOOGLE_ISSUER", default_value = "https://accounts.google.com", value_parser = issuer)]
    pub google_issuer: String,

    /// Client ids of mobile apps whose ID tokens are taken besides those of `GOOGLE_CLIENT_ID`, separated by commas.
    #[arg(long, env = "GOOGLE_APP_CLIENT_IDS", value_delimiter = ',')]
    pub google_app_client_ids: Vec<String>,

    /// Deep links of apps that a sign-in may return to, such as `com.example.shop:/signed-in`, separated by commas.
    #[arg(long, env = "APP_LINKS", value_delimiter = ',', value_parser = app_link)]
    pub app_links: Vec<String>,
}

/// What the shop is to its OpenID provider.
#[derive(Clone, Debug)]
pub struct GoogleClient {
    pub id: String,
    pub secret: Secret,
    /// Where the provider sends browsers back to.
    pub redirect: Url,
    /// The provider, as it names itself.
    pub issuer: String,
    /// The ids of the shop's apps.
    pub apps: Vec<String>,
}

impl Config {
    /// What the shop is to its OpenID provider; nothing when sign-in with Google is off.
    ///
    /// # Errors
    /// One line for the operator, when only some of the settings are there.
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
            (Some(_), None) => bail!("GOOGLE_CLIENT_ID needs GOOGLE_CLIENT_SECRET beside it"),
            (None, Some(_)) => bail!("GOOGLE_CLIENT_SECRET needs GOOGLE_CLIENT_ID beside it"),
            (None, None) => {
                ensure!(
                    apps.is_empty(),
                    "GOOGLE_APP_CLIENT_IDS needs GOOGLE_CLIENT_ID beside it"
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
                "sign-in with Google needs PUBLIC_URL, because port 0 is another at each start"
            );
            let redirect = format!("{}{CALLBACK}", self.public_url(self.listen));
            Url::parse(&redirect).context("PUBLIC_URL is not an address")?
        };
        ensure!(
            redirect.scheme() == "https" || self.env == Environment::Development,
            "in production Google must send browsers back over https: set PUBLIC_URL or GOOGLE_REDIRECT_URL"
        );
        Ok(redirect)
    }
}

/// An address that browsers are sent to as it is.
fn redirect(text: &str) -> Result<Url, String> {
    const WRONG: &str = "not an address such as https://api.example.com/auth/google/callback";
    let url = Url::parse(text.trim()).map_err(|_| WRONG)?;
    let bare = url.query().is_none() && url.fragment().is_none();
    let open = url.username().is_empty() && url.password().is_none();
    if !bare || !open || is_pattern(&url) || !matches!(url.scheme(), "http" | "https") {
        return Err(WRONG.to_owned());
    }
    Ok(url)
}

/// The name of an OpenID provider, which is compared to the letter.
fn issuer(text: &str) -> Result<String, String> {
    const WRONG: &str = "not a provider such as https://accounts.google.com";
    let text = text.trim();
    let url = Url::parse(text).map_err(|_| WRONG)?;
    let bare = url.query().is_none() && url.fragment().is_none();
    let open = url.username().is_empty() && url.password().is_none();
    if !bare || !open {
        return Err(WRONG.to_owned());
    }
    if !is_confidential(&url) {
        return Err("a provider is asked over https, or over http on loopback".to_owned());
    }
    Ok(text.to_owned())
}

/// Whether nobody on the way can read or change what is sent there.
pub fn is_confidential(url: &Url) -> bool {
    match url.scheme() {
        "https" => url.has_host(),
        "http" => is_loopback(url),
        _ => false,
    }
}

/// Whether the host is this machine, whatever a resolver says.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(domain)) => domain == "localhost" || domain.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// A link that opens an app: `https`, or a scheme of the app's own, which has a dot in it (RFC 8252, 7.1).
fn app_link(text: &str) -> Result<String, String> {
    const WRONG: &str = "not a link such as com.example.shop:/signed-in or https://app.example/open, without ?, # and *";
    let text = text.trim();
    let url = Url::parse(text).map_err(|_| WRONG)?;
    let own = url.scheme().contains('.');
    let open = url.username().is_empty() && url.password().is_none();
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let bare = !text.contains(['?', '#', '*']);
    if !(own || url.scheme() == "https") || !open || !plain || !bare {
        return Err(WRONG.to_owned());
    }
    Ok(text.to_owned())
}
