//! Integration tests: the behaviour of Wares towards clients and operators, on SQLite and PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

mod accounts;
mod api;
mod catalog;
mod infra;
mod platform;
mod sales;
mod server;
