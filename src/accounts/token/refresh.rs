//! Refresh tokens: opaque texts that can be exchanged once.
//!
//! The first token of a session contains 256 random bits. Its successor is derived from it with the server's key, so
//! that concurrent calls with one token get the same successor, although the database stores only hashes. A tag made
//! with the server's key distinguishes an old token, whose reuse ends its session, from a forged one.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::infra::keys::{Key, Keys};

const SESSION: usize = 16;
const SECRET: usize = 32;
const TAG: usize = 16;

/// A refresh token.
#[derive(Clone)]
pub struct RefreshToken {
    /// The session that it belongs to.
    pub session: Uuid,
    secret: [u8; SECRET],
    tag: [u8; TAG],
}

impl RefreshToken {
    /// Creates the first token of a session.
    pub fn first(session: Uuid, keys: &Keys) -> Self {
        Self::new(session, rand::random(), &keys.signing)
    }

    fn new(session: Uuid, secret: [u8; SECRET], key: &Key) -> Self {
        Self {
            session,
            secret,
            tag: tag(session, &secret, key),
        }
    }

    /// Parses the text form. Returns `None` if it is malformed.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (session, rest) = bytes.split_first_chunk::<SESSION>()?;
        let (secret, rest) = rest.split_first_chunk::<SECRET>()?;
        Some(Self {
            session: Uuid::from_bytes(*session),
            secret: *secret,
            tag: rest.try_into().ok()?,
        })
    }

    /// Returns the text form.
    pub fn encode(&self) -> String {
        let session = self.session.as_bytes().as_slice();
        URL_SAFE_NO_PAD.encode([session, &self.secret, &self.tag].concat())
    }

    /// Returns the hash that the database stores.
    pub fn hash(&self) -> Vec<u8> {
        Sha256::digest([self.secret.as_slice(), &self.tag].concat()).to_vec()
    }

    /// Returns whether the token has this hash.
    pub fn has_hash(&self, hash: &[u8]) -> bool {
        self.hash().ct_eq(hash).into()
    }

    /// Returns whether this server issued the token.
    pub fn is_genuine(&self, keys: &Keys) -> bool {
        let made = |key: &Key| bool::from(tag(self.session, &self.secret, key).ct_eq(&self.tag));
        keys.all().any(made)
    }

    /// Returns the next token.
    #[must_use]
    pub fn successor(&self, keys: &Keys) -> Self {
        self.successor_by(&keys.signing)
    }

    /// Returns the possible next tokens, one for each key.
    pub fn successors(&self, keys: &Keys) -> impl Iterator<Item = Self> {
        keys.all().map(|key| self.successor_by(key))
    }

    fn successor_by(&self, key: &Key) -> Self {
        let secret = key.refresh_mac(b"successor", &[&self.secret]);
        Self::new(self.session, secret, key)
    }
}

fn tag(session: Uuid, secret: &[u8; SECRET], key: &Key) -> [u8; TAG] {
    let full = key.refresh_mac(b"tag", &[session.as_bytes(), secret]);
    let mut tag = [0; TAG];
    tag.copy_from_slice(&full[..TAG]);
    tag
}
