//! What the tests stand on: a fresh shop for each, clients to ask it, and a real PostgreSQL server for the run.

mod app;
mod client;
mod form;
mod letter;
mod log;
pub mod picture;
mod postgres;
mod process;
mod settings;
mod shop;
mod smtp;
mod web;

pub use app::{
    App, Backend, PASSWORD, empty_database, fresh_database, on_both, on_both_with, sqlite_app,
};
pub use client::{Answer, Client, GRAPHQL_RESPONSE, JSON, user_error};
pub use form::{Form, IMPORT, MULTIPART, assert_imported, chunks, endless, operations, products};
pub use letter::Received;
pub use log::Log;
pub use process::{Process, database_flag, http_get, http_post, refusal};
pub use shop::Shop;
pub use smtp::{Behaviour, Smtp};
pub use web::{Step, Web};
