//! ID tokens: what they must be to be believed (OpenID Connect Core 1.0, 3.1.3.7).

use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Map, Value};
use subtle::ConstantTimeEq;

use super::Claims;
use crate::core::clock::Timestamp;

/// No token of a provider is longer, in bytes.
const LONGEST: usize = 16 << 10;
/// How far the provider's clock and ours may be apart.
const LEEWAY: Duration = Duration::from_mins(1);
/// How many characters the name of somebody at the provider has at the most (OpenID Connect Core 1.0, 2).
const LONGEST_SUBJECT: usize = 255;
/// The issuer of Google's own tokens.
pub const GOOGLE: &str = "https://accounts.google.com";
/// What Google calls itself besides.
const GOOGLE_TOO: &str = "accounts.google.com";

/// Why a token is not believed, for the log.
pub type Refusal = &'static str;

/// The refusal of a token that is good except that it has no nonce.
pub const NO_NONCE: Refusal = "it has no nonce";

/// What stands before a token is checked: with which key that is done.
pub struct Head {
    pub algorithm: Algorithm,
    pub key: Option<String>,
}

/// What a token must say.
pub struct Expected<'a> {
    pub issuer: &'a str,
    /// The clients that it may be for.
    pub audience: &'a [&'a str],
    pub nonce: &'a str,
    pub now: Timestamp,
}

/// Reads with which key a token says it is signed. The algorithm is one of those with a public key.
pub fn head(token: &str) -> Result<Head, Refusal> {
    if token.len() > LONGEST {
        return Err("it is too long");
    }
    let head = decode_header(token).map_err(|_| "it is no token")?;
    if !matches!(head.alg, Algorithm::RS256 | Algorithm::ES256) {
        return Err("it is signed in a way that is not taken");
    }
    if head.crit.is_some() {
        return Err("it demands what is not understood");
    }
    Ok(Head {
        algorithm: head.alg,
        key: head.kid,
    })
}

impl Expected<'_> {
    /// What a token claims that is signed with one of these keys, and until when that is good.
    pub fn read(
        &self,
        token: &str,
        algorithm: Algorithm,
        keys: &[&DecodingKey],
    ) -> Result<(Claims, Timestamp), Refusal> {
        // All but the signature is asked below: the library asks another clock, and takes a token that says nothing.
        let mut rules = Validation::new(algorithm);
        rules.required_spec_claims.clear();
        rules.validate_exp = false;
        rules.validate_aud = false;
        let read = |key: &&DecodingKey| decode::<Map<String, Value>>(token, key, &rules).ok();
        let token = keys.iter().find_map(read);
        let told = token.ok_or("it is not signed with a key of the provider")?;
        self.judge(&told.claims)
    }

    fn judge(&self, told: &Map<String, Value>) -> Result<(Claims, Timestamp), Refusal> {
        if !self.is_issuer(text(told, "iss")) {
            return Err("somebody else issued it");
        }
        if !self.is_audience(told) {
            return Err("it is for somebody else");
        }
        let until = time(told, "exp").ok_or("it has no end")?.after(LEEWAY);
        let issued = time(told, "iat").ok_or("it has no beginning")?;
        if until <= self.now {
            return Err("it is over");
        }
        let valid_from = match told.get("nbf") {
            Some(_) => time(told, "nbf").ok_or("its beginning is no time")?,
            None => issued,
        };
        if issued.before(LEEWAY) > self.now || valid_from.before(LEEWAY) > self.now {
            return Err("it is of the future");
        }
        if matches!(told.get("nonce"), None | Some(Value::Null)) {
            return Err(NO_NONCE);
        }
        let nonce = text(told, "nonce").unwrap_or_default();
        if self.nonce.is_empty() || !bool::from(nonce.as_bytes().ct_eq(self.nonce.as_bytes())) {
            return Err("it is for another sign-in");
        }
        let subject = text(told, "sub").unwrap_or_default();
        if !(1..=LONGEST_SUBJECT).contains(&subject.len())
            || !subject.bytes().all(|byte| byte.is_ascii_graphic())
        {
            return Err("it is about nobody");
        }
        let own = |name| text(told, name).map(ToOwned::to_owned);
        let claims = Claims {
            issuer: self.issuer.to_owned(),
            subject: subject.to_owned(),
            email: own("email"),
            // Not the text "true", which some providers send for what they have not looked into.
            email_verified: told.get("email_verified") == Some(&Value::Bool(true)),
            name: own("name"),
            picture: own("picture"),
            hosted_domain: own("hd"),
        };
        Ok((claims, until))
    }

    fn is_issuer(&self, told: Option<&str>) -> bool {
        told.is_some_and(|told| {
            told == self.issuer || (self.issuer == GOOGLE && told == GOOGLE_TOO)
        })
    }

    fn is_audience(&self, told: &Map<String, Value>) -> bool {
        let ours = |name: &Value| {
            name.as_str()
                .is_some_and(|name| self.audience.contains(&name))
        };
        match told.get("aud") {
            Some(Value::Array(names)) if names.len() > 1 => {
                names.iter().any(ours) && told.get("azp").is_some_and(ours)
            }
            Some(Value::Array(names)) => names.iter().any(ours),
            Some(name) => ours(name),
            None => false,
        }
    }
}

fn text<'a>(told: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    told.get(name).and_then(Value::as_str)
}

/// A moment in seconds since 1970, perhaps with a fraction.
fn time(told: &Map<String, Value>, name: &str) -> Option<Timestamp> {
    let seconds = told.get(name)?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "what does not fit is the end of time either way"
    )]
    let rounded = || seconds.as_f64().map(|seconds| seconds.floor() as i64);
    let seconds = seconds.as_i64().or_else(rounded)?;
    (seconds > 0).then_some(Timestamp::from_seconds(seconds))
}
