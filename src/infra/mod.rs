//! Clients of the outside world, and what runs beside the requests.
//!
//! - [`cache`]: the read cache: responses in memory.
//! - [`database`]: SQLite and PostgreSQL: connections, transactions, migrations.
//! - [`http_client`]: requests to other servers.
//! - [`image`]: decodes, cleans and resizes JPEG, PNG and WebP.
//! - [`keyed_locks`]: work on one key is done one after the other in this process.
//! - [`keys`]: signing keys, derived from the secrets of the settings.
//! - [`concurrency_limit`]: bounds the work done at once; excess work waits for a moment, then is refused.
//! - [`mail`]: emails: templates and SMTP.
//! - [`oidc`]: the client of Google's OpenID Connect.
//! - [`password_hasher`]: argon2id off the async threads.
//! - [`server_status`]: number of connections, and whether the server is stopping.
//! - [`storage`]: the object store: any S3, or the one inside the process.
//! - [`telemetry`]: log, metrics and traces.

pub mod cache;
pub mod concurrency_limit;
pub mod database;
pub mod http_client;
pub mod image;
pub mod keyed_locks;
pub mod keys;
pub mod mail;
pub mod oidc;
pub mod password_hasher;
pub mod server_status;
pub mod storage;
pub mod telemetry;
