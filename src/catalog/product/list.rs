//! What can be asked of a list of products: which, in which order, from where to where.

use super::entity::{Model, Status};
use crate::catalog::category::CategoryId;
use crate::catalog::search::Search;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::pagination::{self, Key, KeyKind, Place, Ranked};
use crate::core::range::Range;
use crate::core::viewer::Admin;

/// How many products of a list a facet looks at.
pub const MAX_FACET_PRODUCTS: i64 = 100_000;
/// How many facets can be asked for at once.
pub const MAX_FACETS: usize = 20;

/// How many categories a filter may name.
pub const MAX_FILTER_CATEGORIES: usize = 100;

/// The fields that lists of products can be ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SortField {
    #[default]
    Name,
    Price,
    CreatedAt,
    UpdatedAt,
    Relevance,
}

impl pagination::SortField for SortField {
    const LIST: &'static str = "products";
    const RELEVANCE: Option<Self> = Some(Self::Relevance);
    type Row = Ranked<Model>;

    fn cursor(self) -> (&'static str, KeyKind) {
        match self {
            Self::Name => ("name", KeyKind::Text),
            Self::Price => ("price", KeyKind::Int),
            Self::CreatedAt => ("createdAt", KeyKind::Int),
            Self::UpdatedAt => ("updatedAt", KeyKind::Int),
            Self::Relevance => ("relevance", KeyKind::Int),
        }
    }

    fn place(self, ranked: &Ranked<Model>) -> Place {
        let product = &ranked.row;
        let key = match self {
            Self::Name => Key::Text(product.name_key.clone()),
            Self::Price => Key::Int(product.price),
            Self::CreatedAt => Key::Int(product.created_at.0),
            Self::UpdatedAt => Key::Int(product.updated_at.0),
            Self::Relevance => Key::Int(ranked.rank.unwrap_or_default()),
        };
        Place::new(key, product.id)
    }
}

/// The categories that products of a list are in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Within {
    pub categories: Vec<CategoryId>,
    pub descendants: bool,
    /// Whether it makes the list, instead of narrowing one.
    pub is_list: bool,
}

/// Which products a list holds. Everything given must be true of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    /// What their words must fit.
    pub search: Option<Search>,
    /// Each of these must hold the product.
    pub within: Vec<Within>,
    /// Minor units.
    pub price: Range<i64>,
    pub in_stock: Option<bool>,
    pub created_at: Range<Timestamp>,
    pub updated_at: Range<Timestamp>,
    pub statuses: Option<Statuses>,
}

/// What the products of a list can be counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Facet {
    Categories,
    Price,
    Stock,
    Statuses,
}

impl Filter {
    /// The categories that it names.
    pub fn categories(&self) -> Vec<CategoryId> {
        let within = self.within.iter();
        within
            .flat_map(|within| within.categories.clone())
            .collect()
    }

    /// The filter without what a facet narrows by.
    #[must_use]
    pub fn beside(&self, facet: Facet) -> Self {
        let mut filter = self.clone();
        match facet {
            Facet::Categories => filter.within.retain(|within| within.is_list),
            Facet::Price => filter.price = Range::default(),
            Facet::Stock => filter.in_stock = None,
            Facet::Statuses => filter.statuses = None,
        }
        filter
    }
}

/// The statuses that products of a list have. Only an admin can make one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Statuses(Vec<Status>);

impl Statuses {
    /// These statuses, for somebody who may ask for them.
    pub fn new(_: Admin, statuses: impl IntoIterator<Item = Status>) -> Self {
        let mut distinct = Vec::new();
        for status in statuses {
            if !distinct.contains(&status) {
                distinct.push(status);
            }
        }
        Self(distinct)
    }

    /// Each of them once.
    pub fn as_slice(&self) -> &[Status] {
        &self.0
    }
}

impl Within {
    /// These categories, if they are not too many; `field` is the argument they came from.
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

/// How much of each product is read. All but the description is small and lies in one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Detail {
    /// Everything but its description, which is empty.
    Brief,
    Full,
}
