//! Sign-in with Google: an OpenID Connect client (OpenID Connect Core 1.0, code flow with PKCE).
//!
//! The provider may be down, slow or malicious. A request that depends on it waits for up to 10 seconds; other
//! requests are not affected.

mod id_token;
mod jwks;
mod kept;
mod provider;
mod token;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use oauth2::{CsrfToken, PkceCodeChallenge, PkceCodeVerifier, Scope};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use url::Url;

pub use self::id_token::GOOGLE;

use self::id_token::Expected;
use self::provider::Provider;
use crate::config::{Config, GoogleClient, Secret};
use crate::core::clock::{Clock, Timestamp};

/// The timeout of all provider requests of one sign-in together.
const PATIENCE: Duration = Duration::from_secs(10);
/// The maximum number of concurrent code exchanges. Excess ones fail with [`Fault::Unavailable`].
const EXCHANGES: usize = 16;

/// The client of the OpenID provider. Cheap to clone.
#[derive(Clone)]
pub struct Google {
    /// Absent when sign-in with Google is disabled.
    shop: Option<Arc<Shop>>,
}

/// The configured client and its connection to the provider.
struct Shop {
    client: GoogleClient,
    clock: Clock,
    provider: Provider,
    exchanges: Semaphore,
    patience: Duration,
}

/// The secrets of one sign-in in a browser. Each has 256 random bits.
#[derive(Clone)]
pub struct Flow {
    /// The `state` parameter, which the provider returns with the browser.
    pub state: String,
    /// The `nonce` claim of the ID token.
    pub nonce: String,
    /// The PKCE verifier: proves that the code is exchanged by the client that requested it (RFC 7636).
    pub verifier: Secret,
}

/// The reason why a sign-in failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Sign-in with Google is disabled.
    Off,
    /// The provider is down, too slow or violates the protocol. The cause has been logged. Retrying may help.
    Unavailable,
    /// The code or the ID token is invalid.
    Refused,
    /// The ID token has no nonce, so nothing proves which sign-in it was issued for.
    NoNonce,
}

/// The claims of an ID token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The issuer, as configured.
    pub issuer: String,
    /// The permanent id of the account at the provider: 1 to 255 ASCII characters.
    pub subject: String,
    pub email: Option<String>,
    /// Whether the provider has verified that the user owns the address.
    pub email_verified: bool,
    pub name: Option<String>,
    /// The URL of the profile image.
    pub picture: Option<String>,
    /// The domain of the organisation that manages the account.
    pub hosted_domain: Option<String>,
}

impl fmt::Debug for Google {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let issuer = self.shop.as_ref().map(|shop| &shop.client.issuer);
        formatter.debug_tuple("Google").field(&issuer).finish()
    }
}

impl Google {
    /// Creates a client for the configured provider. Disabled if it is not fully configured. Sends no request yet.
    pub fn new(config: &Config, clock: &Clock) -> Self {
        Self::with(config, clock, PATIENCE)
    }

    /// Same as [`new`](Self::new) with another timeout than 10 seconds.
    pub fn with(config: &Config, clock: &Clock, patience: Duration) -> Self {
        let shop = |client: GoogleClient| Shop {
            // Shorter than the timeout of the callers, so that the cause is reported.
            provider: Provider::new(&client.issuer, clock, patience * 9 / 10),
            client,
            clock: clock.clone(),
            exchanges: Semaphore::new(EXCHANGES),
            patience,
        };
        let client = config.google_client().ok().flatten();
        Self {
            shop: client.map(shop).map(Arc::new),
        }
    }

    /// Returns the OAuth client id, or `None` when disabled.
    pub fn client_id(&self) -> Option<&str> {
        self.shop.as_ref().map(|shop| shop.client.id.as_str())
    }

    /// Returns the redirect URI, or `None` when disabled.
    pub fn redirect(&self) -> Option<&Url> {
        self.shop.as_ref().map(|shop| &shop.client.redirect)
    }

    /// Requests the discovery document, as a sign-in does first.
    ///
    /// # Errors
    /// [`Fault::Off`] and [`Fault::Unavailable`].
    pub async fn check(&self) -> Result<(), Fault> {
        let shop = self.shop()?;
        shop.provider.endpoints(shop.end()).await.map(drop)
    }

    /// Returns the URL that a browser is redirected to.
    ///
    /// # Errors
    /// [`Fault::Off`] and [`Fault::Unavailable`].
    pub async fn authorization_url(&self, flow: &Flow) -> Result<Url, Fault> {
        let shop = self.shop()?;
        let endpoints = shop.provider.endpoints(shop.end()).await?;
        let client = token::client(&shop.client, &endpoints);
        let verifier = PkceCodeVerifier::new(flow.verifier.expose().to_owned());
        let scopes = ["openid", "email", "profile"].map(|scope| Scope::new(scope.to_owned()));
        let state = || CsrfToken::new(flow.state.clone());
        let request = client
            .authorize_url(state)
            .add_scopes(scopes)
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .add_extra_param("nonce", &flow.nonce);
        // Requires a choice by the user: without it, any site could sign a browser in silently. Only for Google,
        // because some providers reject the parameter.
        let request = if shop.client.issuer == GOOGLE {
            request.add_extra_param("prompt", "select_account")
        } else {
            request
        };
        Ok(request.url().0)
    }

    /// Exchanges an authorization code for the user's claims.
    ///
    /// # Errors
    /// Any [`Fault`].
    pub async fn exchange(&self, flow: &Flow, code: &str) -> Result<Claims, Fault> {
        let shop = self.shop()?;
        let Ok(_seat) = shop.exchanges.try_acquire() else {
            tracing::warn!("too many concurrent code exchanges with the sign-in provider");
            return Err(Fault::Unavailable);
        };
        let end = shop.end();
        let endpoints = shop.provider.endpoints(end).await?;
        let client = token::client(&shop.client, &endpoints);
        let id_token = token::request(client, shop.provider.http.clone(), flow, code, end).await?;
        let audience = [shop.client.id.as_str()];
        let (claims, _) = shop.read(&id_token, &flow.nonce, &audience, end).await?;
        Ok(claims)
    }

    /// Verifies an ID token that an app obtained itself, with this nonce. Returns its claims and its expiry.
    ///
    /// # Errors
    /// Any [`Fault`].
    pub async fn verify(&self, id_token: &str, nonce: &str) -> Result<(Claims, Timestamp), Fault> {
        let shop = self.shop()?;
        let apps = shop.client.apps.iter();
        let audience = std::iter::once(&shop.client.id).chain(apps);
        let audience: Vec<_> = audience.map(String::as_str).collect();
        shop.read(id_token, nonce, &audience, shop.end()).await
    }

    fn shop(&self) -> Result<&Shop, Fault> {
        self.shop.as_deref().ok_or(Fault::Off)
    }
}

impl Shop {
    /// Returns the deadline of an operation that starts now.
    fn end(&self) -> Instant {
        Instant::now() + self.patience
    }

    async fn read(
        &self,
        token: &str,
        nonce: &str,
        audience: &[&str],
        end: Instant,
    ) -> Result<(Claims, Timestamp), Fault> {
        let head = id_token::head(token).map_err(refused)?;
        let key = head.key.as_deref();
        let mut keys = self.provider.keys(end).await?;
        if keys.find(key, head.algorithm).is_empty() {
            // The provider may have rotated its keys since.
            keys = self.provider.more_keys(end).await?;
        }
        let expected = Expected {
            issuer: &self.client.issuer,
            audience,
            nonce,
            now: self.clock.now(),
        };
        let found = keys.find(key, head.algorithm);
        let read = expected.read(token, head.algorithm, &found);
        read.map_err(refused)
    }
}

fn refused(cause: id_token::Refusal) -> Fault {
    tracing::info!(cause, "ID token rejected");
    if cause == id_token::NO_NONCE {
        return Fault::NoNonce;
    }
    Fault::Refused
}
