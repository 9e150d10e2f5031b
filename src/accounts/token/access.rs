//! Access tokens: short-lived JWTs (RFC 7519) of the type of RFC 9068, signed with HMAC-SHA-256 (`HS256`).
//!
//! The role in a token is information for clients. The server looks up session and role at each request.

use jsonwebtoken::{Algorithm, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::infra::keys::Keys;

/// Audience of all tokens (`aud`).
pub const AUDIENCE: &str = "wares";
/// Type in the header (`typ`). It keeps other JWTs from being accepted.
const TYPE: &str = "at+jwt";
/// Maximum clock difference between servers, in seconds.
const LEEWAY: i64 = 30;
/// Maximum length of a token in bytes.
const MAX_LENGTH: usize = 2_048;

/// Claims of an access token.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    /// Issuer.
    pub iss: String,
    /// Audience: [`AUDIENCE`].
    pub aud: String,
    /// Id of the user.
    pub sub: String,
    /// Id of the session.
    pub sid: String,
    /// Role at the time of issue.
    pub role: String,
    /// Generation of the session's refresh token that it was issued with.
    #[serde(rename = "gen")]
    pub generation: i32,
    /// Time of issue, in seconds since 1970.
    pub iat: i64,
    /// Time from which it is valid.
    pub nbf: i64,
    /// Time at which it expires.
    pub exp: i64,
    /// Id of the token.
    pub jti: String,
}

/// Signs a token.
pub fn sign(keys: &Keys, claims: &Claims) -> Result<String> {
    let mut header = Header::new(Algorithm::HS256);
    header.typ = Some(TYPE.to_owned());
    jsonwebtoken::encode(&header, claims, &keys.signing.sign).map_err(Error::internal)
}

/// Verifies a token. Returns its claims if one of the keys signed it, the issuer matches and it is valid now.
pub fn verify(keys: &Keys, issuer: &str, token: &str, now: Timestamp) -> Option<Claims> {
    if token.len() > MAX_LENGTH {
        return None;
    }
    let mut rules = Validation::new(Algorithm::HS256);
    rules.set_audience(&[AUDIENCE]);
    rules.set_issuer(&[issuer]);
    rules.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
    // Checked below with the server's own clock.
    rules.validate_exp = false;
    rules.validate_nbf = false;
    let decode = |key| jsonwebtoken::decode::<Claims>(token, key, &rules).ok();
    let token = keys.all().find_map(|key| decode(&key.verify))?;
    let claims = token.claims;
    let now = now.seconds();
    let good = token.header.typ.as_deref() == Some(TYPE)
        && claims.exp.saturating_add(LEEWAY) > now
        && claims.nbf.saturating_sub(LEEWAY) <= now
        && claims.iat.saturating_sub(LEEWAY) <= now
        && claims.iat > 0;
    good.then_some(claims)
}
