//! Writes and reads audit entries.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::entity::{AuditEntryId, Model};
use super::list::{Filter, List};
use super::repository;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::id::TypedId;
use crate::core::pagination::{Page, Total};
use crate::core::viewer::Admin;
use crate::infra::database::{Database, Transaction};

/// Author of a change.
#[derive(Clone, Copy, Debug)]
pub enum Actor {
    /// An admin, through the API.
    Admin(Admin),
    /// The operator, through the command line.
    Operator,
    /// The server itself, at a scheduled time.
    Server,
}

/// Value of a field before and after a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub field: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// An audit entry to record.
#[derive(Clone, Debug)]
pub struct Entry {
    action: &'static str,
    subject_id: Option<String>,
    subject_name: Option<String>,
    changes: Vec<Change>,
}

impl Entry {
    /// Creates an entry. `action` is the name of the mutation.
    pub const fn new(action: &'static str) -> Self {
        Self {
            action,
            subject_id: None,
            subject_name: None,
            changes: Vec::new(),
        }
    }

    /// Sets the id of the changed object.
    #[must_use]
    pub fn about(mut self, id: impl TypedId) -> Self {
        self.subject_id = Some(id.encode());
        self
    }

    /// Sets the name of the changed object. Not for users, whose names must disappear when they are deleted.
    #[must_use]
    pub fn called(mut self, name: &str) -> Self {
        self.subject_name = Some(name.to_owned());
        self
    }

    /// Adds a field with its values, if it has changed.
    #[must_use]
    pub fn change(
        mut self,
        field: &str,
        before: impl Into<Option<String>>,
        after: impl Into<Option<String>>,
    ) -> Self {
        let (before, after) = (before.into(), after.into());
        if before != after {
            self.changes.push(Change {
                field: field.to_owned(),
                before,
                after,
            });
        }
        self
    }

    /// Adds a text field, if it has changed. Long texts are truncated.
    #[must_use]
    pub fn change_text(mut self, field: &str, before: Option<&str>, after: Option<&str>) -> Self {
        if before != after {
            self.changes.push(Change {
                field: field.to_owned(),
                before: before.map(beginning),
                after: after.map(beginning),
            });
        }
        self
    }

    /// Adds the name of a field without its values, if it has changed.
    #[must_use]
    pub fn changed(mut self, field: &str, has_changed: bool) -> Self {
        if has_changed {
            self.changes.push(Change {
                field: field.to_owned(),
                before: None,
                after: None,
            });
        }
        self
    }

    /// Returns whether no field has changed.
    pub const fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    fn row(self, id: AuditEntryId, actor: Actor, now: Timestamp) -> Result<Model> {
        Ok(Model {
            id,
            at: now,
            actor_id: match actor {
                Actor::Admin(admin) => Some(admin.user().into()),
                Actor::Operator | Actor::Server => None,
            },
            action: self.action.to_owned(),
            subject_id: self.subject_id,
            subject_name: self.subject_name,
            changes: serde_json::to_string(&self.changes).map_err(Error::internal)?,
        })
    }
}

/// Maximum length of a text in an entry, in characters. Longer ones are truncated.
const MAX_TEXT: usize = 200;

fn beginning(text: &str) -> String {
    match text.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Records audit entries.
pub async fn record(
    transaction: &Transaction,
    actor: Actor,
    entries: impl IntoIterator<Item = Entry>,
    now: Timestamp,
) -> Result<()> {
    let entries = entries.into_iter();
    let rows = entries.map(|entry| entry.row(AuditEntryId::generate(now), actor, now));
    let rows = rows.collect::<Result<_>>()?;
    Ok(repository::insert_many(transaction, rows).await?)
}

/// Records the progress of an operation of several transactions. A later entry with the same id replaces the earlier
/// one.
pub async fn record_progress(
    transaction: &Transaction,
    id: AuditEntryId,
    actor: Actor,
    entry: Entry,
    now: Timestamp,
) -> Result<()> {
    let row = entry.row(id, actor, now)?;
    Ok(repository::save(transaction, row).await?)
}

/// Returns the changes of an entry.
pub fn changes(entry: &Model) -> Vec<Change> {
    serde_json::from_str(&entry.changes).unwrap_or_else(|error| {
        Error::internal(error).log("invalid changes in audit entry");
        Vec::new()
    })
}

/// Finds entries by id. Unknown ids are omitted.
pub async fn find_many(
    db: &Database,
    _: Admin,
    ids: &[AuditEntryId],
) -> Result<HashMap<AuditEntryId, Model>> {
    let found = repository::find_many(db.reader(), ids).await?;
    Ok(found.into_iter().map(|row| (row.id, row)).collect())
}

/// Lists one page of entries.
pub async fn list(db: &Database, _: Admin, list: &List) -> Result<Page<Model>> {
    let rows = repository::list(db.reader(), list).await?;
    Ok(list.paging.page(rows))
}

/// Counts the entries that match the filter.
pub async fn count(db: &Database, _: Admin, filter: &Filter) -> Result<Total> {
    Ok(repository::count(db.reader(), filter).await?)
}
