//! Registration, sign-in and renewal of sessions: what Wares stores, with its rate limits, and the same password hash.

use anyhow::{Context, Result, ensure};
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use sea_orm::Value;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::database::{Database, Transaction, find};
use crate::clock::now;

const DAY: i64 = 24 * 60 * 60 * 1_000_000;
/// Sessions of a user. Older ones are deleted.
const MAX_SESSIONS: i64 = 50;

/// Hashes as many passwords at once as there are cores.
pub struct Hasher(Semaphore);

impl Default for Hasher {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self(Semaphore::new(cores))
    }
}

impl Hasher {
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let _permit = self.0.acquire().await?;
        tokio::task::spawn_blocking(work).await?
    }
}

/// Hashes a password with the parameters of Wares.
pub fn hash(password: &str) -> Result<String> {
    let params = Params::new(19_456, 2, 1, None).map_err(|error| anyhow::anyhow!("{error}"))?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash = argon2.hash_password(password.as_bytes());
    Ok(hash
        .map_err(|error| anyhow::anyhow!("{error}"))?
        .to_string())
}

fn is_match(password: &str, hash: &str) -> Result<bool> {
    let hash = PasswordHash::new(hash).map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(Argon2::default()
        .verify_password(password.as_bytes(), &hash)
        .is_ok())
}

#[derive(Deserialize)]
struct Register {
    email: String,
    password: String,
}

/// Stores a registration, its code and the email.
pub async fn register(database: &Database, hasher: &Hasher, body: &[u8]) -> Result<Json> {
    let Register { email, password } = serde_json::from_slice(body)?;
    let transaction = database.begin().await?;
    charge(&transaction, "codes:by-hand").await?;
    transaction.commit().await?;
    let hash = hasher.run(move || hash(&password)).await?;
    let transaction = database.begin().await?;
    for limit in ["verify-gap", "verify-codes", "verify-all", "notices"] {
        charge(&transaction, &format!("{limit}:{email}")).await?;
    }
    let now = now();
    let insert = "INSERT INTO registrations (email_key, email, name, password_hash, created_at, expires_at)
        VALUES (?, ?, 'Somebody', ?, ?, ?) ON CONFLICT (email_key) DO UPDATE SET password_hash = excluded.password_hash";
    let text = || Value::from(email.clone());
    let values = vec![text(), text(), hash.into(), now.into(), (now + DAY).into()];
    transaction.execute(insert, values).await?;
    let user = "SELECT id FROM users WHERE email_key = ?";
    transaction.find(user, vec![text()]).await?;
    let nonce = Uuid::now_v7().as_bytes().to_vec();
    let insert =
        "INSERT INTO one_time_codes (purpose, subject, live, user_id, client, nonce, attempts_left,
        attempts_left_to_others, payload, created_at, expires_at)
        VALUES ('VERIFY_EMAIL', ?, ?, NULL, '127.0.0.1', ?, 5, 5, NULL, ?, ?)";
    let values = vec![
        text(),
        true.into(),
        nonce.clone().into(),
        now.into(),
        (now + DAY).into(),
    ];
    transaction.execute(insert, values).await?;
    // Due in a day, so that Wares does not send it meanwhile.
    let insert = "INSERT INTO outbox (id, kind, recipient, subject, body, nonce, attempts, created_at, due_at,
        expires_at, payload, failed_at, last_error) VALUES (?, 'email', ?, '', '', ?, 0, ?, ?, ?, ?, NULL, NULL)";
    let payload = json!({"to": email, "subject": "Your code to confirm your email address", "body": "x".repeat(300)});
    let values = vec![
        Uuid::now_v7().into(),
        text(),
        nonce.into(),
        now.into(),
        (now + DAY).into(),
        (now + DAY).into(),
        payload.to_string().into(),
    ];
    transaction.execute(insert, values).await?;
    transaction.commit().await?;
    Ok(true.into())
}

#[derive(Deserialize)]
struct Login {
    email: String,
    password: String,
}

/// Verifies a password and stores a session. Returns its id.
pub async fn login(database: &Database, hasher: &Hasher, body: &[u8]) -> Result<Json> {
    let Login { email, password } = serde_json::from_slice(body)?;
    let limits = ["login", "login-account", "login-failed"];
    let transaction = database.begin().await?;
    for limit in limits {
        charge(&transaction, &format!("{limit}:{email}")).await?;
    }
    transaction.commit().await?;
    let sql = "SELECT id, password_hash FROM users WHERE email_key = ?";
    let user = find(database, sql, vec![email.clone().into()]).await?;
    let user = user.context("no such user")?;
    let (id, hash): (Uuid, String) = (user.try_get("", "id")?, user.try_get("", "password_hash")?);
    let is_match = hasher.run(move || is_match(&password, &hash)).await?;
    ensure!(is_match, "the password is wrong");
    let transaction = database.begin().await?;
    let lock = transaction.for_update("SELECT id FROM users WHERE id = ?");
    transaction.one(&lock, vec![id.into()]).await?;
    for limit in &limits[1..] {
        let delete = "DELETE FROM throttles WHERE key = ?";
        let key = format!("{limit}:{email}");
        transaction.execute(delete, vec![key.into()]).await?;
    }
    let (session, now) = (Uuid::now_v7(), now());
    let insert = "INSERT INTO sessions (id, user_id, generation, current_hash, previous_hash, confirmed, in_cookie,
        user_agent, address, created_at, refreshed_at, expires_at)
        VALUES (?, ?, 1, ?, NULL, ?, ?, NULL, '127.0.0.1', ?, ?, ?)";
    let values = vec![
        session.into(),
        id.into(),
        vec![7_u8; 32].into(),
        false.into(),
        false.into(),
        now.into(),
        now.into(),
        (now + 30 * DAY).into(),
    ];
    transaction.execute(insert, values).await?;
    let surplus = "DELETE FROM sessions WHERE user_id = ? AND id NOT IN
        (SELECT id FROM sessions WHERE user_id = ? ORDER BY refreshed_at DESC, id DESC LIMIT ?)";
    let values = vec![id.into(), id.into(), MAX_SESSIONS.into()];
    transaction.execute(surplus, values).await?;
    transaction.commit().await?;
    Ok(session.to_string().into())
}

#[derive(Deserialize)]
struct Refresh {
    session: Uuid,
}

/// Renews the token of a session.
pub async fn refresh(database: &Database, body: &[u8]) -> Result<Json> {
    let Refresh { session } = serde_json::from_slice(body)?;
    let transaction = database.begin().await?;
    charge(&transaction, "refresh:by-hand").await?;
    let row = "SELECT user_id, current_hash, generation FROM sessions WHERE id = ?";
    let row = transaction
        .one(&transaction.for_update(row), vec![session.into()])
        .await?;
    let user: Uuid = row.try_get("", "user_id")?;
    let hash: Vec<u8> = row.try_get("", "current_hash")?;
    let user_sql = "SELECT id FROM users WHERE id = ? AND disabled_at IS NULL";
    transaction.one(user_sql, vec![user.into()]).await?;
    let update = "UPDATE sessions SET generation = generation + 1, current_hash = ?, previous_hash = ?, confirmed = ?,
        refreshed_at = ?, expires_at = ? WHERE id = ?";
    let now = now();
    let values = vec![
        vec![9_u8; 32].into(),
        hash.into(),
        false.into(),
        now.into(),
        (now + 30 * DAY).into(),
        session.into(),
    ];
    transaction.execute(update, values).await?;
    transaction.commit().await?;
    Ok(session.to_string().into())
}

/// Counts an attempt towards a rate limit.
async fn charge(transaction: &Transaction, key: &str) -> Result<()> {
    let count = "INSERT INTO throttles (key, free_at) VALUES (?, ?)
        ON CONFLICT (key) DO UPDATE SET free_at = excluded.free_at";
    let values = vec![key.into(), now().into()];
    transaction.execute(count, values).await
}
