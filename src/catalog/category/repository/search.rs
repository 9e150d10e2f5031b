//! Search index of categories.

use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait,
};

use super::{filtered, touch, visible};
use crate::catalog::category::entity::{Column, Entity, Model};
use crate::catalog::category::list::{Filter, List};
use crate::catalog::search::generation::Generations;
use crate::catalog::search::index::{Bucket, Entry, Fields, Index, RANK, Window};
use crate::catalog::search::{Analyzer, Search, Texts, queue};
use crate::core::pagination::Ranked;
use crate::core::viewer::Audience;
use crate::infra::database::Transaction;

const INDEX: Index = Index {
    table: "categories",
    rows: "category_index",
    owner: "category_id",
    words: "category_index_words",
    has_keys: false,
};

/// Updates the search index for categories that are stored.
pub async fn index_many(transaction: &Transaction, categories: &[Model]) -> Result<(), DbErr> {
    let generations = Generations::lock_shared(transaction).await?;
    index_in(transaction, categories, &generations.written()).await
}

/// Like [`index_many`], in these generations of the index.
pub async fn index_in(
    transaction: &Transaction,
    categories: &[Model],
    generations: &[i32],
) -> Result<(), DbErr> {
    touch(transaction, categories);
    let analyzer = Analyzer::new(transaction.language());
    let entry = |category: &Model| {
        let document = analyzer.document(&Texts {
            name: &category.name,
            description: &category.description,
            ..Texts::default()
        });
        Entry {
            id: category.id.into(),
            document,
            bucket: Bucket::default(),
        }
    };
    let entries: Vec<_> = categories.iter().map(entry).collect();
    INDEX.put(transaction, &entries, generations).await
}

/// Adds the products of the category at this path, and of all below it, to the queue of products to be indexed: they
/// are found by the names of these categories.
pub async fn queue_products_below(transaction: &Transaction, path: &str) -> Result<(), DbErr> {
    let category_path = || Expr::col((Entity, Column::Path));
    let is_category = Expr::col((Entity, Column::Id)).equals(("product_categories", "category_id"));
    let products = Query::select()
        .distinct()
        .column(("product_categories", "product_id"))
        .from("product_categories")
        .inner_join(Entity, is_category)
        .and_where(category_path().gte(path))
        // `g` sorts after every hexadecimal digit.
        .and_where(category_path().lt(format!("{path}g")))
        .take();
    queue::add(transaction, products).await
}

/// Whether every category is indexed in this generation.
pub async fn is_indexed(db: &impl ConnectionTrait, generation: i32) -> Result<bool, DbErr> {
    INDEX.is_complete(db, generation).await
}

/// Returns the categories that are not indexed in this generation, locked against changes until the transaction ends.
pub async fn find_unindexed(
    db: &impl ConnectionTrait,
    generation: i32,
) -> Result<Vec<Model>, DbErr> {
    let select = Entity::find()
        .filter(INDEX.is_missing(generation))
        .order_by_asc(Column::Id);
    select.lock_exclusive().all(db).await
}

/// Deletes up to `limit` entries of outdated generations. Returns their number.
pub async fn delete_outdated_entries(transaction: &Transaction, limit: u64) -> Result<u64, DbErr> {
    INDEX.delete_outdated(transaction, limit).await
}

/// Condition for categories that match a search.
pub(super) fn search_condition(backend: DbBackend, search: &Search) -> Expr {
    Column::Id.in_subquery(INDEX.matching_ids(backend, search))
}

/// Returns the rows of one page ordered by relevance, and one row more.
pub(super) async fn list(
    db: &impl ConnectionTrait,
    audience: Audience,
    list: &List,
) -> Result<Vec<Ranked<Model>>, DbErr> {
    let Some(search) = &list.filter.search else {
        return Ok(Vec::new());
    };
    let rest = Filter {
        search: None,
        ..list.filter.clone()
    };
    let backend = db.get_database_backend();
    let rest = filtered(backend, audience, &rest).into_query();
    let window = Window::of(&list.paging, list.sort.direction);
    let query = INDEX.ranked(backend, search, Fields::All, &rest, &window);
    read(db, &query).await
}

/// Returns the categories whose names contain words with the given prefixes, best match first.
pub async fn find_by_name_prefix(
    db: &impl ConnectionTrait,
    audience: Audience,
    search: &Search,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let (backend, all) = (db.get_database_backend(), visible(audience).into_query());
    let query = INDEX.ranked(
        backend,
        search,
        Fields::NameOnly,
        &all,
        &Window::first(limit),
    );
    let found = read(db, &query).await?;
    Ok(found.into_iter().map(|ranked| ranked.row).collect())
}

async fn read(
    db: &impl ConnectionTrait,
    query: &SelectStatement,
) -> Result<Vec<Ranked<Model>>, DbErr> {
    let rows = db.query_all(query).await?;
    let ranked = rows.iter().map(|row| {
        Ok(Ranked {
            rank: row.try_get("", RANK)?,
            row: Model::from_query_result(row, "")?,
        })
    });
    ranked.collect()
}
