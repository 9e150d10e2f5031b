//! What the tests stand on: a fresh shop for each, clients to ask it, and a real PostgreSQL server for the run.

mod app;
mod client;
mod log;
mod postgres;
mod process;
mod shop;

pub use app::{App, Backend, empty_database, fresh_database, on_both};
pub use client::{Answer, Client};
pub use log::Log;
pub use process::{Process, http_get};
pub use shop::Shop;
