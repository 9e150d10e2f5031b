//! Test support: applications, clients, and the servers of a test run such as PostgreSQL.

mod app;
mod browser;
pub mod cached_responses;
mod client;
pub mod colour;
pub mod csv_files;
mod databases;
mod external_server;
mod failing_store;
mod form;
pub mod google_claims;
mod http_client;
mod log;
mod meilisearch;
mod moto;
mod object_stores;
mod oidc;
mod pgbouncer;
mod postgres;
mod postgres_cluster;
mod process;
mod provider;
mod provider_keys;
mod proxy;
mod python;
mod received_email;
pub mod sample_image;
mod settings;
mod shop;
mod smtp;
pub mod store;
mod stripe;
mod tls;
mod web;

pub use app::{App, PASSWORD, on_both_databases, on_both_databases_with, sqlite_app};
pub use browser::Browser;
pub use client::{ApiResponse, Client, GRAPHQL_RESPONSE, JSON, user_error};
pub use databases::{Backend, empty_database, fresh_database, postgres_database};
pub use external_server::{free_port, run};
pub use failing_store::{FailingStore, StoreFailure};
pub use form::{Form, IMPORT, MULTIPART, assert_imported, chunks, endless, operations, products};
pub use http_client::{HttpResponse, connect_from, fetch, fetch_at};
pub use log::Log;
pub use meilisearch::{EngineBehaviour, Meilisearch};
pub use object_stores::{
    Store, config_in_folder, embedded_store, keys, moto, moto_store, names_in, on_both_stores,
    serve_embedded, system_time,
};
pub use oidc::{
    Oidc, ProviderBrowser, npm_packages, npm_packages_of, oidc, on_both_databases_with_oidc,
    write_atomically,
};
pub use pgbouncer::{Mode, PgBouncer};
pub use postgres_cluster::PostgresCluster;
pub use process::{
    Process, TYPENAME_BODY, TYPENAME_REQUEST, database_flag, error_line, http_get, http_post,
    http_post_with, post_with_token, send_keep_alive,
};
pub use provider::{Provider, on_both_databases_with_provider};
pub use provider_keys::Signing;
pub use proxy::{Proxy, Traffic};
pub use python::python_environment;
pub use received_email::ReceivedEmail;
pub use shop::Shop;
pub use smtp::{Behaviour, Smtp};
pub use stripe::{
    Fault, FaultKind, IntentRecord, Outcome, RefundOutcome, RequestRecord, StripeServer,
};
pub use tls::{Authority, CertificateKind, HttpProxy, TlsProxy};
pub use web::{Step, WebServer};
