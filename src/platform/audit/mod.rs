//! The audit log: who changed what, and when. Every change that an admin or the operator makes is written down in its
//! own transaction: a change that is not in the log did not happen.

pub mod entity;
pub mod list;
pub mod repository;
pub mod service;

pub use entity::AuditEntryId;
