//! Keys and signatures of the simulated OpenID provider.

use std::collections::HashMap;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

/// The signature of ID tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signing {
    /// RS256 with the key `first`.
    First,
    /// RS256 with the key `second`.
    Second,
    /// ES256 with the key `curve`.
    Curve,
    /// RS256 with the key `second`, but the key ID `first`.
    WrongKeyId,
    /// No signature: `alg` is `none`.
    Nothing,
    /// HS256 with the public key `first` as the secret.
    PublicKeyAsSecret,
    /// RS256 with the key `first`, and claims changed after signing.
    Tampered,
}

pub fn sign(signing: Signing, claims: &Value) -> String {
    let (algorithm, key, id) = match signing {
        Signing::First | Signing::Tampered => (Algorithm::RS256, "first", "first"),
        Signing::Second => (Algorithm::RS256, "second", "second"),
        Signing::WrongKeyId => (Algorithm::RS256, "second", "first"),
        Signing::Curve => (Algorithm::ES256, "curve", "curve"),
        Signing::Nothing => {
            let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
            let head = json!({"alg": "none", "typ": "JWT", "kid": "first"});
            return format!("{}.{}.", part(&head), part(claims));
        }
        Signing::PublicKeyAsSecret => (Algorithm::HS256, "first", "first"),
    };
    let mut head = Header::new(algorithm);
    head.kid = Some(id.to_owned());
    if signing == Signing::PublicKeyAsSecret {
        let modulus = public_key(key)["n"].as_str().unwrap().to_owned();
        return encode(&head, claims, &EncodingKey::from_secret(modulus.as_bytes())).unwrap();
    }
    let token = encode(&head, claims, &KEYS[key]).unwrap();
    if signing != Signing::Tampered {
        return token;
    }
    let parts: Vec<_> = token.split('.').collect();
    let mut claims = claims.clone();
    claims["sub"] = "somebody else".into();
    let changed = URL_SAFE_NO_PAD.encode(claims.to_string());
    format!("{}.{changed}.{}", parts[0], parts[2])
}

/// Keys generated for these tests only.
static KEYS: LazyLock<HashMap<&'static str, EncodingKey>> = LazyLock::new(|| {
    let der = |pem: &str| {
        let lines = pem.lines().filter(|line| !line.starts_with("-----"));
        STANDARD.decode(lines.collect::<String>()).unwrap()
    };
    let first = der(include_str!("../files/provider/first.pem"));
    let second = der(include_str!("../files/provider/second.pem"));
    let curve = der(include_str!("../files/provider/curve.pem"));
    HashMap::from([
        ("first", EncodingKey::from_rsa_der(&first)),
        ("second", EncodingKey::from_rsa_der(&second)),
        ("curve", EncodingKey::from_ec_der(&curve)),
    ])
});

pub fn public_key(name: &str) -> Value {
    let algorithm = if name == "curve" {
        Algorithm::ES256
    } else {
        Algorithm::RS256
    };
    let key = Jwk::from_encoding_key(&KEYS[name], algorithm).unwrap();
    let mut key = serde_json::to_value(key).unwrap();
    key["kid"] = name.into();
    key["use"] = "sig".into();
    key
}
