//! Access tokens: short-lived JWTs (RFC 7519) of the type of RFC 9068, signed with HMAC-SHA-256 (`HS256`).
//!
//! What a token says of its bearer's role is for clients to read. The server looks session and role up at each request.

use jsonwebtoken::{Algorithm, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::infra::keys::Keys;

/// For whom tokens are.
pub const AUDIENCE: &str = "wares";
/// The type in a token's header: no other JWT is taken for one of these.
const TYPE: &str = "at+jwt";
/// How far, in seconds, the clocks of two servers may be apart.
const LEEWAY: i64 = 30;
/// No token of ours is longer.
const MAX_LENGTH: usize = 2_048;

/// What an access token says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    /// Who issued it.
    pub iss: String,
    /// For whom: [`AUDIENCE`].
    pub aud: String,
    /// The id of the user.
    pub sub: String,
    /// The id of the session.
    pub sid: String,
    /// The role when it was issued.
    pub role: String,
    /// Which of the session's refresh tokens it came with.
    #[serde(rename = "gen")]
    pub generation: i32,
    /// When it was issued, in seconds since 1970.
    pub iat: i64,
    /// From when on it is good.
    pub nbf: i64,
    /// Until when.
    pub exp: i64,
    /// Its own id.
    pub jti: String,
}

/// Signs a token.
pub fn sign(keys: &Keys, claims: &Claims) -> Result<String> {
    let mut header = Header::new(Algorithm::HS256);
    header.typ = Some(TYPE.to_owned());
    jsonwebtoken::encode(&header, claims, &keys.signing.sign).map_err(Error::internal)
}

/// What a token says, if one of the keys signed it, this issuer issued it and it is good now.
pub fn verify(keys: &Keys, issuer: &str, token: &str, now: Timestamp) -> Option<Claims> {
    if token.len() > MAX_LENGTH {
        return None;
    }
    let mut rules = Validation::new(Algorithm::HS256);
    rules.set_audience(&[AUDIENCE]);
    rules.set_issuer(&[issuer]);
    rules.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
    // Asked below, of the clock that everything else is asked of.
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
