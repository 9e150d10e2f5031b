//! The rows of `audit_log`.

use sea_orm::entity::prelude::*;

use crate::core::clock::Timestamp;

crate::typed_id!(
    /// The id of an entry of the audit log.
    AuditEntryId,
    "audit",
    "audit entry"
);

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_log")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AuditEntryId,
    pub at: Timestamp,
    /// The user; nobody for the operator's command line.
    pub actor_id: Option<Uuid>,
    /// The mutation, such as `updateProduct`.
    pub action: String,
    /// The id of what was changed, as clients see it.
    pub subject_id: Option<String>,
    /// What it was called then.
    pub subject_name: Option<String>,
    /// A JSON list of fields, each with what was there before and after.
    pub changes: String,
}

crate::no_relations!();
