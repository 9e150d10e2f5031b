//! Throttles: how often something may be done, counted in the database, so that all servers count together.
//!
//! The generic cell rate algorithm (ITU-T I.371): a row holds when its bucket is full again, and one statement both asks
//! and counts, however many ask at once. No limit locks anybody out for good: each time that passes gives a try back.

pub mod entity;
pub mod repository;
pub mod service;
