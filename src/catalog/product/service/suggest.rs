//! Search suggestions (autocomplete).

use std::collections::HashSet;

use super::completion;
use crate::catalog::category;
use crate::catalog::product::entity::Model;
use crate::catalog::product::repository;
use crate::catalog::search::lexicon::{self, Distance};
use crate::catalog::search::{Analyzer, Search, Tolerance, time_limit};
use crate::core::error::{Error, Result};
use crate::core::viewer::Audience;
use crate::infra::database::Database;

/// Default number of suggestions.
pub const DEFAULT_SUGGESTIONS: i32 = 8;
/// Maximum number of suggestions.
const MAX_SUGGESTIONS: i32 = 20;
/// Maximum number of categories among the suggestions.
const MAX_CATEGORIES: usize = 3;
/// Rows read per suggestion, because several products may have the same name.
const ROWS_PER_SUGGESTION: u64 = 3;

/// Maximum number of completed search texts among the suggestions.
const MAX_QUERIES: usize = 3;
/// Minimum number of names that search texts are completed with.
const NAMES_FOR_QUERIES: u64 = 60;

/// A completed search text, or a suggested category or product.
#[derive(Clone, Debug)]
pub enum Suggestion {
    Query(String),
    Category(category::entity::Model),
    Product(Model),
}

impl Suggestion {
    /// Returns the text or the name.
    pub fn text(&self) -> &str {
        match self {
            Self::Query(text) => text,
            Self::Category(category) => &category.name,
            Self::Product(product) => &product.name,
        }
    }
}

/// Returns what the audience may see with names whose words begin with `prefix`: categories, then products, each name
/// once. With `queries`, completed search texts come first, and if nothing begins with `prefix`, typos are tolerated.
///
/// # Errors
/// `BAD_USER_INPUT` for `first` out of bounds.
pub async fn suggest(
    db: &Database,
    audience: Audience,
    prefix: &str,
    first: i32,
    queries: bool,
) -> Result<Vec<Suggestion>> {
    let search = Search::parse(prefix, db.language());
    let Some(first) = usize::try_from(first)
        .ok()
        .filter(|_| (1..=MAX_SUGGESTIONS).contains(&first))
    else {
        let message = format!("`first` must be from 1 to {MAX_SUGGESTIONS}.");
        return Err(Error::bad_input("first", message));
    };
    let Some(mut search) = search else {
        return Ok(Vec::new());
    };
    let mut row_limit = first as u64 * ROWS_PER_SUGGESTION;
    if queries {
        row_limit = row_limit.max(NAMES_FOR_QUERIES);
    }
    let (mut categories, mut products) = find(db, audience, &search, row_limit).await?;
    if queries && categories.is_empty() && products.is_empty() && correct(db, &mut search).await? {
        (categories, products) = find(db, audience, &search, row_limit).await?;
    }
    let mut found = Vec::new();
    if queries {
        let names = categories.iter().map(|category| category.name.as_str());
        let names = names.chain(products.iter().map(|product| product.name.as_str()));
        let texts = completion::complete(prefix, &search, names, Analyzer::new(db.language()));
        let limit = (first / 2).clamp(1, MAX_QUERIES);
        found.extend(texts.into_iter().take(limit).map(Suggestion::Query));
    }
    let mut names = HashSet::new();
    let mut is_new = |suggestion: &Suggestion| names.insert(suggestion.text().to_lowercase());
    let categories = categories.into_iter().map(Suggestion::Category);
    let categories = categories.filter(&mut is_new).take(MAX_CATEGORIES);
    found.extend(categories.collect::<Vec<_>>());
    let products = products.into_iter().map(Suggestion::Product);
    found.extend(products.filter(is_new));
    found.truncate(first);
    Ok(found)
}

/// Returns the categories and products whose names match, best match first.
async fn find(
    db: &Database,
    audience: Audience,
    search: &Search,
    limit: u64,
) -> Result<(Vec<category::entity::Model>, Vec<Model>)> {
    let categories = category::service::find_by_name_prefix(db, audience, search, limit);
    let products = async {
        let reader = time_limit::reader(db, audience);
        let found = repository::find_by_name_prefix(&reader, audience, search, limit).await;
        found.map_err(|error| time_limit::error(audience, error))
    };
    tokio::try_join!(categories, products)
}

/// Adds corrections to a search. Returns whether there are any.
async fn correct(db: &Database, search: &mut Search) -> Result<bool> {
    let words = search.terms.iter();
    let words = words.filter(|term| term.tolerates != Tolerance::Never);
    let words: Vec<_> = words.map(|term| term.word.as_str()).collect();
    let mut found = lexicon::corrections(db.reader(), words, Distance::One).await?;
    for term in &mut search.terms {
        term.corrections = found.remove(&term.word).unwrap_or_default();
    }
    Ok(search.terms.iter().any(|term| !term.corrections.is_empty()))
}
