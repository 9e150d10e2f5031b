//! The behaviour of Wares, as its clients and operators meet it: on SQLite and on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

mod accounts;
mod api;
mod catalog;
mod infra;
mod platform;
mod server;
