//! Filter and sort inputs of product lists.

use async_graphql::{Enum, ID, InputObject};

use super::ProductStatus;
use crate::catalog::attribute::graphql::{AttributeFilter, to_conditions};
use crate::catalog::attribute::service::resolve;
use crate::catalog::category::CategoryId;
use crate::catalog::product::ProductId;
use crate::catalog::product::list::{
    CategoryCondition, Filter, MAX_FILTER_OPTIONS, MAX_FILTER_VALUES, OptionCondition, SortField,
    Statuses,
};
use crate::catalog::product::service::{MAX_BRAND, MAX_TAGS, variants};
use crate::core::error::{Error, Result};
use crate::core::id::TypedId;
use crate::core::range::{AmountRange, DateTimeRange};
use crate::core::text;
use crate::core::viewer::Viewer;
use crate::state::State;

/// The maximum length of a name in a filter in characters.
const MAX_FILTER_NAME: usize = 100;

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
    /// each, matches in the name before the SKU before the other texts. Requires `search`, and is its default order.
    Relevance,
    /// In the order of the shop within the category: see `reorderCategoryProducts`. Products that are not in order follow,
    /// oldest first. Only for `Category.products` with `includeDescendants: false`.
    Position,
}

crate::sort_input!(ProductSort, ProductSortField, SortField);

/// Condition for a variant of a product.
#[derive(Debug, InputObject)]
pub struct OptionFilter {
    /// Name of the option, such as `Size`. Its case is ignored.
    name: String,
    /// The variant must have one of these values, such as `M`. Their case is ignored. 1 to 100.
    values: Vec<String>,
}

/// Filter of a product list. All given conditions must match.
#[derive(Debug, Default, InputObject)]
pub struct ProductFilter {
    /// Only products in at least one of these categories. At most 100; an empty list matches nothing.
    category_ids: Option<Vec<ID>>,
    /// Include products of descendants of `categoryIds`. Default: true.
    include_descendants: Option<bool>,
    /// Only products in this price range, in the shop's currency.
    price: Option<AmountRange>,
    /// Only products that are in stock (true) or not (false): see `Product.inStock`.
    in_stock: Option<bool>,
    /// Only products with an active variant that matches all of these. At most 10.
    options: Option<Vec<OptionFilter>>,
    /// Only products that match all of these: with values of the product itself, and with those of one active variant that
    /// also matches `options`. At most 20.
    attributes: Option<Vec<AttributeFilter>>,
    /// Only products created in this period.
    created_at: Option<DateTimeRange>,
    /// Only products last changed in this period.
    updated_at: Option<DateTimeRange>,
    /// Only products with one of these statuses; an empty list matches nothing. Admins only: other clients get
    /// `UNAUTHENTICATED` or `FORBIDDEN`.
    status: Option<Vec<ProductStatus>>,
    /// Only products with one of these ids. At most 100; an empty list matches nothing.
    ids: Option<Vec<ID>>,
    /// Only products with a variant that you may see and that has one of these SKUs. At most 100; an empty list matches nothing.
    skus: Option<Vec<String>>,
    /// Only products of one of these brands, spelled exactly so. At most 100; an empty list matches nothing.
    brands: Option<Vec<String>>,
    /// Only products with these tags.
    tags: Option<TagFilter>,
}

/// Filter by tags. Case is ignored. If both conditions are given, both must match.
#[derive(Debug, InputObject)]
pub struct TagFilter {
    /// Only products with at least one of these tags. At most 50; an empty list matches nothing.
    any: Option<Vec<String>>,
    /// Only products with all of these tags. At most 50; an empty list matches everything.
    all: Option<Vec<String>>,
}

impl ProductFilter {
    /// Validates the input and the viewer's permissions, and returns the filter.
    pub async fn check(self, state: &State, viewer: Viewer) -> Result<Filter> {
        let currency = state.config.shop_currency;
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
        if let Some(options) = self.options {
            filter.options = check_options(options)?;
        }
        if let Some(ids) = self.ids {
            const FIELD: &str = "filter.ids";
            check_number(ids.len(), MAX_FILTER_VALUES, FIELD)?;
            let ids = ids.iter().map(|id| ProductId::parse(id, FIELD));
            filter.ids = Some(ids.collect::<Result<_>>()?);
        }
        let skus = self
            .skus
            .map(|skus| texts(skus, "filter.skus", text::MAX_SKU));
        filter.skus = skus.transpose()?;
        let brands = self.brands;
        let brands = brands.map(|brands| texts(brands, "filter.brands", MAX_BRAND));
        filter.brands = brands.transpose()?;
        if let Some(TagFilter { any, all }) = self.tags {
            filter.any_tags = any
                .map(|tags| tag_keys(&tags, "filter.tags.any"))
                .transpose()?;
            filter.all_tags = tag_keys(&all.unwrap_or_default(), "filter.tags.all")?;
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
        // Last: only valid input is looked up.
        if let Some(attributes) = self.attributes.filter(|all| !all.is_empty()) {
            const FIELD: &str = "filter.attributes";
            let conditions = to_conditions(attributes, FIELD)?;
            filter.attributes = resolve(state.db.reader(), conditions, FIELD).await?;
        }
        Ok(filter)
    }
}

fn check_options(options: Vec<OptionFilter>) -> Result<Vec<OptionCondition>> {
    const FIELD: &str = "filter.options";
    if options.len() > MAX_FILTER_OPTIONS {
        let message = format!("At most {MAX_FILTER_OPTIONS} options are allowed.");
        return Err(Error::bad_input(FIELD, message));
    }
    let condition = |option: OptionFilter| {
        if option.values.is_empty() || option.values.len() > MAX_FILTER_VALUES {
            let message = format!("Give 1 to {MAX_FILTER_VALUES} values of each option.");
            return Err(Error::bad_input(FIELD, message));
        }
        for name in option.values.iter().chain([&option.name]) {
            text::check_lookup(name, MAX_FILTER_NAME, FIELD)?;
        }
        Ok(OptionCondition {
            name: variants::name_key(&option.name),
            values: option
                .values
                .iter()
                .map(|value| variants::name_key(value))
                .collect(),
        })
    };
    options.into_iter().map(condition).collect()
}

fn check_number(number: usize, max: usize, field: &str) -> Result<()> {
    if number > max {
        let message = format!("At most {max} values are allowed.");
        return Err(Error::bad_input(field, message));
    }
    Ok(())
}

/// Returns texts in the form in which they are stored.
fn texts(texts: Vec<String>, field: &str, max_length: usize) -> Result<Vec<String>> {
    check_number(texts.len(), MAX_FILTER_VALUES, field)?;
    let texts = texts.into_iter().map(|text| {
        text::check_lookup(&text, max_length, field)?;
        Ok(text::normalise(&text))
    });
    texts.collect()
}

fn tag_keys(tags: &[String], field: &str) -> Result<Vec<String>> {
    check_number(tags.len(), MAX_TAGS, field)?;
    let mut keys = Vec::new();
    for tag in tags {
        text::check_lookup(tag, text::MAX_TAG, field)?;
        let key = text::tag_key(tag);
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    Ok(keys)
}
