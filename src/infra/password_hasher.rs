//! Passwords: argon2id (RFC 9106) with the parameters that OWASP recommends, off the async threads.
//!
//! A hash takes 19 MiB and some ten milliseconds of a core, so only so many run at once; the others wait in a queue that
//! has an end, and for no longer than five seconds.

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::config::Secret;
use crate::core::error::{Error, Result};
use crate::infra::concurrency_limit::{ConcurrencyLimit, Settings, Timeout};

/// How long a request waits in the queue.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Memory in KiB, passes and lanes: the OWASP Password Storage Cheat Sheet's second choice for argon2id.
const PARAMS: (u32, u32, u32) = (19_456, 2, 1);

/// Hashes and verifies. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Hasher(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limit: ConcurrencyLimit,
    queue: usize,
    /// What an unknown user's password is compared with, so that it takes as long.
    decoy: String,
}

/// What came of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Wrong,
    /// The password is right; a new hash of it where the stored one was made with weaker parameters.
    Right {
        rehashed: Option<String>,
    },
}

impl Hasher {
    /// Runs `at_once` hashes at a time and lets `queue` wait.
    pub fn new(at_once: usize, queue: usize) -> Self {
        Self(Arc::new(Inner {
            limit: ConcurrencyLimit::new(Settings {
                max: at_once,
                max_per_client: at_once,
                max_waiting: queue,
                timeout: Timeout::Fixed(TIMEOUT),
            }),
            queue,
            decoy: decoy(),
        }))
    }

    /// The hash of a password, as a PHC string.
    pub async fn hash(&self, password: &Secret) -> Result<String> {
        let password = password.clone();
        self.run(move || hash(password.expose().as_bytes())).await
    }

    /// Compares a password with a stored hash; without one it takes as long and says no.
    pub async fn verify(&self, password: &Secret, stored: Option<&str>) -> Result<Verdict> {
        let known = stored.is_some();
        let stored = stored.unwrap_or(&self.0.decoy).to_owned();
        let password = password.clone();
        self.run(move || {
            let password = password.expose().as_bytes();
            let right = verify(password, &stored)?;
            if !right || !known {
                return Ok(Verdict::Wrong);
            }
            let rehashed = is_weak(&stored)?.then(|| hash(password)).transpose()?;
            Ok(Verdict::Right { rehashed })
        })
        .await
    }

    /// Refuses at once when so many wait that one more would be refused later.
    pub fn expect_room(&self) -> Result<()> {
        if self.waiting() >= self.0.queue.max(1) {
            return Err(Error::Unavailable);
        }
        Ok(())
    }

    /// The number of requests in the queue.
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

/// A hash that no password has, as far as anybody knows.
fn decoy() -> String {
    let (memory, passes, lanes) = PARAMS;
    let salt = STANDARD_NO_PAD.encode(rand::random::<[u8; 16]>());
    let output = STANDARD_NO_PAD.encode(rand::random::<[u8; 32]>());
    format!("$argon2id$v=19$m={memory},t={passes},p={lanes}${salt}${output}")
}

fn argon2() -> Result<Argon2<'static>> {
    let (memory, passes, lanes) = PARAMS;
    let params = Params::new(memory, passes, lanes, None).map_err(unusable)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &[u8]) -> Result<String> {
    let hash = argon2()?.hash_password(password).map_err(unusable)?;
    Ok(hash.to_string())
}

fn verify(password: &[u8], stored: &str) -> Result<bool> {
    let stored = PasswordHash::new(stored).map_err(unusable)?;
    match argon2()?.verify_password(password, &stored) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(unusable(error)),
    }
}

/// Whether a hash was made with less than today's parameters.
fn is_weak(stored: &str) -> Result<bool> {
    let stored = PasswordHash::new(stored).map_err(unusable)?;
    let params = Params::try_from(&stored).map_err(unusable)?;
    let (memory, passes, _) = PARAMS;
    Ok(stored.algorithm.as_str() != "argon2id"
        || params.m_cost() < memory
        || params.t_cost() < passes)
}

/// The library's errors hold no cause worth more than their words.
fn unusable(error: impl std::fmt::Display) -> Error {
    Error::internal(anyhow::anyhow!("argon2: {error}"))
}
