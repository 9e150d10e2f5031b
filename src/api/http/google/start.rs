//! What the browser keeps of a sign-in that it has begun. The server keeps nothing: whoever begins and does not come back
//! leaves nothing behind.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::accounts::identity::service::{Intent, Offer};
use crate::core::clock::Timestamp;
use crate::infra::keys::{Key, Keys};
use crate::infra::oidc::Flow;

/// How long a browser may take.
pub const LIFETIME: Duration = Duration::from_mins(10);
/// How far the clocks of two servers may be apart: so much longer it is remembered what was used.
const APART: Duration = Duration::from_mins(5);
/// How many bytes of what a sign-in is called are from a hash of its secret, and how many are a proof.
const ID: usize = 8;
const PROOF: usize = 32;

/// A sign-in that has begun.
#[derive(Clone, Serialize, Deserialize)]
pub struct Start {
    /// 256 random bits, in base64url. All else that is secret about it follows from them and a key.
    secret: String,
    /// In microseconds since 1970.
    started: i64,
    /// Where the browser goes in the end.
    pub return_to: String,
    challenge: Option<String>,
    link: bool,
}

impl Start {
    pub fn new(now: Timestamp, return_to: String, offer: Offer) -> Self {
        Self {
            secret: URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()),
            started: now.0,
            return_to,
            challenge: offer.challenge,
            link: offer.intent == Intent::Link,
        }
    }

    /// What tells it from others that the same browser has begun.
    pub fn id(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.hash()[..ID])
    }

    /// The id in a `state` that came back, if it is one of ours at all.
    pub fn id_in(state: &str) -> Option<String> {
        let bytes = URL_SAFE_NO_PAD.decode(state).ok()?;
        (bytes.len() == ID + PROOF).then(|| URL_SAFE_NO_PAD.encode(&bytes[..ID]))
    }

    /// When it began.
    pub fn started(&self) -> Timestamp {
        Timestamp(self.started)
    }

    /// Under what it is remembered that it was used, and until when.
    pub fn mark(&self) -> ([u8; 32], Timestamp) {
        (self.hash(), self.started().after(LIFETIME + APART))
    }

    /// What its client asked for.
    pub fn offer(&self) -> Offer {
        Offer {
            intent: if self.link {
                Intent::Link
            } else {
                Intent::SignIn
            },
            challenge: self.challenge.clone(),
        }
    }

    /// The secrets that the provider is told.
    pub fn flow(&self, key: &Key) -> Flow {
        let derive = |purpose: &[u8]| key.flow_mac(purpose, self.secret.as_bytes());
        let state = [&self.hash()[..ID], &derive(b"state")].concat();
        Flow {
            state: URL_SAFE_NO_PAD.encode(state),
            nonce: URL_SAFE_NO_PAD.encode(derive(b"nonce")),
            verifier: URL_SAFE_NO_PAD.encode(derive(b"pkce")).into(),
        }
    }

    /// The text that the browser keeps. Whoever has it can read it, and nobody can change it.
    pub fn seal(&self, key: &Key) -> String {
        let text = serde_json::to_vec(self).unwrap_or_default();
        let text = URL_SAFE_NO_PAD.encode(text);
        let proof = key.flow_mac(b"cookie", text.as_bytes());
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(proof))
    }

    /// What a browser has kept, with the secrets that the provider was told; if one of the keys sealed it, and a short
    /// while ago.
    pub fn open(keys: &Keys, sealed: &str, now: Timestamp) -> Option<(Self, Flow)> {
        let (text, proof) = sealed.split_once('.')?;
        let proof = URL_SAFE_NO_PAD.decode(proof).ok()?;
        let sealed_by = |key: &&Key| {
            let expected = key.flow_mac(b"cookie", text.as_bytes());
            bool::from(expected.as_slice().ct_eq(&proof))
        };
        let key = keys.all().find(sealed_by)?;
        let text = URL_SAFE_NO_PAD.decode(text).ok()?;
        let start: Self = serde_json::from_slice(&text).ok()?;
        let flow = start.flow(key);
        (now.since(start.started()) < LIFETIME).then_some((start, flow))
    }

    fn hash(&self) -> [u8; 32] {
        Sha256::new_with_prefix(b"wares sign-in flow\0")
            .chain_update(self.secret.as_bytes())
            .finalize()
            .into()
    }
}
