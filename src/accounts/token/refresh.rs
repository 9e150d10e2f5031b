//! Refresh tokens: opaque texts that are good for one rotation.
//!
//! The first token of a session holds 256 random bits. Its successor is made from it with the server's key, so that
//! twenty calls with one token get the same successor although the database knows only hashes. A tag that only the
//! server can make tells an old token, whose reuse ends its session, from made-up ones, which mean nothing.

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
    /// The session that it keeps alive.
    pub session: Uuid,
    secret: [u8; SECRET],
    tag: [u8; TAG],
}

impl RefreshToken {
    /// The first token of a session.
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

    /// Reads the text form; nothing when it is malformed.
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

    /// The text form.
    pub fn encode(&self) -> String {
        let session = self.session.as_bytes().as_slice();
        URL_SAFE_NO_PAD.encode([session, &self.secret, &self.tag].concat())
    }

    /// What the database knows of it.
    pub fn hash(&self) -> Vec<u8> {
        Sha256::digest([self.secret.as_slice(), &self.tag].concat()).to_vec()
    }

    /// Whether it has this hash.
    pub fn has_hash(&self, hash: &[u8]) -> bool {
        self.hash().ct_eq(hash).into()
    }

    /// Whether this server issued it.
    pub fn is_genuine(&self, keys: &Keys) -> bool {
        let made = |key: &Key| bool::from(tag(self.session, &self.secret, key).ct_eq(&self.tag));
        keys.all().any(made)
    }

    /// The token that follows it.
    /// The token that follows it.
    #[must_use]
    pub fn successor(&self, keys: &Keys) -> Self {
        self.successor_by(&keys.signing)
    }

    /// The tokens that may have followed it, one for each key.
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
