//! Cookies of pending sign-ins: one each, so that sign-ins in two tabs do not interfere.

use axum::http::{HeaderMap, HeaderValue};

use super::pending_sign_in::{LIFETIME, PendingSignIn};
use crate::api::http::client::cookies;
use crate::core::clock::Timestamp;
use crate::infra::keys::Keys;

/// The maximum number of pending sign-ins of a browser. Servers reject requests with too many cookies.
const MAX_PENDING: usize = 5;
/// The maximum number of cookies that one response removes.
const MAX_REMOVED: usize = 30;
/// The length of a sign-in id in characters.
const ID_LENGTH: usize = 11;
const NAME: &str = "wares-google-";

/// The attributes of the cookies.
#[derive(Clone, Copy)]
pub struct Cookies {
    /// Whether the cookies are sent over https only. Their names then have a prefix that no sibling host can set.
    pub secure: bool,
}

impl Cookies {
    fn prefix(self) -> &'static str {
        if self.secure { "__Host-" } else { "" }
    }

    fn header(self, id: &str, value: &str, age: u64) -> Option<HeaderValue> {
        let prefix = self.prefix();
        let secure = if self.secure { "; Secure" } else { "" };
        let cookie = format!(
            "{prefix}{NAME}{id}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}"
        );
        HeaderValue::from_str(&cookie).ok()
    }

    /// Returns the header that stores a pending sign-in.
    pub fn keep(self, id: &str, sealed: &str) -> Option<HeaderValue> {
        self.header(id, sealed, LIFETIME.as_secs())
    }

    /// Returns the header that removes a pending sign-in.
    pub fn remove(self, id: &str) -> Option<HeaderValue> {
        self.header(id, "", 0)
    }

    /// Returns the pending sign-ins of a browser: ids and sealed values.
    pub fn pending(self, headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        cookies(headers).filter_map(move |(name, value)| {
            let id = name.strip_prefix(self.prefix())?.strip_prefix(NAME)?;
            (id.len() == ID_LENGTH && id.bytes().all(plain)).then_some((id, value))
        })
    }

    /// Returns the headers that remove expired and surplus sign-ins before another one begins.
    pub fn remove_surplus(
        self,
        headers: &HeaderMap,
        keys: &Keys,
        now: Timestamp,
    ) -> impl Iterator<Item = HeaderValue> {
        let mut pending_sign_ins: Vec<_> = self
            .pending(headers)
            .map(|(id, sealed)| {
                let started = PendingSignIn::open(keys, sealed, now)
                    .map(|(pending_sign_in, _)| pending_sign_in.started());
                (started, id)
            })
            .collect();
        // Cookies that can't be opened sort first.
        pending_sign_ins.sort_unstable();
        let expired = pending_sign_ins
            .iter()
            .filter(|(started, _)| started.is_none())
            .count();
        let remove = expired.max(pending_sign_ins.len().saturating_sub(MAX_PENDING - 1));
        pending_sign_ins.truncate(remove.min(MAX_REMOVED));
        pending_sign_ins
            .into_iter()
            .filter_map(move |(_, id)| self.remove(id))
    }
}
