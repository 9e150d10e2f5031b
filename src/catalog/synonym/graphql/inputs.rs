//! Inputs and payloads of the synonym mutations.

use async_graphql::{ID, InputObject, MaybeUndefined, Object};

use super::SearchSynonym;
use crate::catalog::import_export::graphql::ImportRowIssue;
use crate::catalog::synonym::service::{
    CreateSynonym, Report, Synonym, SynonymInput, UpdateSynonym,
};
use crate::core::id::TypedId;
use crate::payload;

/// Input of `createSearchSynonym`. Pass either `terms`, or `from` and `to`.
#[derive(Debug, InputObject)]
pub struct CreateSearchSynonymInput {
    /// The terms that find each other: 2 to 20, each of 1 to 4 words and at most 100 characters, without commas.
    terms: Option<Vec<String>>,
    /// The terms that also find those of `to`: 1 to 20.
    from: Option<Vec<String>>,
    /// The terms that those of `from` also find: 1 to 20, none of which is in `from`.
    to: Option<Vec<String>>,
}

/// Input of `updateSearchSynonym`. Absent fields stay unchanged, except that `terms` clear `from` and `to`, and `from` or
/// `to` clear `terms`.
#[derive(Debug, InputObject)]
pub struct UpdateSearchSynonymInput {
    /// The id of the synonym to update.
    id: ID,
    /// Update only if this is the current `version`; otherwise `CONFLICT`. Default: not checked.
    expected_version: Option<i32>,
    /// The terms that find each other: 2 to 20, each of 1 to 4 words and at most 100 characters, without commas. Null
    /// clears them.
    terms: MaybeUndefined<Vec<String>>,
    /// The terms that also find those of `to`: 1 to 20. Null clears them.
    from: MaybeUndefined<Vec<String>>,
    /// The terms that those of `from` also find: 1 to 20, none of which is in `from`. Null clears them.
    to: MaybeUndefined<Vec<String>>,
}

/// Input of `deleteSearchSynonym`.
#[derive(Debug, InputObject)]
pub struct DeleteSearchSynonymInput {
    /// The id of the synonym to delete.
    pub id: ID,
    /// Delete only if this is the current `version`; otherwise `CONFLICT`. Default: not checked.
    pub expected_version: Option<i32>,
}

impl From<CreateSearchSynonymInput> for CreateSynonym {
    fn from(input: CreateSearchSynonymInput) -> Self {
        let input = SynonymInput {
            terms: input.terms.into(),
            from: input.from.into(),
            to: input.to.into(),
        };
        Self { input }
    }
}

impl From<UpdateSearchSynonymInput> for UpdateSynonym {
    fn from(input: UpdateSearchSynonymInput) -> Self {
        Self {
            id: input.id.0,
            expected_version: input.expected_version,
            input: SynonymInput {
                terms: input.terms.into(),
                from: input.from.into(),
                to: input.to.into(),
            },
        }
    }
}

payload! {
    /// Payload of `createSearchSynonym`.
    CreateSearchSynonymPayload,
    /// Payload of `updateSearchSynonym`.
    UpdateSearchSynonymPayload,
    (Synonym as synonym) {
        /// The synonym in its new state. Null if nothing was changed.
        search_synonym: Option<SearchSynonym> = Some(synonym.into()),
    }
}

payload! {
    /// Payload of `deleteSearchSynonym`.
    DeleteSearchSynonymPayload,
    (Synonym as synonym) {
        /// The id of the deleted synonym. Null if nothing was deleted.
        search_synonym_id: Option<ID> = Some(synonym.row.id.encode().into()),
        /// The synonym as it was.
        search_synonym: Option<SearchSynonym> = Some(synonym.into()),
    }
}

payload! {
    /// Payload of `importSearchSynonyms`. Errors of single rows are in the report, not in `userErrors`.
    ImportSearchSynonymsPayload,
    (Report as report) {
        /// The result of the import. Null if the file was refused.
        report: Option<SearchSynonymImportReport> = Some(SearchSynonymImportReport(report)),
    }
}

/// The report of an import as a GraphQL object.
#[derive(Clone, Debug)]
pub struct SearchSynonymImportReport(Report);

/// Result of an import of synonyms.
#[Object]
impl SearchSynonymImportReport {
    /// The number of rows read, without the header.
    async fn rows(&self) -> i32 {
        int(self.0.rows)
    }

    /// The number of synonyms created.
    async fn created(&self) -> i32 {
        int(self.0.created)
    }

    /// The number of rows whose synonym existed already or was in an earlier row.
    async fn unchanged(&self) -> i32 {
        int(self.0.unchanged)
    }

    /// The number of synonyms deleted because the file does not contain them. 0 unless `replace` is true.
    async fn deleted(&self) -> i32 {
        int(self.0.deleted)
    }

    /// Errors of rows. If there are any, nothing was imported. At most the first 1,000.
    async fn errors(&self) -> Vec<ImportRowIssue> {
        self.0.errors.iter().map(Into::into).collect()
    }

    /// The total number of errors.
    async fn error_count(&self) -> i32 {
        int(self.0.error_count)
    }
}

fn int(count: u64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
