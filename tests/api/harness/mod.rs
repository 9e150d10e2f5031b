//! Test support: applications, clients, and the servers of a test run such as PostgreSQL.

mod app;
mod browser;
mod client;
pub mod colour;
mod form;
mod letter;
mod log;
mod moto;
mod oidc;
mod outside;
mod pgbouncer;
pub mod picture;
mod postgres;
mod process;
mod provider;
mod proxy;
mod settings;
mod shop;
mod smtp;
pub mod store;
mod stores;
mod tls;
mod trouble;
mod web;
mod wire;

pub use app::{
    App, Backend, PASSWORD, empty_database, fresh_database, on_both, on_both_with,
    postgres_database, sqlite_app,
};
pub use browser::Browser;
pub use client::{Answer, Client, GRAPHQL_RESPONSE, JSON, user_error};
pub use form::{Form, IMPORT, MULTIPART, assert_imported, chunks, endless, operations, products};
pub use letter::Received;
pub use log::Log;
pub use oidc::{Oidc, Visitor, oidc, on_both_with_oidc, packages, placed};
pub use outside::{free_port, run};
pub use pgbouncer::{Mode, PgBouncer};
pub use process::{
    ANSWER, Process, QUESTION, ask_as, ask_kept, database_flag, http_get, http_post,
    http_post_with, refusal,
};
pub use provider::{Provider, Signing, on_both_with_provider};
pub use proxy::{Proxy, Traffic};
pub use shop::Shop;
pub use smtp::{Behaviour, Smtp};
pub use stores::{Store, in_folder, keys, moto, moto_store, on_both_stores, our_store, true_now};
pub use tls::{Authority, Certified, HttpProxy, TlsFront};
pub use trouble::{Trouble, TroubledStore};
pub use web::{Step, Web};
pub use wire::{Reply, connect_from, fetch};
