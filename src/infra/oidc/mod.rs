//! Sign-in with Google: an OpenID Connect client (OpenID Connect Core 1.0, code flow with PKCE).
//!
//! The provider may be down, slow or malicious. A request that depends on it waits for up to 10 seconds; other
//! requests are not affected.

mod cached_document;
mod id_token;
mod jwks;
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
const TIMEOUT: Duration = Duration::from_secs(10);
/// The maximum number of concurrent code exchanges. Excess ones fail with [`OidcError::Unavailable`].
const MAX_EXCHANGES: usize = 16;

/// The client of the OpenID provider. Cheap to clone.
#[derive(Clone)]
pub struct Google {
    /// Absent when sign-in with Google is disabled.
    registration: Option<Arc<Registration>>,
}

/// The configured client and its connection to the provider.
struct Registration {
    client: GoogleClient,
    clock: Clock,
    provider: Provider,
    exchanges: Semaphore,
    timeout: Duration,
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
pub enum OidcError {
    /// Sign-in with Google is disabled.
    Disabled,
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
        let issuer = self
            .registration
            .as_ref()
            .map(|registration| &registration.client.issuer);
        formatter.debug_tuple("Google").field(&issuer).finish()
    }
}

impl Google {
    /// Creates a client for the configured provider. Disabled if it is not fully configured. Sends no request yet.
    pub fn new(config: &Config, clock: &Clock) -> Self {
        Self::with(config, clock, TIMEOUT)
    }

    /// Same as [`new`](Self::new) with another timeout than 10 seconds.
    pub fn with(config: &Config, clock: &Clock, timeout: Duration) -> Self {
        let registration = |client: GoogleClient| Registration {
            // Shorter than the timeout of the callers, so that the cause is reported.
            provider: Provider::new(&client.issuer, clock, timeout * 9 / 10),
            client,
            clock: clock.clone(),
            exchanges: Semaphore::new(MAX_EXCHANGES),
            timeout,
        };
        let client = config.google_client().ok().flatten();
        Self {
            registration: client.map(registration).map(Arc::new),
        }
    }

    /// Returns the OAuth client id, or `None` when disabled.
    pub fn client_id(&self) -> Option<&str> {
        self.registration
            .as_ref()
            .map(|registration| registration.client.id.as_str())
    }

    /// Returns the redirect URI, or `None` when disabled.
    pub fn redirect(&self) -> Option<&Url> {
        self.registration
            .as_ref()
            .map(|registration| &registration.client.redirect)
    }

    /// Requests the discovery document, as a sign-in does first.
    ///
    /// # Errors
    /// [`OidcError::Disabled`] and [`OidcError::Unavailable`].
    pub async fn check(&self) -> Result<(), OidcError> {
        let registration = self.registration()?;
        registration
            .provider
            .endpoints(registration.deadline())
            .await
            .map(drop)
    }

    /// Returns the URL that a browser is redirected to.
    ///
    /// # Errors
    /// [`OidcError::Disabled`] and [`OidcError::Unavailable`].
    pub async fn authorization_url(&self, flow: &Flow) -> Result<Url, OidcError> {
        let registration = self.registration()?;
        let endpoints = registration
            .provider
            .endpoints(registration.deadline())
            .await?;
        let client = token::client(&registration.client, &endpoints);
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
        let request = if registration.client.issuer == GOOGLE {
            request.add_extra_param("prompt", "select_account")
        } else {
            request
        };
        Ok(request.url().0)
    }

    /// Exchanges an authorization code for the user's claims.
    ///
    /// # Errors
    /// Any [`OidcError`].
    pub async fn exchange(&self, flow: &Flow, code: &str) -> Result<Claims, OidcError> {
        let registration = self.registration()?;
        let Ok(_permit) = registration.exchanges.try_acquire() else {
            tracing::warn!("too many concurrent code exchanges with the sign-in provider");
            return Err(OidcError::Unavailable);
        };
        let deadline = registration.deadline();
        let endpoints = registration.provider.endpoints(deadline).await?;
        let client = token::client(&registration.client, &endpoints);
        let id_token = token::request(
            client,
            registration.provider.http.clone(),
            flow,
            code,
            deadline,
        )
        .await?;
        let audience = [registration.client.id.as_str()];
        let (claims, _) = registration
            .read(&id_token, &flow.nonce, &audience, deadline)
            .await?;
        Ok(claims)
    }

    /// Verifies an ID token that an app obtained itself, with this nonce. Returns its claims and its expiry.
    ///
    /// # Errors
    /// Any [`OidcError`].
    pub async fn verify(
        &self,
        id_token: &str,
        nonce: &str,
    ) -> Result<(Claims, Timestamp), OidcError> {
        let registration = self.registration()?;
        let apps = registration.client.apps.iter();
        let audience = std::iter::once(&registration.client.id).chain(apps);
        let audience: Vec<_> = audience.map(String::as_str).collect();
        registration
            .read(id_token, nonce, &audience, registration.deadline())
            .await
    }

    fn registration(&self) -> Result<&Registration, OidcError> {
        self.registration.as_deref().ok_or(OidcError::Disabled)
    }
}

impl Registration {
    /// Returns the deadline of an operation that starts now.
    fn deadline(&self) -> Instant {
        Instant::now() + self.timeout
    }

    async fn read(
        &self,
        token: &str,
        nonce: &str,
        audience: &[&str],
        deadline: Instant,
    ) -> Result<(Claims, Timestamp), OidcError> {
        let head = id_token::head(token).map_err(rejected)?;
        let key = head.key.as_deref();
        let mut keys = self.provider.keys(deadline).await?;
        if keys.find(key, head.algorithm).is_empty() {
            // The provider may have rotated its keys since.
            keys = self.provider.refresh_keys(deadline).await?;
        }
        let expected = Expected {
            issuer: &self.client.issuer,
            audience,
            nonce,
            now: self.clock.now(),
        };
        let found = keys.find(key, head.algorithm);
        let read = expected.read(token, head.algorithm, &found);
        read.map_err(rejected)
    }
}

fn rejected(cause: id_token::Refusal) -> OidcError {
    tracing::info!(cause, "ID token rejected");
    if cause == id_token::NO_NONCE {
        return OidcError::NoNonce;
    }
    OidcError::Refused
}
