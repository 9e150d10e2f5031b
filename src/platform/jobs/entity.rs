//! The rows of `outbox`.

use sea_orm::entity::prelude::*;

use crate::core::clock::Timestamp;

crate::typed_id!(
    /// The id of a background job.
    JobId,
    "job",
    "job"
);

/// The kinds of emails: of this release and of the previous one.
pub const EMAIL_KINDS: [&str; 2] = ["email", "LETTER"];

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The name of the [`Job`](super::Job) type, such as `email`.
    pub kind: String,
    /// The recipient of an email. Null for other jobs, and for an email without a recipient, which is only written so
    /// that the transaction takes as long as one that sends an email.
    pub recipient: Option<String>,
    /// The subject of the job, such as the id of a product. Contains no secret. Empty if there is none.
    pub subject: String,
    /// Always empty. The previous release keeps a part of its payload here.
    pub body: String,
    /// The nonce from which the code in an email is derived.
    pub nonce: Option<Vec<u8>>,
    pub attempts: i32,
    /// When the job was queued. Set again by a retry of a failed job.
    pub created_at: Timestamp,
    /// When the job can be claimed: its first attempt, its next attempt, or the end of the current claim.
    /// [`NEVER`](super::service::NEVER) after it has failed.
    pub due_at: Timestamp,
    /// When the job fails if it has not succeeded until then.
    pub expires_at: Timestamp,
    /// JSON, as the [`Job`](super::Job) type serializes. Null for jobs of the previous release.
    pub payload: Option<String>,
    /// When the job failed permanently. Null while it is pending.
    pub failed_at: Option<Timestamp>,
    /// The error of the last attempt. Holds no secret.
    pub last_error: Option<String>,
}

crate::no_relations!();
