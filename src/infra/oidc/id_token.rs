//! Validates ID tokens (OpenID Connect Core 1.0, 3.1.3.7).

use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Map, Value};
use subtle::ConstantTimeEq;

use super::Claims;
use crate::core::clock::Timestamp;

/// The maximum length of a token in bytes.
const MAX_TOKEN_LENGTH: usize = 16 << 10;
/// The tolerated difference between the provider's clock and ours.
const LEEWAY: Duration = Duration::from_mins(1);
/// The maximum length of the claim `sub` (OpenID Connect Core 1.0, 2).
const MAX_SUBJECT_LENGTH: usize = 255;
/// The issuer of Google's own tokens.
pub const GOOGLE: &str = "https://accounts.google.com";
/// The second issuer that Google's tokens may have.
const GOOGLE_LEGACY_ISSUER: &str = "accounts.google.com";

/// The reason why a token is invalid, for the log.
pub type Refusal = &'static str;

/// The reason for a token that is valid except for a missing nonce.
pub const NO_NONCE: Refusal = "no nonce";

/// The unverified header: how the signature is verified.
pub struct Header {
    pub algorithm: Algorithm,
    pub key: Option<String>,
}

/// The required claims.
pub struct Expected<'a> {
    pub issuer: &'a str,
    /// The accepted client ids.
    pub audience: &'a [&'a str],
    pub nonce: &'a str,
    pub now: Timestamp,
}

/// Reads the header of a token. The algorithm is RS256 or ES256.
pub fn head(token: &str) -> Result<Header, Refusal> {
    if token.len() > MAX_TOKEN_LENGTH {
        return Err("too long");
    }
    let head = decode_header(token).map_err(|_| "not a JWT")?;
    if !matches!(head.alg, Algorithm::RS256 | Algorithm::ES256) {
        return Err("unsupported signature algorithm");
    }
    if head.crit.is_some() {
        return Err("unsupported critical header");
    }
    Ok(Header {
        algorithm: head.alg,
        key: head.kid,
    })
}

impl Expected<'_> {
    /// Verifies a token that is signed with one of these keys. Returns its claims and its expiry.
    pub fn read(
        &self,
        token: &str,
        algorithm: Algorithm,
        keys: &[&DecodingKey],
    ) -> Result<(Claims, Timestamp), Refusal> {
        // All claims are validated below: the library uses another clock, and accepts tokens without these claims.
        let mut rules = Validation::new(algorithm);
        rules.required_spec_claims.clear();
        rules.validate_exp = false;
        rules.validate_aud = false;
        let read = |key: &&DecodingKey| decode::<Map<String, Value>>(token, key, &rules).ok();
        let token = keys.iter().find_map(read);
        let payload = token.ok_or("not signed with a key of the provider")?;
        self.validate(&payload.claims)
    }

    fn validate(&self, payload: &Map<String, Value>) -> Result<(Claims, Timestamp), Refusal> {
        if !self.is_issuer(text(payload, "iss")) {
            return Err("wrong issuer");
        }
        if !self.is_audience(payload) {
            return Err("wrong audience");
        }
        let until = time(payload, "exp").ok_or("no expiry")?.after(LEEWAY);
        let issued = time(payload, "iat").ok_or("no issue time")?;
        if until <= self.now {
            return Err("expired");
        }
        let valid_from = match payload.get("nbf") {
            Some(_) => time(payload, "nbf").ok_or("invalid nbf")?,
            None => issued,
        };
        if issued.before(LEEWAY) > self.now || valid_from.before(LEEWAY) > self.now {
            return Err("not yet valid");
        }
        if matches!(payload.get("nonce"), None | Some(Value::Null)) {
            return Err(NO_NONCE);
        }
        let nonce = text(payload, "nonce").unwrap_or_default();
        if self.nonce.is_empty() || !bool::from(nonce.as_bytes().ct_eq(self.nonce.as_bytes())) {
            return Err("wrong nonce");
        }
        let subject = text(payload, "sub").unwrap_or_default();
        if !(1..=MAX_SUBJECT_LENGTH).contains(&subject.len())
            || !subject.bytes().all(|byte| byte.is_ascii_graphic())
        {
            return Err("invalid subject");
        }
        let own = |name| text(payload, name).map(ToOwned::to_owned);
        let claims = Claims {
            issuer: self.issuer.to_owned(),
            subject: subject.to_owned(),
            email: own("email"),
            // Not the text "true", which some providers send for unverified addresses.
            email_verified: payload.get("email_verified") == Some(&Value::Bool(true)),
            name: own("name"),
            picture: own("picture"),
            hosted_domain: own("hd"),
        };
        Ok((claims, until))
    }

    fn is_issuer(&self, payload: Option<&str>) -> bool {
        payload.is_some_and(|payload| {
            payload == self.issuer || (self.issuer == GOOGLE && payload == GOOGLE_LEGACY_ISSUER)
        })
    }

    fn is_audience(&self, payload: &Map<String, Value>) -> bool {
        let ours = |name: &Value| {
            name.as_str()
                .is_some_and(|name| self.audience.contains(&name))
        };
        match payload.get("aud") {
            Some(Value::Array(names)) if names.len() > 1 => {
                names.iter().any(ours) && payload.get("azp").is_some_and(ours)
            }
            Some(Value::Array(names)) => names.iter().any(ours),
            Some(name) => ours(name),
            None => false,
        }
    }
}

fn text<'a>(payload: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    payload.get(name).and_then(Value::as_str)
}

/// Returns a time in seconds since 1970, possibly fractional.
fn time(payload: &Map<String, Value>, name: &str) -> Option<Timestamp> {
    let seconds = payload.get(name)?;
    #[expect(clippy::cast_possible_truncation, reason = "the conversion saturates")]
    let rounded = || seconds.as_f64().map(|seconds| seconds.floor() as i64);
    let seconds = seconds.as_i64().or_else(rounded)?;
    (seconds > 0).then_some(Timestamp::from_seconds(seconds))
}
