//! Entity of the table `audit_log`.

use sea_orm::entity::prelude::*;

use crate::core::clock::Timestamp;

crate::typed_id!(
    /// Id of an audit entry.
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
    /// Id of the admin. Null for a command of the operator.
    pub actor_id: Option<Uuid>,
    /// Name of the mutation, such as `updateProduct`.
    pub action: String,
    /// Public id of the changed object.
    pub subject_id: Option<String>,
    /// Name of the object at the time of the change.
    pub subject_name: Option<String>,
    /// JSON list of changed fields with their values before and after.
    pub changes: String,
}

crate::no_relations!();
