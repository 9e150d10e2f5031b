//! What clients send to narrow and order lists of products.

use async_graphql::{Enum, ID, InputObject};

use super::ProductStatus;
use crate::catalog::category::CategoryId;
use crate::catalog::product::list::{Filter, SortField, Statuses, Within};
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::core::money::Currency;
use crate::core::range::{AmountRange, DateTimeRange};
use crate::core::viewer::Viewer;

/// The fields that lists of products can be ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "SortField")]
pub enum ProductSortField {
    /// By name, without regard to case and accents.
    Name,
    /// By price.
    Price,
    /// By creation time.
    CreatedAt,
    /// By the time of the last change.
    UpdatedAt,
    /// By relevance to `search`, best match first: exact words, then prefixes of words, then words with typos; within
    /// each, matches in the name before the SKU before the description. Ties are in order of creation. Requires `search`,
    /// and is its default order.
    Relevance,
}

crate::sort_input!(ProductSort, ProductSortField, SortField);

/// Which products a list holds. Everything given must be true of them.
#[derive(Debug, Default, InputObject)]
pub struct ProductFilter {
    /// Those in at least one of these categories or below it. At most 100; an empty list leaves nothing.
    category_ids: Option<Vec<ID>>,
    /// Whether the categories below those of `categoryIds` count too; they do when absent.
    include_descendants: Option<bool>,
    /// Those that cost this much, in the shop's currency.
    price: Option<AmountRange>,
    /// Those of which there is at least one (true) or none (false).
    in_stock: Option<bool>,
    /// Those made in this time.
    created_at: Option<DateTimeRange>,
    /// Those last changed in this time.
    updated_at: Option<DateTimeRange>,
    /// Those with one of these statuses; an empty list leaves nothing. For admins only: others get `UNAUTHENTICATED` or
    /// `FORBIDDEN`.
    status: Option<Vec<ProductStatus>>,
}

impl ProductFilter {
    /// The filter, when its parts make sense and the viewer may ask for it.
    pub fn check(self, viewer: Viewer, currency: Currency) -> Result<Filter> {
        let mut filter = Filter {
            in_stock: self.in_stock,
            ..Filter::default()
        };
        // First, so that what is not theirs to ask for is not examined for others.
        if let Some(statuses) = self.status {
            let statuses = statuses.into_iter().map(Into::into);
            filter.statuses = Some(Statuses::new(viewer.admin()?, statuses));
        }
        if let Some(ids) = self.category_ids {
            const FIELD: &str = "filter.categoryIds";
            let ids = ids.iter().map(|id| CategoryId::parse(id, FIELD));
            let ids = ids.collect::<Result<_>>()?;
            let within = Within::new(ids, self.include_descendants.unwrap_or(true), FIELD)?;
            filter.within.push(within);
        }
        if let Some(price) = self.price {
            filter.price = price.check(currency, "filter.price")?;
        }
        if let Some(created_at) = self.created_at {
            filter.created_at = created_at.check("filter.createdAt")?;
        }
        if let Some(updated_at) = self.updated_at {
            filter.updated_at = updated_at.check("filter.updatedAt")?;
        }
        Ok(filter)
    }
}
