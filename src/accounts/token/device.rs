//! Device tokens: proof that a browser has signed in to an account before (OWASP "device cookies").
//!
//! A device token grants no access. It lets its device try passwords while the account is locked for others.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;

use crate::core::clock::Timestamp;
use crate::infra::keys::{Key, Keys};

/// Lifetime of a device token after the last sign-in.
pub const LIFETIME: Duration = Duration::from_hours(90 * 24);

const ID: usize = 16;
const TIME: usize = 8;
const TAG: usize = 32;

/// A device that has signed in to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceToken {
    id: [u8; ID],
    issued: Timestamp,
}

impl DeviceToken {
    /// Creates the token of a new device.
    pub fn new(now: Timestamp) -> Self {
        Self {
            id: rand::random(),
            issued: now,
        }
    }

    /// Returns the same device with a new lifetime.
    #[must_use]
    pub const fn renewed(self, now: Timestamp) -> Self {
        Self {
            issued: now,
            ..self
        }
    }

    /// Verifies a token: one of the keys must have sealed it for this account within the last 90 days.
    pub fn open(keys: &Keys, text: &str, account: &str, now: Timestamp) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (id, rest) = bytes.split_first_chunk::<ID>()?;
        let (time, tag) = rest.split_first_chunk::<TIME>()?;
        let token = Self {
            id: *id,
            issued: Timestamp(i64::from_be_bytes(*time)),
        };
        let sealed = |key: &Key| bool::from(token.tag(key, account).as_slice().ct_eq(tag));
        let is_current = token.issued.after(LIFETIME) > now;
        (keys.all().any(sealed) && is_current).then_some(token)
    }

    /// Returns the text form, which is valid for this account only.
    pub fn seal(&self, keys: &Keys, account: &str) -> String {
        let (id, time) = (self.id.as_slice(), self.issued.0.to_be_bytes());
        let tag = self.tag(&keys.signing, account);
        URL_SAFE_NO_PAD.encode([id, &time, &tag].concat())
    }

    /// Returns the id under which failures of this device are counted.
    pub fn id(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.id)
    }

    fn tag(&self, key: &Key, account: &str) -> [u8; TAG] {
        let time = self.issued.0.to_be_bytes();
        key.sign_in_mac(b"device", &[&self.id, &time, account.as_bytes()])
    }
}
