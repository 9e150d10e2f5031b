//! Filter, sort fields, facets and paging of product lists.

mod selection;

pub use selection::{Columns, ImageSelection, ListedProduct, Selection};

use super::entity::{ProductId, Status};
use crate::catalog::attribute::AttributeId;
use crate::catalog::attribute::list::AttributeCondition;
use crate::catalog::category::CategoryId;
use crate::catalog::search::Search;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::pagination::{self, Key, KeyKind, Ranked, RowPosition};
use crate::core::range::Range;
use crate::core::viewer::Admin;

/// The maximum number of products that a facet counts.
pub const MAX_FACET_PRODUCTS: i64 = 100_000;
/// The maximum number of facets in one request.
pub const MAX_FACETS: usize = 20;
/// The maximum number of products that the option facet counts: it reads their variants.
pub const MAX_OPTION_PRODUCTS: i64 = 5_000;
/// The maximum number of values of options that a facet counts, over all options.
pub const MAX_OPTION_GROUPS: u64 = 2_000;

/// The maximum number of groups of values of attributes that a facet counts.
pub const MAX_ATTRIBUTE_GROUPS: u64 = 10_000;

/// The maximum number of options in a filter, and of values of each.
pub const MAX_FILTER_OPTIONS: usize = 10;
pub const MAX_FILTER_VALUES: usize = 100;
/// The maximum number of categories in a filter.
pub const MAX_FILTER_CATEGORIES: usize = 100;

/// Sort field of a product list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SortField {
    #[default]
    Name,
    Price,
    CreatedAt,
    UpdatedAt,
    /// By relevance to the search.
    Relevance,
    /// By the position in the category whose products are listed.
    Position,
}

impl SortField {
    /// Whether a change of the stock alone, which also sets the time of the last change, alters the order.
    pub const fn reads_stock(self) -> bool {
        match self {
            Self::Name | Self::Price | Self::CreatedAt | Self::Relevance | Self::Position => false,
            Self::UpdatedAt => true,
        }
    }
}

impl pagination::SortField for SortField {
    const LIST: &'static str = "products";
    const RELEVANCE: Option<Self> = Some(Self::Relevance);
    type Row = Ranked<ListedProduct>;

    fn cursor(self) -> (&'static str, KeyKind) {
        match self {
            Self::Name => ("name", KeyKind::Text),
            Self::Price => ("price", KeyKind::Int),
            Self::CreatedAt => ("createdAt", KeyKind::Int),
            Self::UpdatedAt => ("updatedAt", KeyKind::Int),
            Self::Relevance => ("relevance", KeyKind::Int),
            Self::Position => ("position", KeyKind::Int),
        }
    }

    fn row_position(self, ranked: &Ranked<ListedProduct>) -> RowPosition {
        let product = &ranked.row.row;
        let key = match self {
            Self::Name => Key::Text(product.name_key.clone()),
            Self::Price => Key::Int(product.price),
            Self::CreatedAt => Key::Int(product.created_at.0),
            Self::UpdatedAt => Key::Int(product.updated_at.0),
            Self::Relevance | Self::Position => Key::Int(ranked.rank.unwrap_or_default()),
        };
        RowPosition::new(key, product.id)
    }
}

/// Restricts a product list to products in any of these categories.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CategoryCondition {
    pub categories: Vec<CategoryId>,
    pub descendants: bool,
    /// Whether this is the category whose products are listed, as opposed to a filter condition.
    pub is_list: bool,
}

/// Restricts a product list to products with a variant that has one of these values of an option. The names are
/// compared without their case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OptionCondition {
    pub name: String,
    pub values: Vec<String>,
}

/// Filter of a product list. A product must satisfy all conditions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    /// Only products that match this search.
    pub search: Option<Search>,
    /// The product must be within each of these.
    pub within: Vec<CategoryCondition>,
    /// In minor units.
    pub price: Range<i64>,
    pub in_stock: Option<bool>,
    /// One active variant must satisfy all of these.
    pub options: Vec<OptionCondition>,
    /// The product must satisfy those on its own values. One active variant must satisfy the others, together with
    /// `options`.
    pub attributes: Vec<AttributeCondition>,
    pub created_at: Range<Timestamp>,
    pub updated_at: Range<Timestamp>,
    pub statuses: Option<Statuses>,
    pub ids: Option<Vec<ProductId>>,
    pub skus: Option<Vec<String>>,
    pub brands: Option<Vec<String>>,
    /// The keys of tags of which a product must have one.
    pub any_tags: Option<Vec<String>>,
    /// The keys of tags that a product must have.
    pub all_tags: Vec<String>,
}

/// A property by which the products of a list are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Facet {
    Categories,
    Price,
    Stock,
    Statuses,
    Brands,
    /// Values of options. The condition on an option does not apply to its own values.
    Options,
    /// Values of the filterable attributes that no condition restricts.
    Attributes,
    /// Values of an attribute that a condition restricts. The condition does not apply to them.
    Attribute(AttributeId),
}

impl Filter {
    /// Returns the category whose products are listed, if those of its descendants are not.
    pub fn only_category(&self) -> Option<CategoryId> {
        let mut lists = self.within.iter().filter(|within| within.is_list);
        let list = lists.next().filter(|list| !list.descendants)?;
        list.categories.first().copied()
    }

    /// Returns all categories named in the filter.
    pub fn categories(&self) -> Vec<CategoryId> {
        let within = self.within.iter();
        within
            .flat_map(|within| within.categories.clone())
            .collect()
    }

    /// Whether a change of the stock alone, which also sets the time of the last change, alters the selection. A
    /// change that empties or refills the stock is a change of the product.
    pub fn reads_stock(&self) -> bool {
        // A new condition has to be classified here.
        let Self {
            search: _,
            within: _,
            price: _,
            in_stock: _,
            options: _,
            attributes: _,
            created_at: _,
            updated_at,
            statuses: _,
            ids: _,
            skus: _,
            brands: _,
            any_tags: _,
            all_tags: _,
        } = self;
        *updated_at != Range::default()
    }

    /// Returns the filter without the condition that corresponds to `facet`.
    #[must_use]
    pub fn without_facet(&self, facet: Facet) -> Self {
        let mut filter = self.clone();
        match facet {
            Facet::Categories => filter.within.retain(|within| within.is_list),
            Facet::Price => filter.price = Range::default(),
            Facet::Stock => filter.in_stock = None,
            Facet::Statuses => filter.statuses = None,
            Facet::Brands => filter.brands = None,
            Facet::Options => filter.options.clear(),
            Facet::Attributes => {}
            Facet::Attribute(id) => filter.attributes.retain(|one| one.attribute != id),
        }
        filter
    }
}

/// A set of statuses to filter by. Only an admin can create one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Statuses(Vec<Status>);

impl Statuses {
    /// Creates the set. Requires proof that the viewer is an admin.
    pub fn new(_: Admin, statuses: impl IntoIterator<Item = Status>) -> Self {
        let mut distinct = Vec::new();
        for status in statuses {
            if !distinct.contains(&status) {
                distinct.push(status);
            }
        }
        Self(distinct)
    }

    /// Returns the distinct statuses.
    pub fn as_slice(&self) -> &[Status] {
        &self.0
    }
}

impl CategoryCondition {
    /// Creates the restriction. `field` names the argument in errors.
    ///
    /// # Errors
    /// More than [`MAX_FILTER_CATEGORIES`] categories.
    pub fn new(categories: Vec<CategoryId>, descendants: bool, field: &str) -> Result<Self> {
        if categories.len() > MAX_FILTER_CATEGORIES {
            return Err(Error::bad_input(
                field,
                format!("At most {MAX_FILTER_CATEGORIES} categories are allowed."),
            ));
        }
        Ok(Self {
            categories,
            descendants,
            is_list: false,
        })
    }
}

/// One page of a list of products.
pub type List = pagination::List<Filter, SortField>;
