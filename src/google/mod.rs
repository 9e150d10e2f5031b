//! Sign-in with Google: the client of an OpenID provider (OpenID Connect Core 1.0, code flow with PKCE).
//!
//! The provider may be down, slow, huge or lying. One conversation with it ends within 10 seconds, and nobody who does not
//! want something of it waits for it.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::clock::{Clock, Timestamp};
use crate::config::{Config, GoogleClient, Secret};

/// The OpenID provider, as the shop knows it. Cheap to clone.
#[derive(Clone)]
pub struct Google {
    /// Absent when sign-in with Google is off.
    client: Option<Arc<GoogleClient>>,
}

/// The secrets of one sign-in by a browser. Each has 256 bits that nobody can guess.
#[derive(Clone, Debug)]
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
}

/// What the provider says of somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
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
        let client = self.client.as_ref().map(|client| &client.issuer);
        formatter.debug_tuple("Google").field(&client).finish()
    }
}

impl Google {
    /// The provider of the settings. Off when there is none, or not all of it. Nobody is asked anything yet.
    pub fn new(config: &Config, _clock: &Clock) -> Self {
        let client = config.google_client().ok().flatten();
        Self {
            client: client.map(Arc::new),
        }
    }

    /// Whether there is a provider.
    pub fn is_on(&self) -> bool {
        self.client.is_some()
    }

    /// Where a browser is sent to sign in.
    ///
    /// # Errors
    /// Off, and unavailable.
    pub async fn authorization_url(&self, _flow: &Flow) -> Result<Url, Fault> {
        Err(Fault::Off)
    }

    /// Who came back with this code.
    ///
    /// # Errors
    /// Any fault.
    pub async fn exchange(&self, _flow: &Flow, _code: &str) -> Result<Claims, Fault> {
        Err(Fault::Off)
    }

    /// Whom an ID token is about that an app got by itself, with this nonce in it; and until when the token is good.
    ///
    /// # Errors
    /// Any fault.
    pub async fn verify(
        &self,
        _id_token: &str,
        _nonce: &str,
    ) -> Result<(Claims, Timestamp), Fault> {
        Err(Fault::Off)
    }
}
