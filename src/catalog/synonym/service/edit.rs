//! Creates, updates and deletes synonyms.

use super::fields::{SynonymInput, Terms};
use super::{Synonym, entry, with_terms};
use crate::catalog::search::Analyzer;
use crate::catalog::synonym::entity::{Model, SynonymId, term};
use crate::catalog::synonym::repository;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::core::id::TypedId;
use crate::core::text;
use crate::core::validation::Validator;
use crate::core::viewer::Admin;
use crate::infra::database::{Database, Transaction};
use crate::platform::audit::service::{self as audit, Actor};
use crate::state::State;

/// The maximum number of synonyms of a shop.
pub(super) const MAX_SYNONYMS: u64 = 5_000;

/// Input of [`create`].
#[derive(Clone, Debug)]
pub struct CreateSynonym {
    pub input: SynonymInput,
}

/// Input of [`update`].
#[derive(Clone, Debug)]
pub struct UpdateSynonym {
    pub id: String,
    pub expected_version: Option<i32>,
    pub input: SynonymInput,
}

/// Creates a synonym.
///
/// # Errors
/// Invalid terms, too many synonyms.
pub async fn create(state: &State, admin: Admin, new: CreateSynonym) -> Result<Synonym> {
    let (now, analyzer) = (state.clock.now(), Analyzer::new(state.db.language()));
    let mut validator = Validator::default();
    let terms = new.input.check(None, analyzer, &mut validator);
    validator.finish()?;
    let transaction = state.db.begin().await?;
    lock(&transaction).await?;
    if repository::count_all(&transaction).await? >= MAX_SYNONYMS {
        return Err(too_many("terms").into());
    }
    let (row, terms) = rows(SynonymId::generate(now), &terms, analyzer, now);
    repository::insert_many(&transaction, vec![row.clone()], terms.clone()).await?;
    let synonym = Synonym::new(row, terms);
    let entries = [entry::entry("createSearchSynonym", (None, Some(&synonym)))];
    audit::record(&transaction, Actor::Admin(admin), entries, now).await?;
    transaction.commit().await?;
    Ok(synonym)
}

/// Updates a synonym. An update without effect changes nothing and is not audited.
///
/// # Errors
/// Invalid terms, an unknown id, a version that is not the expected one.
pub async fn update(state: &State, admin: Admin, change: UpdateSynonym) -> Result<Synonym> {
    let (now, analyzer) = (state.clock.now(), Analyzer::new(state.db.language()));
    let mut validator = Validator::default();
    let Some(id) = validator.id("id", &change.id) else {
        return Err(validator.refusal());
    };
    let transaction = state.db.begin().await?;
    lock(&transaction).await?;
    let before = find(&transaction, id, change.expected_version).await?;
    let terms = change.input.check(Some(&before), analyzer, &mut validator);
    validator.finish()?;
    let (mut row, terms) = rows(id, &terms, analyzer, now);
    row.version = before.row.version + 1;
    row.created_at = before.row.created_at;
    let after = Synonym::new(row.clone(), terms.clone());
    let lists = |synonym: &Synonym| {
        let Synonym {
            terms, from, to, ..
        } = synonym.clone();
        (terms, from, to)
    };
    if lists(&before) == lists(&after) {
        return Ok(before);
    }
    repository::update(&transaction, row, terms).await?;
    let change = (Some(&before), Some(&after));
    let entries = [entry::entry("updateSearchSynonym", change)];
    audit::record(&transaction, Actor::Admin(admin), entries, now).await?;
    transaction.commit().await?;
    Ok(after)
}

/// Deletes a synonym.
///
/// # Errors
/// `NOT_FOUND`, or `CONFLICT` if the version is not the expected one.
pub async fn delete(
    state: &State,
    admin: Admin,
    id: SynonymId,
    expected_version: Option<i32>,
) -> Result<Synonym> {
    let transaction = state.db.begin().await?;
    lock(&transaction).await?;
    let synonym = find(&transaction, id, expected_version).await?;
    repository::delete_many(&transaction, &[id]).await?;
    let entries = [entry::entry("deleteSearchSynonym", (Some(&synonym), None))];
    audit::record(
        &transaction,
        Actor::Admin(admin),
        entries,
        state.clock.now(),
    )
    .await?;
    transaction.commit().await?;
    Ok(synonym)
}

/// Serializes the changes of synonyms until the transaction ends.
pub(super) async fn lock(transaction: &Transaction) -> Result<()> {
    Ok(Database::lock(transaction, "search synonyms").await?)
}

/// Returns the error for more than [`MAX_SYNONYMS`] synonyms.
pub(super) fn too_many(field: &str) -> UserError {
    let message = format!("A shop has at most {MAX_SYNONYMS} synonyms.");
    UserError::new(UserErrorCode::Conflict, field, message)
}

async fn find(
    transaction: &Transaction,
    id: SynonymId,
    expected_version: Option<i32>,
) -> Result<Synonym> {
    let missing = || -> Error {
        let message = "There is no such search synonym.";
        UserError::new(UserErrorCode::NotFound, "id", message).into()
    };
    let row = repository::lock(transaction, id)
        .await?
        .ok_or_else(missing)?;
    if expected_version.is_some_and(|expected| expected != row.version) {
        return Err(UserError::stale(row.version).into());
    }
    let mut synonyms = with_terms(transaction, vec![row]).await?;
    synonyms.pop().ok_or_else(missing)
}

/// Returns the rows of a new synonym.
pub(super) fn rows(
    id: SynonymId,
    terms: &Terms,
    analyzer: Analyzer,
    now: Timestamp,
) -> (Model, Vec<term::Model>) {
    let row = Model {
        id,
        one_way: terms.both.is_empty(),
        name_key: text::sort_key(terms.first()),
        analysis: analyzer.version(),
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let terms = terms.sides().zip(0..);
    let term = |((side, term), position): ((term::Side, &super::fields::Term), i32)| term::Model {
        synonym_id: id,
        position,
        side,
        text: term.text.clone(),
        text_key: text::normalise(&term.text.to_lowercase()),
        key: term.key.clone(),
    };
    (row, terms.map(term).collect())
}
