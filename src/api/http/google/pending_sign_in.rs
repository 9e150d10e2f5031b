//! The state of a pending sign-in, stored in the browser's cookie. The server stores nothing before the callback.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::accounts::identity::service::{Intent, SignInParameters};
use crate::core::clock::Timestamp;
use crate::infra::keys::{Key, Keys};
use crate::infra::oidc::Flow;

/// The maximum duration of a sign-in.
pub const LIFETIME: Duration = Duration::from_mins(10);
/// The maximum clock difference between servers: a used sign-in is remembered for this much longer.
const MAX_CLOCK_DIFFERENCE: Duration = Duration::from_mins(5);
/// The lengths in bytes of the two parts of `state`: a hash of the secret, and a MAC.
const ID_LENGTH: usize = 8;
const MAC_LENGTH: usize = 32;

/// A pending sign-in.
#[derive(Clone, Serialize, Deserialize)]
pub struct PendingSignIn {
    /// 256 random bits in base64url. All other secrets of the sign-in are derived from them and a key.
    secret: String,
    /// In microseconds since 1970.
    started: i64,
    /// The URL that the browser returns to.
    pub return_to: String,
    challenge: Option<String>,
    link: bool,
}

impl PendingSignIn {
    pub fn new(now: Timestamp, return_to: String, parameters: SignInParameters) -> Self {
        Self {
            secret: URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()),
            started: now.0,
            return_to,
            challenge: parameters.challenge,
            link: parameters.intent == Intent::Link,
        }
    }

    /// Returns the id that distinguishes it from other sign-ins of the browser.
    pub fn id(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.hash()[..ID_LENGTH])
    }

    /// Returns the id in a `state` parameter, if it has the right form.
    pub fn id_in(state: &str) -> Option<String> {
        let bytes = URL_SAFE_NO_PAD.decode(state).ok()?;
        (bytes.len() == ID_LENGTH + MAC_LENGTH).then(|| URL_SAFE_NO_PAD.encode(&bytes[..ID_LENGTH]))
    }

    /// Returns the start time.
    pub fn started(&self) -> Timestamp {
        Timestamp(self.started)
    }

    /// Returns the key under which its use is recorded, and the expiry of that record.
    pub fn use_record(&self) -> ([u8; 32], Timestamp) {
        (
            self.hash(),
            self.started().after(LIFETIME + MAX_CLOCK_DIFFERENCE),
        )
    }

    /// Returns the intent and the challenge of the client.
    pub fn parameters(&self) -> SignInParameters {
        SignInParameters {
            intent: if self.link {
                Intent::Link
            } else {
                Intent::SignIn
            },
            challenge: self.challenge.clone(),
        }
    }

    /// Derives the OAuth state, nonce and PKCE verifier.
    pub fn flow(&self, key: &Key) -> Flow {
        let derive = |purpose: &[u8]| key.flow_mac(purpose, self.secret.as_bytes());
        let state = [&self.hash()[..ID_LENGTH], &derive(b"state")].concat();
        Flow {
            state: URL_SAFE_NO_PAD.encode(state),
            nonce: URL_SAFE_NO_PAD.encode(derive(b"nonce")),
            verifier: URL_SAFE_NO_PAD.encode(derive(b"pkce")).into(),
        }
    }

    /// Returns the cookie value: signed, not encrypted.
    pub fn seal(&self, key: &Key) -> String {
        let text = serde_json::to_vec(self).unwrap_or_default();
        let text = URL_SAFE_NO_PAD.encode(text);
        let mac = key.flow_mac(b"cookie", text.as_bytes());
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(mac))
    }

    /// Verifies a cookie value. Returns the sign-in and its secrets, or `None` if no key signed it or it is expired.
    pub fn open(keys: &Keys, sealed: &str, now: Timestamp) -> Option<(Self, Flow)> {
        let (text, mac) = sealed.split_once('.')?;
        let mac = URL_SAFE_NO_PAD.decode(mac).ok()?;
        let sealed_by = |key: &&Key| {
            let expected = key.flow_mac(b"cookie", text.as_bytes());
            bool::from(expected.as_slice().ct_eq(&mac))
        };
        let key = keys.all().find(sealed_by)?;
        let text = URL_SAFE_NO_PAD.decode(text).ok()?;
        let pending_sign_in: Self = serde_json::from_slice(&text).ok()?;
        let flow = pending_sign_in.flow(key);
        (now.since(pending_sign_in.started()) < LIFETIME).then_some((pending_sign_in, flow))
    }

    fn hash(&self) -> [u8; 32] {
        Sha256::new_with_prefix(b"wares sign-in flow\0")
            .chain_update(self.secret.as_bytes())
            .finalize()
            .into()
    }
}
