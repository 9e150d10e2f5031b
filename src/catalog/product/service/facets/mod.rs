//! Facets of product lists: counts per category, price, availability, status, brand, option value and value of attributes,
//! for filter menus.
//!
//! A facet ignores its own filter condition, so that its other values can be chosen.

mod attributes;
mod options;
mod prices;

pub use attributes::{AttributeCounts, Attributes, attributes};
pub use options::{OptionCounts, Options, options};
pub use prices::{Bucket, Prices, prices};

use std::collections::HashMap;
use std::sync::Arc;

use crate::catalog::category::entity::PATH_STEP;
use crate::catalog::product::entity::Status;
use crate::catalog::product::list::{Facet, Filter, MAX_FACET_PRODUCTS, MAX_FACETS};
use crate::catalog::product::repository::facets as repository;
use crate::core::error::{Error, Result};
use crate::core::viewer::Audience;
use crate::infra::database::Database;

pub use repository::FacetGroup;

/// Checks the number of facets in a request.
///
/// # Errors
/// `BAD_USER_INPUT` for more than [`MAX_FACETS`].
pub fn check_number<'a>(facets: impl Iterator<Item = &'a Facet>) -> Result<()> {
    // Those of single attributes are parts of one.
    let facets = facets
        .filter(|facet| !matches!(facet, Facet::Attribute(_)))
        .count();
    if facets > MAX_FACETS {
        return Err(Error::bad_input(
            "facets",
            format!("At most {MAX_FACETS} facets can be selected in one request."),
        ));
    }
    Ok(())
}

/// Returns the cells of each of these facets, in one statement. See also [`check_number`].
pub async fn facets_many(
    db: &Database,
    audience: Audience,
    wanted: &[(Filter, Facet)],
) -> Result<Vec<Arc<[FacetGroup]>>> {
    let found = repository::facets_many(db.reader(), audience, wanted).await?;
    Ok(found.into_iter().map(Into::into).collect())
}

/// Number of products per category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Categories {
    /// Category paths with the number of products in the category and its descendants. Most products first, then in
    /// tree order.
    pub counts: Vec<(String, i64)>,
    pub is_exact: bool,
}

/// Computes the category facet.
pub fn categories(cells: &[FacetGroup]) -> Categories {
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
    // Each product has exactly one primary category.
    let products = cells.iter().filter(|cell| cell.low < 0);
    Categories {
        counts,
        is_exact: is_exact(products),
    }
}

/// Number of products by availability.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stock {
    pub in_stock: i64,
    pub out_of_stock: i64,
    pub is_exact: bool,
}

/// Computes the stock facet.
pub fn stock(cells: &[FacetGroup]) -> Stock {
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

/// Number of products per status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statuses {
    /// In the order draft, active, archived. Without statuses that do not occur.
    pub counts: Vec<(Status, i64)>,
    pub is_exact: bool,
}

/// Computes the status facet.
pub fn statuses(cells: &[FacetGroup]) -> Statuses {
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

/// Number of products per brand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brands {
    /// Most products first, then by name. Products without a brand are omitted.
    pub counts: Vec<(String, i64)>,
    pub is_exact: bool,
}

/// Computes the brand facet.
pub fn brands(cells: &[FacetGroup]) -> Brands {
    let named = cells.iter().filter(|cell| !cell.label.is_empty());
    let mut counts: Vec<_> = named.map(|cell| (cell.label.clone(), cell.found)).collect();
    counts.sort_by(|(brand, count), (other_brand, other)| {
        other.cmp(count).then_with(|| brand.cmp(other_brand))
    });
    Brands {
        counts,
        is_exact: is_exact(cells),
    }
}

/// Whether these cells include all products of the list. One more than the limit means that there are others.
fn is_exact<'a>(cells: impl IntoIterator<Item = &'a FacetGroup>) -> bool {
    let found: i64 = cells.into_iter().map(|cell| cell.found).sum();
    found <= MAX_FACET_PRODUCTS
}
