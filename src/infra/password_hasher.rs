//! Password hashing: argon2id (RFC 9106) with parameters that OWASP recommends, on blocking threads.
//!
//! A hash takes 19 MiB and some ten milliseconds of a core, so the number of concurrent hashes is limited. Other
//! requests wait in a bounded queue for up to 5 seconds.

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::config::Secret;
use crate::core::error::{Error, Result};
use crate::infra::concurrency_limit::{ConcurrencyLimit, Settings, Timeout};

/// The timeout of a queued request.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Memory in KiB, passes and lanes: the OWASP Password Storage Cheat Sheet's second choice for argon2id.
const PARAMS: (u32, u32, u32) = (19_456, 2, 1);

/// Hashes and verifies passwords. Cheap to clone.
#[derive(Clone, Debug)]
pub struct PasswordHasher(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limit: ConcurrencyLimit,
    queue: usize,
    /// The hash that the password of an unknown user is compared with, so that the comparison takes equally long.
    dummy_hash: String,
}

/// The result of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PasswordMatch {
    Wrong,
    /// The password is correct. `rehashed` is a new hash if the stored one was made with weaker parameters.
    Right {
        rehashed: Option<String>,
    },
}

impl PasswordHasher {
    /// Creates a hasher that runs up to `at_once` hashes concurrently and queues up to `queue` more.
    pub fn new(at_once: usize, queue: usize) -> Self {
        Self(Arc::new(Inner {
            limit: ConcurrencyLimit::new(Settings {
                max: at_once,
                max_per_client: at_once,
                max_waiting: queue,
                timeout: Timeout::Fixed(TIMEOUT),
            }),
            queue,
            dummy_hash: dummy_hash(),
        }))
    }

    /// Returns the hash of a password as a PHC string.
    pub async fn hash(&self, password: &Secret) -> Result<String> {
        let password = password.clone();
        self.run(move || hash(password.expose().as_bytes())).await
    }

    /// Compares a password with a stored hash. Without a hash it takes equally long and returns
    /// [`PasswordMatch::Wrong`].
    pub async fn verify(&self, password: &Secret, stored: Option<&str>) -> Result<PasswordMatch> {
        let known = stored.is_some();
        let stored = stored.unwrap_or(&self.0.dummy_hash).to_owned();
        let password = password.clone();
        self.run(move || {
            let password = password.expose().as_bytes();
            let is_match = verify(password, &stored)?;
            if !is_match || !known {
                return Ok(PasswordMatch::Wrong);
            }
            let rehashed = is_weak(&stored)?.then(|| hash(password)).transpose()?;
            Ok(PasswordMatch::Right { rehashed })
        })
        .await
    }

    /// Returns [`Error::Unavailable`] if the queue is full, so that a request can be refused early.
    pub fn check_queue(&self) -> Result<()> {
        if self.waiting() >= self.0.queue.max(1) {
            return Err(Error::Unavailable);
        }
        Ok(())
    }

    /// Returns the number of queued requests.
    pub fn waiting(&self) -> usize {
        self.0.limit.waiting()
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let permit = self.0.limit.acquire(None).await?;
        let done = tokio::task::spawn_blocking(move || {
            // Held by the work, which continues when the request is dropped.
            let _permit = permit;
            work()
        });
        done.await.map_err(Error::internal)?
    }
}

/// Returns a random hash that matches no known password.
fn dummy_hash() -> String {
    let (memory, passes, lanes) = PARAMS;
    let salt = STANDARD_NO_PAD.encode(rand::random::<[u8; 16]>());
    let output = STANDARD_NO_PAD.encode(rand::random::<[u8; 32]>());
    format!("$argon2id$v=19$m={memory},t={passes},p={lanes}${salt}${output}")
}

fn argon2() -> Result<Argon2<'static>> {
    let (memory, passes, lanes) = PARAMS;
    let params = Params::new(memory, passes, lanes, None).map_err(argon2_error)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &[u8]) -> Result<String> {
    let hash = argon2()?.hash_password(password).map_err(argon2_error)?;
    Ok(hash.to_string())
}

fn verify(password: &[u8], stored: &str) -> Result<bool> {
    let stored = PasswordHash::new(stored).map_err(argon2_error)?;
    match argon2()?.verify_password(password, &stored) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(argon2_error(error)),
    }
}

/// Whether a hash was made with weaker parameters than [`PARAMS`].
fn is_weak(stored: &str) -> Result<bool> {
    let stored = PasswordHash::new(stored).map_err(argon2_error)?;
    let params = Params::try_from(&stored).map_err(argon2_error)?;
    let (memory, passes, _) = PARAMS;
    Ok(stored.algorithm.as_str() != "argon2id"
        || params.m_cost() < memory
        || params.t_cost() < passes)
}

/// Converts an error of the library to an internal error with the same text.
fn argon2_error(error: impl std::fmt::Display) -> Error {
    Error::internal(anyhow::anyhow!("argon2: {error}"))
}
