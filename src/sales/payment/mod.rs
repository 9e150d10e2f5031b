//! Payments of orders: providers, and the ledger of what was authorized, captured and refunded.
//!
//! A feature below orders: it knows their ids only. The provider is the only source of the state of a payment. It is never
//! called inside a transaction. What it reports is entered into the ledger, once for each key, and all sums and
//! statuses are derived from the ledger.

pub mod entity;
pub mod repository;
pub mod service;
