//! Search suggestions (autocomplete).

use std::collections::HashSet;

use crate::catalog::category;
use crate::catalog::product::entity::Model;
use crate::catalog::product::repository;
use crate::catalog::search::Search;
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

/// A suggested category or product.
#[derive(Clone, Debug)]
pub enum Suggestion {
    Category(category::entity::Model),
    Product(Model),
}

impl Suggestion {
    /// Returns the name.
    pub fn text(&self) -> &str {
        match self {
            Self::Category(category) => &category.name,
            Self::Product(product) => &product.name,
        }
    }
}

/// Returns what the audience may see with names whose words begin with `prefix`: categories, then products, each name
/// once.
///
/// # Errors
/// `BAD_USER_INPUT` for `first` out of bounds.
pub async fn suggest(
    db: &Database,
    audience: Audience,
    prefix: &str,
    first: i32,
) -> Result<Vec<Suggestion>> {
    let search = Search::parse(prefix, db.language());
    let Some(first) = usize::try_from(first)
        .ok()
        .filter(|_| (1..=MAX_SUGGESTIONS).contains(&first))
    else {
        let message = format!("`first` must be from 1 to {MAX_SUGGESTIONS}.");
        return Err(Error::bad_input("first", message));
    };
    let Some(search) = search else {
        return Ok(Vec::new());
    };
    let row_limit = first as u64 * ROWS_PER_SUGGESTION;
    let categories = category::service::find_by_name_prefix(db, audience, &search, row_limit);
    let products = async {
        let found = repository::find_by_name_prefix(db.reader(), audience, &search, row_limit);
        Ok(found.await?)
    };
    let (categories, products) = tokio::try_join!(categories, products)?;
    let mut names = HashSet::new();
    let mut is_new = |suggestion: &Suggestion| names.insert(suggestion.text().to_lowercase());
    let categories = categories.into_iter().map(Suggestion::Category);
    let categories = categories.filter(&mut is_new).take(MAX_CATEGORIES);
    let mut found: Vec<_> = categories.collect();
    let products = products.into_iter().map(Suggestion::Product);
    found.extend(products.filter(is_new));
    found.truncate(first);
    Ok(found)
}
