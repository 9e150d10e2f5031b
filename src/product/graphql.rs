//! Products in the API.

use std::collections::HashMap;

use async_graphql::connection::Connection;
use async_graphql::dataloader::Loader;
use async_graphql::{Context, Enum, ID, InputObject, Object};

use super::entity::{Model, ProductId, Status};
use super::service::{self, Filter, List, SortField, Within};
use crate::category::CategoryId;
use crate::category::graphql::{Category, Implied};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::id::TypedId;
use crate::loader::{ContextExt, Loads};
use crate::lookup::Lookup;
use crate::money::{Currency, Money};
use crate::pagination::{Cursor, Page, PageArgs, Sort, SortDirection};
use crate::product_image::graphql::{Image, ImagesOf};
use crate::range::{AmountRange, DateTimeRange};

/// A row as the API shows it.
#[derive(Clone, Debug)]
pub struct Product(pub Model);

/// Something the shop sells.
///
/// Customers see a product when it is ACTIVE and its primary category and all that category's ancestors are published.
#[Object]
impl Product {
    /// Opaque and stable: `prod_...`.
    pub async fn id(&self) -> ID {
        self.0.id.encode().into()
    }

    /// What customers call it. At most 200 characters.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Its current place in an address, unique among products.
    async fn slug(&self) -> &str {
        &self.0.slug
    }

    /// The shop's own number for it, unique where there is one.
    async fn sku(&self) -> Option<&str> {
        self.0.sku.as_deref()
    }

    /// Plain text; may be empty.
    async fn description(&self) -> &str {
        &self.0.description
    }

    /// What one costs.
    async fn price(&self, ctx: &Context<'_>) -> Money {
        Money::new(self.0.price, ctx.state().config.shop_currency)
    }

    /// How many there are to sell, never below 0.
    async fn stock(&self) -> i32 {
        self.0.stock
    }

    /// Whether there is at least one to sell.
    async fn in_stock(&self) -> bool {
        self.0.stock > 0
    }

    /// Where it is in its life. Customers only meet ACTIVE ones.
    async fn status(&self) -> ProductStatus {
        self.0.status.into()
    }

    /// Its primary category, which its breadcrumbs come from.
    async fn category(&self, ctx: &Context<'_>) -> Result<Category> {
        let category = ctx.load(Implied(self.0.category_id)).await?;
        // Absent only when the product was moved and the category deleted since this request read the product.
        let gone = || Error::internal(anyhow::anyhow!("the category of a product is gone"));
        category.map(Category).ok_or_else(gone)
    }

    /// All categories it is in, as far as you may see them: the primary one first, then as the menu reads.
    async fn categories(&self, ctx: &Context<'_>) -> Result<Vec<Category>> {
        let key = CategoriesOf(self.0.id, self.0.category_id);
        let categories = ctx.load(key).await?.unwrap_or_default();
        Ok(categories.into_iter().map(Category).collect())
    }

    /// Its pictures, in the order of the shop.
    async fn images(&self, ctx: &Context<'_>) -> Result<Vec<Image>> {
        let images = ctx.load(ImagesOf(self.0.id)).await?.unwrap_or_default();
        Ok(images.into_iter().map(Image).collect())
    }

    /// When it was made.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// When it was last changed.
    async fn updated_at(&self) -> Timestamp {
        self.0.updated_at
    }

    /// Counts its changes, from 1.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

/// Where a product is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Status")]
pub enum ProductStatus {
    /// Not for sale yet.
    Draft,
    /// For sale.
    Active,
    /// Not for sale any more.
    Archived,
}

/// What lists of products can be ordered by. Ties are broken by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "SortField")]
pub enum ProductSortField {
    /// By name, without regard to case and accents.
    Name,
    /// By price.
    Price,
    /// By when it was made.
    CreatedAt,
    /// By when it was last changed.
    UpdatedAt,
}

/// The order of a list of products.
#[derive(Debug, InputObject)]
pub struct ProductSort {
    /// What to order by.
    field: ProductSortField,
    /// Which way.
    #[graphql(default)]
    direction: SortDirection,
}

/// Which products a list holds. Everything given must be true of them.
#[derive(Debug, Default, InputObject)]
pub struct ProductFilter {
    /// Those in at least one of these categories or below it. At most 100; an empty list leaves nothing.
    category_ids: Option<Vec<ID>>,
    /// Whether the categories below those of `categoryIds` count too.
    #[graphql(default = true)]
    include_descendants: bool,
    /// Those that cost this much, in the shop's currency.
    price: Option<AmountRange>,
    /// Those of which there is at least one (true) or none (false).
    in_stock: Option<bool>,
    /// Those made in this time.
    created_at: Option<DateTimeRange>,
    /// Those last changed in this time.
    updated_at: Option<DateTimeRange>,
    /// Those with one of these statuses. For admins only: others get `UNAUTHENTICATED` or `FORBIDDEN`.
    status: Option<Vec<ProductStatus>>,
}

impl ProductFilter {
    fn parse(self, currency: Currency) -> Result<Filter> {
        let mut filter = Filter {
            in_stock: self.in_stock,
            statuses: (self.status.into_iter().flatten().map(Into::into)).collect(),
            ..Filter::default()
        };
        if let Some(ids) = self.category_ids {
            let parse = |id: &ID| CategoryId::parse(id, "filter.categoryIds");
            filter.within.push(Within {
                categories: ids.iter().map(parse).collect::<Result<_>>()?,
                descendants: self.include_descendants,
            });
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

/// A page of products.
pub type ProductConnection = Connection<Cursor, Product, ProductTotal>;

/// What a page of products tells beside the page.
#[derive(Debug)]
pub struct ProductTotal(Filter);

#[Object]
impl ProductTotal {
    /// How many products the filter leaves, on all pages. Counted only when you ask.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i64> {
        let count = ctx.load(CountOf(self.0.clone())).await?;
        Ok(count.unwrap_or_default())
    }
}

/// The root fields that read products.
#[derive(Debug, Default)]
pub struct ProductQuery;

#[Object]
impl ProductQuery {
    /// One product, by its id or by its slug. A slug it had before finds it too; its `slug` then tells the current one.
    /// Null when there is none, or none that you may see.
    ///
    /// Errors: `BAD_USER_INPUT` for a malformed id, and unless exactly one of `id` and `slug` is given.
    async fn product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id: `prod_...`.")] id: Option<ID>,
        #[graphql(desc = "Its slug, current or former.")] slug: Option<String>,
    ) -> Result<Option<Product>> {
        let found = match Lookup::parse(id.as_deref().map(String::as_str), slug)? {
            Lookup::Id(id) => ctx.load(ById(id)).await?,
            Lookup::Slug(slug) => {
                let audience = ctx.viewer().audience();
                service::find_by_slug(&ctx.state().db, audience, &slug).await?
            }
        };
        Ok(found.map(Product))
    }

    /// Products, as a list that can be paged, filtered and sorted. Pages neither repeat nor lose a product while others
    /// come and go.
    ///
    /// Errors: `BAD_USER_INPUT` for a page size out of bounds, for `first` with `last`, for a cursor of another list or
    /// order, for a malformed id, and for a range whose ends are the wrong way round.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn products(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "How many to give, from 1 to 100; 20 when neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Give those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many to give from the end, from 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Give those before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which products.")] filter: Option<ProductFilter>,
        #[graphql(desc = "In which order; by name when absent.")] sort: Option<ProductSort>,
    ) -> Result<ProductConnection> {
        let page = PageArgs {
            first,
            after,
            last,
            before,
        };
        products_of(ctx, None, filter, sort, page).await
    }
}

/// A page of products: of the whole shop, or of one category and (if the flag says so) those below it.
pub async fn products_of(
    ctx: &Context<'_>,
    within: Option<(CategoryId, bool)>,
    filter: Option<ProductFilter>,
    sort: Option<ProductSort>,
    page: PageArgs,
) -> Result<ProductConnection> {
    let currency = ctx.state().config.shop_currency;
    let mut filter = filter.unwrap_or_default().parse(currency)?;
    filter
        .within
        .extend(within.map(|(category, descendants)| Within {
            categories: vec![category],
            descendants,
        }));
    let sort = sort.map_or_else(Sort::default, |sort| Sort {
        field: sort.field.into(),
        direction: sort.direction,
    });
    filter.check(ctx.viewer())?;
    let list = List::parse(filter, sort, page)?;
    let total = ProductTotal(list.filter.clone());
    let found = ctx.load(PageOf(list)).await?;
    let found = found.ok_or_else(|| Error::internal(anyhow::anyhow!("a page was not read")))?;
    Ok(found.connection(sort, total, Product))
}

/// Loads a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ById(pub ProductId);

impl Loader<ById> for Loads {
    type Value = Model;
    type Error = Error;

    async fn load(&self, keys: &[ById]) -> Result<HashMap<ById, Model>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = service::find_many(&self.db, self.audience, &ids).await?;
        Ok(found.into_iter().map(|(id, row)| (ById(id), row)).collect())
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct PageOf(List);

impl Loader<PageOf> for Loads {
    type Value = Page<Model>;
    type Error = Error;

    async fn load(&self, keys: &[PageOf]) -> Result<HashMap<PageOf, Page<Model>>> {
        let lists: Vec<_> = keys.iter().map(|key| key.0.clone()).collect();
        let pages = service::list_many(&self.db, self.audience, &lists).await?;
        Ok(keys.iter().cloned().zip(pages).collect())
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct CountOf(Filter);

impl Loader<CountOf> for Loads {
    type Value = i64;
    type Error = Error;

    async fn load(&self, keys: &[CountOf]) -> Result<HashMap<CountOf, i64>> {
        let filters: Vec<_> = keys.iter().map(|key| key.0.clone()).collect();
        let counts = service::count_many(&self.db, self.audience, &filters).await?;
        Ok(keys.iter().cloned().zip(counts).collect())
    }
}

/// The categories of a product; its primary one is told so that it can stand first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct CategoriesOf(ProductId, CategoryId);

impl Loader<CategoriesOf> for Loads {
    type Value = Vec<crate::category::entity::Model>;
    type Error = Error;

    async fn load(&self, keys: &[CategoriesOf]) -> Result<HashMap<CategoriesOf, Self::Value>> {
        let products: Vec<_> = keys.iter().map(|key| (key.0, key.1)).collect();
        let mut found = service::categories_of(&self.db, self.audience, &products).await?;
        let of = |key: &CategoriesOf| (*key, found.remove(&key.0).unwrap_or_default());
        Ok(keys.iter().map(of).collect())
    }
}
