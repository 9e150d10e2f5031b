//! The server's keys, derived from the configured secrets.
//!
//! Each secret yields a separate key for each purpose. The first secret signs, all secrets verify. To rotate: append
//! the new secret, then move it to the front, then remove the old one when everything signed with it has expired.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, bail, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{DecodingKey, EncodingKey};
use sha2::Sha256;

use crate::config::Config;

/// The minimum length of a secret in bytes.
const MIN_SECRET: usize = 32;
/// The public example secret of `.env.example`, which is refused.
const EXAMPLE_SECRET: &str = "replace-this-with-the-output-of-openssl-rand-base64-48";
/// The file in the data folder that stores the generated secret in development.
const SECRET_FILE: &str = "jwt.secret";

/// Nonce length in bytes of a six-digit one-time code.
pub const CODE_NONCE: usize = 16;
/// Nonce length in bytes of a one-time code that is a token of [`TOKEN_LENGTH`] characters.
pub const TOKEN_NONCE: usize = 32;
/// Characters of such a token: 150 bits.
pub const TOKEN_LENGTH: usize = 30;
/// Characters between two hyphens of a token in an email.
const TOKEN_GROUP: usize = 5;
/// Lower-case letters and digits that are not mistaken for each other.
const TOKEN_LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// The keys of a process.
pub struct Keys {
    /// The key that signs.
    pub signing: Key,
    older: Vec<Key>,
}

/// The keys derived from one secret.
pub struct Key {
    pub sign: EncodingKey,
    pub verify: DecodingKey,
    refresh: [u8; 32],
    code: [u8; 32],
    fingerprint: [u8; 32],
    flow: [u8; 32],
    sign_in: [u8; 32],
    cart: [u8; 32],
    order: [u8; 32],
}

impl fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[keys]")
    }
}

impl Keys {
    /// Returns the configured keys. In development without `JWT_SECRETS`, generates a secret and stores it in the
    /// data folder.
    ///
    /// # Errors
    /// Returns one line for the operator, without a secret.
    pub fn load(config: &Config) -> anyhow::Result<Self> {
        let configured = config.accounts.jwt_secrets.as_ref();
        let configured = configured
            .map(|secrets| secrets.expose().trim())
            .filter(|configured| !configured.is_empty());
        let Some(configured) = configured else {
            if config.is_development() {
                config.create_data_folder()?;
                return Ok(Self::new(
                    load_or_create_secret(&config.data_dir.join(SECRET_FILE))?,
                    [],
                ));
            }
            bail!(
                "JWT_SECRETS is required in production: at least {MIN_SECRET} random bytes, for example the output of `openssl rand -base64 48`"
            );
        };
        let mut secrets = configured.split(',').map(str::trim);
        for secret in secrets.clone() {
            ensure!(
                secret.len() >= MIN_SECRET,
                "each secret in JWT_SECRETS must have at least {MIN_SECRET} bytes"
            );
            let mut distinct_bytes = secret.bytes().collect::<Vec<_>>();
            distinct_bytes.sort_unstable();
            distinct_bytes.dedup();
            ensure!(
                secret != EXAMPLE_SECRET && distinct_bytes.len() >= 8,
                "JWT_SECRETS contains a secret that is easy to guess"
            );
        }
        let signing = secrets.next().unwrap_or_default();
        Ok(Self::new(signing, secrets))
    }

    /// Creates keys from these secrets.
    pub fn new<S: AsRef<[u8]>>(signing: S, older: impl IntoIterator<Item = S>) -> Self {
        let key = |secret: S| Key::new(secret.as_ref());
        Self {
            signing: key(signing),
            older: older.into_iter().map(key).collect(),
        }
    }

    /// Creates random keys, for a process that needs no persistent ones.
    pub fn random() -> Self {
        Self::new(rand::random::<[u8; 32]>(), [])
    }

    /// Returns all keys, the signing key first.
    pub fn all(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.signing).chain(&self.older)
    }

    /// Returns the one-time code of a nonce: six digits, or a token in groups of five characters for a nonce of
    /// [`TOKEN_NONCE`] bytes.
    pub fn code(&self, nonce: &[u8]) -> String {
        let code = self.signing.code(nonce);
        if nonce.len() != TOKEN_NONCE {
            return code;
        }
        let groups = code.as_bytes().chunks(TOKEN_GROUP);
        let groups: Vec<_> = groups.map(String::from_utf8_lossy).collect();
        groups.join("-")
    }

    /// Whether `code` belongs to this nonce under any of the keys. A token is compared without its separators.
    pub fn is_code(&self, nonce: &[u8], code: &str) -> bool {
        use subtle::ConstantTimeEq;
        let matches = |key: &Key| bool::from(key.code(nonce).as_bytes().ct_eq(code.as_bytes()));
        self.all().any(matches)
    }

    /// Returns a keyed hash that identifies a call and reveals nothing of it, not even a password that can be guessed.
    pub fn fingerprint(&self, call: &[u8]) -> Vec<u8> {
        self.signing.fingerprint(call)
    }

    /// Whether a call has this fingerprint under any of the keys.
    pub fn is_fingerprint(&self, fingerprint: &[u8], call: &[u8]) -> bool {
        self.all().any(|key| key.fingerprint(call) == fingerprint)
    }
}

impl Key {
    fn new(secret: &[u8]) -> Self {
        Self {
            sign: EncodingKey::from_secret(secret),
            verify: DecodingKey::from_secret(secret),
            refresh: mac(secret, &[b"wares refresh token 1"]),
            code: mac(secret, &[b"wares one-time code 1"]),
            fingerprint: mac(secret, &[b"wares fingerprint 1"]),
            flow: mac(secret, &[b"wares sign-in flow 1"]),
            sign_in: mac(secret, &[b"wares known device 1"]),
            cart: mac(secret, &[b"wares cart token 1"]),
            order: mac(secret, &[b"wares order token 1"]),
        }
    }

    /// Returns a keyed hash for refresh tokens; `purpose` separates its uses.
    pub fn refresh_mac(&self, purpose: &[u8], parts: &[&[u8]]) -> [u8; 32] {
        mac(&self.refresh, &[&[purpose], parts].concat())
    }

    /// Returns a keyed hash for the cookies of a sign-in with another provider; `purpose` separates its uses.
    pub fn flow_mac(&self, purpose: &[u8], part: &[u8]) -> [u8; 32] {
        mac(&self.flow, &[purpose, part])
    }

    /// Returns the keyed hash that recognizes devices and networks of earlier sign-ins; `purpose` separates its uses.
    pub fn sign_in_mac(&self, purpose: &[u8], parts: &[&[u8]]) -> [u8; 32] {
        mac(&self.sign_in, &[&[purpose], parts].concat())
    }

    /// Returns the keyed hash of the token of a cart.
    pub fn cart_mac(&self, token: &[u8]) -> [u8; 32] {
        mac(&self.cart, &[token])
    }

    /// Returns a keyed hash for the tokens of orders; `purpose` separates its uses.
    pub fn order_mac(&self, purpose: &[u8], part: &[u8]) -> [u8; 32] {
        mac(&self.order, &[purpose, part])
    }

    fn fingerprint(&self, call: &[u8]) -> Vec<u8> {
        mac(&self.fingerprint, &[call]).to_vec()
    }

    fn code(&self, nonce: &[u8]) -> String {
        let bytes = mac(&self.code, &[nonce]);
        if nonce.len() == TOKEN_NONCE {
            let letters = bytes.iter().take(TOKEN_LENGTH);
            return letters
                .map(|byte| char::from(TOKEN_LETTERS[usize::from(byte % 32)]))
                .collect();
        }
        let number = bytes[..8]
            .iter()
            .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        format!("{:06}", number % 1_000_000)
    }
}

/// Returns the HMAC-SHA-256 of the parts, each prefixed with its length.
fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key)
        .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Returns the secret in this file, which is created at the first start.
fn load_or_create_secret(path: &Path) -> anyhow::Result<String> {
    let context = || {
        format!(
            "can't read or create the session secret in {}",
            path.display()
        )
    };
    if !path.exists() {
        create_secret(path).with_context(context)?;
    }
    let secret = fs::read_to_string(path).with_context(context)?;
    let secret = secret.trim().to_owned();
    ensure!(
        secret.len() >= MIN_SECRET,
        "the session secret in {} is too short; remove the file to generate a new secret, which signs out all users",
        path.display()
    );
    Ok(secret)
}

/// Writes a secret to a temporary file and links it to `path`, so that one of several concurrent first starts wins and
/// no process reads an incomplete file.
fn create_secret(path: &Path) -> io::Result<()> {
    let draft = path.with_extension(format!("{}.new", std::process::id()));
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&draft)?;
    let secret = STANDARD_NO_PAD.encode(rand::random::<[u8; 48]>());
    file.write_all(secret.as_bytes())?;
    file.sync_all()?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    }
}
