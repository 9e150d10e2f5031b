//! Clients of external systems (database, object store, email, HTTP), and process-wide services such as the cache.
//!
//! - [`cache`]: in-memory cache of public catalog responses.
//! - [`database`]: SQLite and PostgreSQL: connections, transactions, migrations.
//! - [`http_client`]: requests to other servers.
//! - [`image`]: the crate `imaging`, which decodes, cleans and resizes JPEG, PNG and WebP images.
//! - [`keys`]: signing keys, derived from the configured secrets.
//! - [`concurrency_limit`]: limits concurrent requests. Excess requests wait briefly, then are refused.
//! - [`mail`]: emails: templates and SMTP.
//! - [`oidc`]: OpenID Connect client for sign-in with Google.
//! - [`password_hasher`]: argon2id on blocking threads.
//! - [`server_status`]: number of open connections, and whether the server is stopping.
//! - [`stripe`]: client of Stripe's API.
//! - [`storage`]: S3 client and the embedded object store.
//! - [`telemetry`]: log, metrics and traces.
//! - [`keyed_locks`]: runs tasks with the same key one after another in this process.

pub mod cache;
pub mod concurrency_limit;
pub mod database;
pub mod http_client;
pub mod keyed_locks;
pub mod keys;
pub mod mail;
pub mod oidc;
pub mod password_hasher;
pub mod search_engine;
pub mod server_status;
pub mod storage;
pub mod stripe;
pub mod telemetry;

pub use imaging as image;
