//! Filter and sort inputs of product lists.

use async_graphql::{Enum, ID, InputObject};

use super::ProductStatus;
use crate::catalog::category::CategoryId;
use crate::catalog::product::list::{CategoryCondition, Filter, SortField, Statuses};
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::core::money::Currency;
use crate::core::range::{AmountRange, DateTimeRange};
use crate::core::viewer::Viewer;

/// Sort fields of product lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "SortField")]
pub enum ProductSortField {
    /// By name, ignoring case and accents.
    Name,
    /// By price.
    Price,
    /// By creation time.
    CreatedAt,
    /// By the time of the last change.
    UpdatedAt,
    /// By relevance to `search`, best match first: exact words, then prefixes of words, then words with typos; within
    /// each, matches in the name before the SKU before the description. Requires `search`, and is its default order.
    Relevance,
}

crate::sort_input!(ProductSort, ProductSortField, SortField);

/// Filter of a product list. All given conditions must match.
#[derive(Debug, Default, InputObject)]
pub struct ProductFilter {
    /// Only products in at least one of these categories. At most 100; an empty list matches nothing.
    category_ids: Option<Vec<ID>>,
    /// Include products of descendants of `categoryIds`. Default: true.
    include_descendants: Option<bool>,
    /// Only products in this price range, in the shop's currency.
    price: Option<AmountRange>,
    /// Only products with a stock of at least 1 (true) or 0 (false).
    in_stock: Option<bool>,
    /// Only products created in this period.
    created_at: Option<DateTimeRange>,
    /// Only products last changed in this period.
    updated_at: Option<DateTimeRange>,
    /// Only products with one of these statuses; an empty list matches nothing. Admins only: other clients get
    /// `UNAUTHENTICATED` or `FORBIDDEN`.
    status: Option<Vec<ProductStatus>>,
}

impl ProductFilter {
    /// Validates the input and the viewer's permissions, and returns the filter.
    pub fn check(self, viewer: Viewer, currency: Currency) -> Result<Filter> {
        let mut filter = Filter {
            in_stock: self.in_stock,
            ..Filter::default()
        };
        // Check permission first: input that the viewer may not send is not validated.
        if let Some(statuses) = self.status {
            let statuses = statuses.into_iter().map(Into::into);
            filter.statuses = Some(Statuses::new(viewer.admin()?, statuses));
        }
        if let Some(ids) = self.category_ids {
            const FIELD: &str = "filter.categoryIds";
            let ids = ids.iter().map(|id| CategoryId::parse(id, FIELD));
            let ids = ids.collect::<Result<_>>()?;
            let within =
                CategoryCondition::new(ids, self.include_descendants.unwrap_or(true), FIELD)?;
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
