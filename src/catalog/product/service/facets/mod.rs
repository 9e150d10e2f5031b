//! What products of a list have in common, and how many of them: what a shopper narrows the list by next.
//!
//! A facet is counted over the list without the part of the filter that it stands for, so that its other values stay to be
//! chosen.

mod prices;

pub use prices::{Bucket, Prices, prices};

use std::collections::HashMap;

use crate::catalog::category::entity::PATH_STEP;
use crate::catalog::product::entity::Status;
use crate::catalog::product::list::{Facet, Filter, MAX_FACET_PRODUCTS, MAX_FACETS};
use crate::catalog::product::repository::facets as repository;
use crate::core::error::{Error, Result};
use crate::core::viewer::Audience;
use crate::infra::database::Database;

pub use repository::Cell;

/// The cells of each of these facets, in one statement.
///
/// # Errors
/// `BadUserInput` for more than [`MAX_FACETS`].
pub async fn facets_many(
    db: &Database,
    audience: Audience,
    wanted: &[(Filter, Facet)],
) -> Result<Vec<Vec<Cell>>> {
    if wanted.len() > MAX_FACETS {
        return Err(Error::bad_input(
            "facets",
            format!("At most {MAX_FACETS} facets can be selected in one request."),
        ));
    }
    Ok(repository::facets_many(db.reader(), audience, wanted).await?)
}

/// How many products are in each category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Categories {
    /// The paths of the categories, with all below each counted in: the most frequent first, then as the tree reads.
    pub counts: Vec<(String, i64)>,
    pub is_exact: bool,
}

/// Reads the cells of the facet of categories.
pub fn categories(cells: &[Cell]) -> Categories {
    let mut by_path: HashMap<&str, i64> = HashMap::new();
    for cell in cells {
        let counted = usize::try_from(cell.low).unwrap_or_default();
        for end in (usize::from(PATH_STEP)..=cell.label.len()).step_by(PATH_STEP.into()) {
            if end > counted * usize::from(PATH_STEP) {
                *by_path.entry(&cell.label[..end]).or_default() += cell.found;
            }
        }
    }
    let counts = by_path.into_iter();
    let mut counts: Vec<_> = counts.map(|(path, n)| (path.to_owned(), n)).collect();
    counts.sort_by(|(path, count), (other_path, other)| {
        other.cmp(count).then_with(|| path.cmp(other_path))
    });
    // Each product has one primary category.
    let products = cells.iter().filter(|cell| cell.low < 0);
    Categories {
        counts,
        is_exact: is_exact(products),
    }
}

/// How many products are in stock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stock {
    pub in_stock: i64,
    pub out_of_stock: i64,
    pub is_exact: bool,
}

/// Reads the cells of the facet of stock.
pub fn stock(cells: &[Cell]) -> Stock {
    let count = |low| {
        let cells = cells.iter().filter(|cell| cell.low == low);
        cells.map(|cell| cell.found).sum()
    };
    Stock {
        in_stock: count(1),
        out_of_stock: count(0),
        is_exact: is_exact(cells),
    }
}

/// How many products have each status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statuses {
    /// In the order of a product's life, without those that no product has.
    pub counts: Vec<(Status, i64)>,
    pub is_exact: bool,
}

/// Reads the cells of the facet of statuses.
pub fn statuses(cells: &[Cell]) -> Statuses {
    let all = [Status::Draft, Status::Active, Status::Archived];
    let count = |status: Status| {
        let cell = cells.iter().find(|cell| cell.label == status.as_str())?;
        Some((status, cell.found))
    };
    Statuses {
        counts: all.into_iter().filter_map(count).collect(),
        is_exact: is_exact(cells),
    }
}

/// Whether these cells are of all products of the list: one more than the bound says that there are others.
fn is_exact<'a>(cells: impl IntoIterator<Item = &'a Cell>) -> bool {
    let found: i64 = cells.into_iter().map(|cell| cell.found).sum();
    found <= MAX_FACET_PRODUCTS
}
