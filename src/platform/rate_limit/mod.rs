//! Rate limits, counted in the database and shared by all servers.
//!
//! Implements the generic cell rate algorithm (ITU-T I.371). A row contains the time at which its bucket is full
//! again, and one statement both checks and counts, whatever the concurrency. No limit blocks permanently: attempts
//! are given back as time passes.

pub mod entity;
pub mod repository;
pub mod service;
