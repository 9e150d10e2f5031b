//! Queries on `products` and the tables that belong to it. Statements that write are in `writes`.

mod category_strategies;
pub mod engine_documents;
mod order;
mod pages;
mod row;
mod search;
mod search_labels;
pub mod search_verify;
mod writes;

pub use pages::list_many;
pub use writes::*;

pub use search::{
    SearchCodes, StoredBucket, best_count, count_matches, delete_outdated_entries, find_buckets,
    find_by_name_prefix, find_unindexed, index_in, index_many, is_indexed, set_buckets,
    unmatched_terms,
};

pub mod batch;
pub mod facets;
pub mod positions;
pub mod relations;
pub mod tags;
pub mod variants;

use sea_orm::sea_query::{Expr, ExprTrait, IntoColumnRef, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Select, Value,
};

use crate::catalog::attribute::entity::Owner;
use crate::catalog::attribute::repository::owners_with;
use crate::catalog::category::CategoryId;
use crate::catalog::category::entity as category;
use crate::catalog::category::repository as categories;
use crate::catalog::product::entity::{
    Column, Entity, Model, ProductId, Status, old_slug, product_category,
};
use crate::catalog::product::list::{CategoryCondition, Filter};
use crate::core::pagination::Total;
use crate::core::range::Range;
use crate::core::viewer::Audience;
use crate::infra::database::union::{numbered_union, query_index};
use crate::infra::database::{count, slug};

use self::category_strategies::{CategoryStrategies, CategoryStrategy};

/// Returns the products of `ids` that the audience may see, in no particular order.
pub async fn find_many(
    db: &impl ConnectionTrait,
    audience: Audience,
    ids: &[ProductId],
) -> Result<Vec<Model>, DbErr> {
    visible(audience)
        .filter(Column::Id.is_in(ids.iter().copied()))
        .all(db)
        .await
}

/// Returns the products with these current slugs regardless of visibility, in no particular order.
pub async fn find_by_slugs(db: &impl ConnectionTrait, slugs: &[&str]) -> Result<Vec<Model>, DbErr> {
    let slugs = slugs.iter().copied();
    Entity::find()
        .filter(Column::Slug.is_in(slugs))
        .all(db)
        .await
}

/// Returns the names of these products.
pub async fn names_of(
    db: &impl ConnectionTrait,
    ids: &[ProductId],
) -> Result<Vec<(ProductId, String)>, DbErr> {
    Entity::find()
        .select_only()
        .columns([Column::Id, Column::Name])
        .filter(Column::Id.is_in(ids.iter().copied()))
        .into_tuple()
        .all(db)
        .await
}

/// Returns a product regardless of visibility.
pub async fn find(db: &impl ConnectionTrait, id: ProductId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// Returns the product with this current or most recent former slug.
pub async fn find_by_slug(
    db: &impl ConnectionTrait,
    audience: Audience,
    slug: &str,
) -> Result<Option<Model>, DbErr> {
    let columns = (Column::Id, Column::Slug);
    slug::find::<_, old_slug::Entity>(db, visible(audience), columns, slug).await
}

/// Counts the products for each filter, in one statement.
pub async fn count_many(
    db: &impl ConnectionTrait,
    audience: Audience,
    filters: &[Filter],
) -> Result<Vec<Total>, DbErr> {
    let backend = db.get_database_backend();
    let queries = filters
        .iter()
        .map(|filter| search::to_count(backend, audience, filter));
    let counts = queries.map(count::bounded);
    let Some(query) = numbered_union(counts) else {
        return Ok(Vec::new());
    };
    let mut found = vec![Total::default(); filters.len()];
    for row in db.query_all(&query).await? {
        if let Some(total) = found.get_mut(query_index(&row)?) {
            *total = count::read(&row)?;
        }
    }
    Ok(found)
}

/// Returns the categories of these products that the audience may see, in tree order.
pub async fn categories_of(
    db: &impl ConnectionTrait,
    audience: Audience,
    products: &[ProductId],
) -> Result<Vec<(ProductId, category::Model)>, DbErr> {
    let mut select = product_category::Entity::find()
        .find_also_related(category::Entity)
        .filter(product_category::Column::ProductId.is_in(products.iter().copied()))
        .order_by_asc(category::Column::Path);
    if audience == Audience::Public {
        select = select.filter(category::Column::Visible.eq(true));
    }
    let rows = select.all(db).await?;
    let pairs = rows.into_iter();
    Ok(pairs
        .filter_map(|(link, category)| Some((link.product_id, category?)))
        .collect())
}

/// Counts the products in a category, without its descendants.
pub async fn count_in_category(db: &impl ConnectionTrait, id: CategoryId) -> Result<Total, DbErr> {
    let links =
        product_category::Entity::find().filter(product_category::Column::CategoryId.eq(id));
    count::total(db, links.into_query()).await
}

/// Builds a subquery for `EXISTS`: the product with ID `id`, a column of the outer query, if the audience may see it.
pub fn visible_with_id(audience: Audience, id: impl IntoColumnRef) -> SelectStatement {
    visible(audience)
        .select_only()
        .column(Column::Id)
        .filter(Expr::col((Entity, Column::Id)).equals(id))
        .into_query()
}

/// Whether there are no products.
pub async fn is_empty(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    Ok(Entity::find().one(db).await?.is_none())
}

/// Returns the first products by ID that match a filter, locked against changes until the transaction ends.
pub async fn lock_filtered(
    db: &impl ConnectionTrait,
    filter: &Filter,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    filtered(db.get_database_backend(), Audience::Staff, filter)
        .order_by_asc(Column::Id)
        .limit(limit)
        .lock_exclusive()
        .all(db)
        .await
}

fn visible(audience: Audience) -> Select<Entity> {
    let select = Entity::find();
    match audience {
        Audience::Public => select
            .filter(Column::Status.eq(Status::Active))
            .filter(Column::CategoryId.not_in_subquery(categories::hidden_ids())),
        Audience::Staff => select,
    }
}

fn filtered(backend: DbBackend, audience: Audience, filter: &Filter) -> Select<Entity> {
    filtered_by(backend, audience, filter, &CategoryStrategies::new())
}

/// Like [`filtered`], but with category conditions optimized for finding the first rows fast.
fn filtered_by(
    backend: DbBackend,
    audience: Audience,
    filter: &Filter,
    category_strategies: &CategoryStrategies,
) -> Select<Entity> {
    let mut select = visible(audience);
    if let Some(search) = &filter.search {
        select = select.filter(search::search_condition(backend, search));
    }
    for within in &filter.within {
        let is_in = match category_strategies.get(within) {
            None => Column::Id.in_subquery(links_within(audience, within)),
            Some(CategoryStrategy::CategoryIds(ids)) => {
                let is_one = product_category::Column::CategoryId.is_in(ids.iter().copied());
                Column::Id.in_subquery(links(is_one))
            }
            Some(CategoryStrategy::ScanList) => {
                let product = product_category::Column::ProductId;
                let product = Expr::col((product_category::Entity, product));
                let is_this = product.equals((Entity, Column::Id));
                Expr::exists(links_within(audience, within).and_where(is_this).take())
            }
        };
        select = select.filter(is_in);
    }
    match filter.in_stock {
        Some(true) => select = select.filter(Column::InStock.eq(true)),
        Some(false) => select = select.filter(Column::InStock.eq(false)),
        None => {}
    }
    let (own, of_variants): (Vec<_>, Vec<_>) = filter
        .attributes
        .iter()
        .partition(|condition| condition.owner == Owner::Product);
    for condition in own {
        select = select.filter(Column::Id.in_subquery(owners_with(condition)));
    }
    if !filter.options.is_empty() || !of_variants.is_empty() {
        let variants = variants::products_with(&filter.options, &of_variants);
        select = select.filter(Column::Id.in_subquery(variants));
    }
    if let Some(statuses) = &filter.statuses {
        select = select.filter(Column::Status.is_in(statuses.as_slice().iter().copied()));
    }
    let named = named(audience, filter);
    if !named.is_empty() {
        select = select.filter(named);
    }
    select = within_range(select, Column::Price, &filter.price);
    select = within_range(select, Column::CreatedAt, &filter.created_at);
    within_range(select, Column::UpdatedAt, &filter.updated_at)
}

/// Condition for products with the ids, SKUs, brands and tags that a filter names.
fn named(audience: Audience, filter: &Filter) -> Condition {
    let Filter {
        ids,
        skus,
        brands,
        any_tags,
        all_tags,
        ..
    } = filter;
    let any_tags = any_tags.as_deref().map(tags::with_any);
    let all_tags = all_tags.iter().map(|tag| tags::with_any([tag]));
    let tagged = any_tags.into_iter().chain(all_tags);
    let named = Condition::all()
        .add_option(
            ids.as_ref()
                .map(|ids| Column::Id.is_in(ids.iter().copied())),
        )
        .add_option(
            skus.as_ref()
                .map(|skus| Column::Id.in_subquery(variants::with_skus(audience, skus))),
        )
        .add_option(brands.as_ref().map(|brands| Column::Brand.is_in(brands)));
    tagged.fold(named, |named, products| {
        named.add(Column::Id.in_subquery(products))
    })
}

/// Subquery of the products in these categories.
fn links_within(audience: Audience, within: &CategoryCondition) -> SelectStatement {
    let ids = categories::ids_within(audience, &within.categories, within.descendants);
    links(product_category::Column::CategoryId.in_subquery(ids))
}

fn links(of_categories: Expr) -> SelectStatement {
    product_category::Entity::find()
        .select_only()
        .column(product_category::Column::ProductId)
        .filter(of_categories)
        .into_query()
}

fn within_range<T: Copy + Into<Value>>(
    select: Select<Entity>,
    column: Column,
    range: &Range<T>,
) -> Select<Entity> {
    let low = range.gte.map(|low| column.gte(low));
    let high = range.lte.map(|high| column.lte(high));
    let bounds = low.into_iter().chain(high);
    bounds.fold(select, QueryFilter::filter)
}
