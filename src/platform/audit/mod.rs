//! Audit log. Every change by an admin or the operator writes an audit entry in its own transaction, so that no
//! committed change is missing.

pub mod entity;
pub mod list;
pub mod repository;
pub mod service;

pub use entity::AuditEntryId;
