//! The cookies of the sign-ins that a browser has begun: one each, so that two tabs don't get in each other's way.

use axum::http::{HeaderMap, HeaderValue};

use super::start::{LIFETIME, Start};
use crate::api::http::client::cookies;
use crate::core::clock::Timestamp;
use crate::infra::keys::Keys;

/// How many sign-ins a browser may have begun at once. Too many cookies, and no server listens to it any more.
const MOST: usize = 5;
/// How many cookies one answer takes away.
const MOST_REMOVED: usize = 30;
/// How many characters the id of a sign-in has.
const ID: usize = 11;
const NAME: &str = "wares-google-";

/// How the cookies look.
#[derive(Clone, Copy)]
pub struct Cookies {
    /// Whether they travel over https alone. Then they also have a name that no neighbouring host can set.
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

    /// Lets the browser keep a sign-in.
    pub fn keep(self, id: &str, sealed: &str) -> Option<HeaderValue> {
        self.header(id, sealed, LIFETIME.as_secs())
    }

    /// Takes a sign-in away from the browser.
    pub fn remove(self, id: &str) -> Option<HeaderValue> {
        self.header(id, "", 0)
    }

    /// The sign-ins that a browser keeps: ids and sealed texts.
    pub fn kept(self, headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        cookies(headers).filter_map(move |(name, value)| {
            let id = name.strip_prefix(self.prefix())?.strip_prefix(NAME)?;
            (id.len() == ID && id.bytes().all(plain)).then_some((id, value))
        })
    }

    /// Takes away what is too old or too much when one more is begun.
    pub fn make_room(
        self,
        headers: &HeaderMap,
        keys: &Keys,
        now: Timestamp,
    ) -> impl Iterator<Item = HeaderValue> {
        let mut known: Vec<_> = self
            .kept(headers)
            .map(|(id, sealed)| {
                let started = Start::open(keys, sealed, now).map(|(start, _)| start.started());
                (started, id)
            })
            .collect();
        // What can't be opened any more comes first.
        known.sort_unstable();
        let dead = known
            .iter()
            .filter(|(started, _)| started.is_none())
            .count();
        let remove = dead.max(known.len().saturating_sub(MOST - 1));
        known.truncate(remove.min(MOST_REMOVED));
        known.into_iter().filter_map(move |(_, id)| self.remove(id))
    }
}
