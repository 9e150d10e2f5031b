//! Sign-in with Google: the client of an OpenID provider (OpenID Connect Core 1.0, code flow with PKCE).
//!
//! The provider may be down, slow, huge or lying. Whoever wants something of it waits 10 seconds at the most, and nobody
//! else waits at all.

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

/// How long all together may take that one sign-in asks of the provider.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many codes are exchanged at once; others are refused for the moment.
const EXCHANGES: usize = 16;

/// The OpenID provider, as the shop knows it. Cheap to clone.
#[derive(Clone)]
pub struct Google {
    /// Absent when sign-in with Google is off.
    shop: Option<Arc<Shop>>,
}

/// What the shop has to do with the provider.
struct Shop {
    client: GoogleClient,
    clock: Clock,
    provider: Provider,
    exchanges: Semaphore,
    patience: Duration,
}

/// The secrets of one sign-in by a browser. Each has 256 bits that nobody can guess.
#[derive(Clone)]
pub struct Flow {
    /// What the provider hands back with the browser.
    pub state: String,
    /// What stands in the ID token.
    pub nonce: String,
    /// What proves to the provider that the code is exchanged by who asked for it (RFC 7636).
    pub verifier: Secret,
}

/// Why the provider gave nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Sign-in with Google is off.
    Off,
    /// It is down, slow, huge or does not speak as an OpenID provider does. The cause went to the log; it is worth trying
    /// again.
    Unavailable,
    /// The code or the ID token is not good.
    Refused,
    /// The ID token has no nonce, so that nothing proves for which sign-in it was made.
    NoNonce,
}

/// What the provider says of somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The provider that says so, as the settings name it.
    pub issuer: String,
    /// Who it is, for ever: 1 to 255 characters of ASCII.
    pub subject: String,
    pub email: Option<String>,
    /// Whether the provider has seen to it that the address is theirs.
    pub email_verified: bool,
    pub name: Option<String>,
    /// Where a picture of them is.
    pub picture: Option<String>,
    /// The domain of the organisation that runs the account.
    pub hosted_domain: Option<String>,
}

impl fmt::Debug for Google {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let issuer = self.shop.as_ref().map(|shop| &shop.client.issuer);
        formatter.debug_tuple("Google").field(&issuer).finish()
    }
}

impl Google {
    /// The provider of the settings. Off when there is none, or not all of it. Nobody is asked anything yet.
    pub fn new(config: &Config, clock: &Clock) -> Self {
        Self::with(config, clock, PATIENCE)
    }

    /// The same with another patience than 10 seconds.
    pub fn with(config: &Config, clock: &Clock, patience: Duration) -> Self {
        let shop = |client: GoogleClient| Shop {
            // Less than whoever asks has, so that it is told what was wrong.
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

    /// The OAuth client id of the shop at the provider; nothing when it is off.
    pub fn client_id(&self) -> Option<&str> {
        self.shop.as_ref().map(|shop| shop.client.id.as_str())
    }

    /// Where the provider sends browsers back to; nothing when it is off.
    pub fn redirect(&self) -> Option<&Url> {
        self.shop.as_ref().map(|shop| &shop.client.redirect)
    }

    /// Asks the provider what it is, as before a sign-in.
    ///
    /// # Errors
    /// Off, and unavailable.
    pub async fn check(&self) -> Result<(), Fault> {
        let shop = self.shop()?;
        shop.provider.endpoints(shop.end()).await.map(drop)
    }

    /// Where a browser is sent to sign in.
    ///
    /// # Errors
    /// Off, and unavailable.
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
        // Otherwise whoever sends a browser there gets it signed in without anybody's doing. Some providers refuse to ask.
        let request = if shop.client.issuer == GOOGLE {
            request.add_extra_param("prompt", "select_account")
        } else {
            request
        };
        Ok(request.url().0)
    }

    /// Who came back with this code.
    ///
    /// # Errors
    /// Any fault.
    pub async fn exchange(&self, flow: &Flow, code: &str) -> Result<Claims, Fault> {
        let shop = self.shop()?;
        let Ok(_seat) = shop.exchanges.try_acquire() else {
            tracing::warn!("too many wait for the sign-in provider");
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

    /// Whom an ID token is about that an app got by itself, with this nonce in it; and until when the token is good.
    ///
    /// # Errors
    /// Any fault.
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
    /// When what begins now must be done.
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
            // It may be one that the provider has begun to use since.
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
    tracing::info!(cause, "an ID token was refused");
    if cause == id_token::NO_NONCE {
        return Fault::NoNonce;
    }
    Fault::Refused
}
