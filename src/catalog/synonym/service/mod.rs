//! Synonym service: the use cases of admins, files, and the lookup by searches.

mod edit;
mod entry;
mod fields;
mod file;
mod rebuild;

pub use edit::{CreateSynonym, UpdateSynonym, create, delete, update};
pub use fields::SynonymInput;
pub use file::{Export, ImportOptions, Report, import};
pub use rebuild::rebuild_keys;

use std::collections::HashMap;

use super::entity::term::Side;
use super::entity::{Model, SynonymId, term};
use super::list::{Filter, List};
use super::repository;
use crate::core::error::Result;
use crate::core::pagination::{Page, Total};
use crate::core::viewer::Admin;
use crate::infra::database::{Connection, Database};

/// The maximum number of synonyms that are applied to a run of words.
const MAX_APPLIED: usize = 50;

/// A synonym with its terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Synonym {
    pub row: Model,
    /// The terms that find each other. Empty if it is one-way.
    pub terms: Vec<String>,
    /// The terms that also find those of `to`.
    pub from: Vec<String>,
    pub to: Vec<String>,
}

impl Synonym {
    fn new(row: Model, terms: Vec<term::Model>) -> Self {
        let mut synonym = Self {
            row,
            terms: Vec::new(),
            from: Vec::new(),
            to: Vec::new(),
        };
        for term in terms {
            let texts = match term.side {
                Side::Both => &mut synonym.terms,
                Side::From => &mut synonym.from,
                Side::To => &mut synonym.to,
            };
            texts.push(term.text);
        }
        synonym
    }
}

/// Returns the synonyms of `ids`. Unknown ids are omitted.
pub async fn find_many(db: &Database, ids: &[SynonymId]) -> Result<HashMap<SynonymId, Synonym>> {
    let rows = repository::find_many(db.reader(), ids).await?;
    let synonyms = with_terms(db.reader(), rows).await?.into_iter();
    Ok(synonyms.map(|synonym| (synonym.row.id, synonym)).collect())
}

/// Lists one page of synonyms.
pub async fn list(db: &Database, _: Admin, list: &List) -> Result<Page<Model>> {
    let rows = repository::list(db.reader(), list).await?;
    Ok(list.paging.page(rows))
}

/// Counts the synonyms that match the filter.
pub async fn count(db: &Database, _: Admin, filter: &Filter) -> Result<Total> {
    Ok(repository::count(db.reader(), filter).await?)
}

/// Returns the keys of the synonyms of each of these keys, in their order.
pub async fn synonyms_of(db: &Database, keys: &[&str]) -> Result<Vec<Vec<String>>> {
    let terms = repository::find_by_keys(db.reader(), keys).await?;
    let synonyms: Vec<_> = terms
        .chunk_by(|one, other| one.synonym_id == other.synonym_id)
        .collect();
    let of = |key: &&str| {
        let mut found: Vec<String> = Vec::new();
        for terms in &synonyms {
            let is_source = |term: &term::Model| term.key == *key && term.side != Side::To;
            if !terms.iter().any(is_source) {
                continue;
            }
            let others = terms.iter().filter(|term| term.side != Side::From);
            let others = others.map(|term| &term.key).filter(|other| *other != key);
            for other in others {
                if found.len() < MAX_APPLIED && !found.contains(other) {
                    found.push(other.clone());
                }
            }
        }
        found
    };
    Ok(keys.iter().map(of).collect())
}

/// Returns each term that has synonyms with them, as texts, for a search engine.
pub async fn all_texts(db: &Database) -> Result<HashMap<String, Vec<String>>> {
    let rows = repository::all(db.reader()).await?;
    let mut all: HashMap<String, Vec<String>> = HashMap::new();
    for synonym in with_terms(db.reader(), rows).await? {
        let sources = synonym.terms.iter().chain(&synonym.from);
        for source in sources {
            let found = synonym.terms.iter().chain(&synonym.to);
            let found = found.filter(|other| *other != source).cloned();
            all.entry(source.clone()).or_default().extend(found);
        }
    }
    Ok(all)
}

async fn with_terms(db: &impl Connection, rows: Vec<Model>) -> Result<Vec<Synonym>> {
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let mut terms: HashMap<_, Vec<term::Model>> = HashMap::new();
    for term in repository::terms_of(db, &ids).await? {
        terms.entry(term.synonym_id).or_default().push(term);
    }
    let synonyms = rows.into_iter().map(|row| {
        let terms = terms.remove(&row.id).unwrap_or_default();
        Synonym::new(row, terms)
    });
    Ok(synonyms.collect())
}
