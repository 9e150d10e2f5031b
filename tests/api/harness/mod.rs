//! What the tests stand on: a fresh shop for each, clients to ask it, and a real PostgreSQL server for the run.

mod app;
mod client;
mod log;
mod postgres;
mod process;
mod shop;

pub use app::{App, Backend, PASSWORD, empty_database, fresh_database, on_both, sqlite_app};
pub use client::{Answer, Client, GRAPHQL_RESPONSE, JSON, user_error};
pub use log::Log;
pub use process::{Process, database_flag, http_get, refusal};
pub use shop::Shop;
