//! The provider's public keys (JWKS), which ID tokens are signed with.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

use crate::infra::http_client::RequestError;

/// The maximum number of keys that are used.
const MAX_KEYS: usize = 32;
/// The accepted length of an RSA modulus in bytes: shorter keys are insecure, longer ones are slow.
const RSA_MODULUS_BYTES: std::ops::RangeInclusive<usize> = 256..=512;
/// The length of a P-256 coordinate in bytes.
const P256_COORDINATE_BYTES: usize = 32;

/// The document. Each key is parsed separately, so that a key of an unknown type does not fail the others.
#[derive(Deserialize)]
pub struct KeySet {
    keys: Vec<Value>,
}

/// The usable keys.
pub struct Keys(Vec<Key>);

struct Key {
    id: Option<String>,
    algorithm: Algorithm,
    public: DecodingKey,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    #[serde(rename = "use")]
    purpose: Option<String>,
    alg: Option<String>,
    kid: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Keys {
    pub fn read(received: KeySet) -> Result<Self, RequestError> {
        let received = received.keys.into_iter();
        let received = received.filter_map(|key| serde_json::from_value(key).ok());
        let keys: Vec<_> = received.filter_map(Key::read).take(MAX_KEYS).collect();
        if keys.is_empty() {
            return Err(RequestError::new("no key for RS256 or ES256"));
        }
        Ok(Self(keys))
    }

    /// Returns the keys with this id. A token without a key id must be signed by the only key.
    pub fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Vec<&DecodingKey> {
        let named = |key: &&Key| match id {
            Some(id) => key.id.as_deref() == Some(id),
            None => self.0.len() == 1,
        };
        let found = self.0.iter().filter(named);
        let found = found.filter(|key| key.algorithm == algorithm);
        found.map(|key| &key.public).collect()
    }
}

impl Key {
    fn read(received: Jwk) -> Option<Self> {
        if received.purpose.is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let length = |part: &str| URL_SAFE_NO_PAD.decode(part).ok().map(|bytes| bytes.len());
        let (algorithm, name, public) = match received.kty.as_str() {
            "RSA" => {
                let (modulus, exponent) = (received.n?, received.e?);
                RSA_MODULUS_BYTES
                    .contains(&length(&modulus)?)
                    .then_some(())?;
                let key = DecodingKey::from_rsa_components(&modulus, &exponent);
                (Algorithm::RS256, "RS256", key.ok()?)
            }
            "EC" if received.crv.as_deref() == Some("P-256") => {
                let (x, y) = (received.x?, received.y?);
                let fits =
                    length(&x)? == P256_COORDINATE_BYTES && length(&y)? == P256_COORDINATE_BYTES;
                fits.then_some(())?;
                let key = DecodingKey::from_ec_components(&x, &y);
                (Algorithm::ES256, "ES256", key.ok()?)
            }
            _ => return None,
        };
        if received.alg.is_some_and(|received| received != name) {
            return None;
        }
        Some(Self {
            id: received.kid,
            algorithm,
            public,
        })
    }
}
