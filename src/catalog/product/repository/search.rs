//! Search index of products.

use std::collections::HashMap;
use std::hash::BuildHasher;

use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait,
};
use uuid::Uuid;

use super::category_strategies::CategoryStrategies;
use super::pages::select_columns;
use super::search_labels::labels_of;
use super::writes::touch;
use super::{filtered, filtered_by, variants, visible};
use crate::catalog::product::entity::{Column, Entity, Model, ProductId};
use crate::catalog::product::list::{Columns, Filter, List};
use crate::catalog::search::feed;
use crate::catalog::search::generation::Generations;
use crate::catalog::search::index::{Bucket, Entry, Fields, Index, Window};
use crate::catalog::search::{Analyzer, Document, Search, Texts, queue};
use crate::core::language::Language;
use crate::core::parallel::map_in_parallel;
use crate::core::viewer::Audience;
use crate::infra::database::Transaction;

/// Maximum number of lists sorted by relevance in one statement.
pub(super) const LISTS_TOGETHER: usize = 10;

pub(super) const INDEX: Index = Index {
    table: "products",
    rows: "product_index",
    owner: "product_id",
    words: "product_index_words",
    has_keys: true,
};

/// The SKUs and barcodes of the variants of products.
pub type SearchCodes = HashMap<ProductId, Vec<String>>;

/// Updates the search index for products that are stored, with their variants, tags and categories. `codes` are those
/// that are known.
pub async fn index_many(
    transaction: &Transaction,
    products: &[Model],
    codes: SearchCodes,
) -> Result<(), DbErr> {
    if products.is_empty() {
        return Ok(());
    }
    let generations = Generations::lock_shared(transaction).await?;
    if generations.has_engine {
        let ids: Vec<_> = products.iter().map(|product| product.id.into()).collect();
        feed::add(transaction, &ids).await?;
    }
    index_in(transaction, products, codes, &generations.written()).await?;
    // A server with another analyzer writes words that searches may not find. One with this analyzer replaces them.
    let newest = generations.newest_version();
    if !newest.is_empty() && newest != Analyzer::new(transaction.language()).version() {
        let ids = products.iter().map(|product| product.id.into()).collect();
        queue::add_products(transaction, ids).await?;
    }
    Ok(())
}

/// Like [`index_many`], in these generations of the index, for products that have not changed.
pub async fn index_in(
    transaction: &Transaction,
    products: &[Model],
    codes: SearchCodes,
    generations: &[i32],
) -> Result<(), DbErr> {
    let ids: Vec<_> = products.iter().map(|product| product.id).collect();
    touch(transaction, ids.iter().copied());
    let documents = documents(transaction, transaction.language(), products, codes).await?;
    let entries = products.iter().zip(documents);
    let entries = entries.map(|(product, document)| Entry {
        id: product.id.into(),
        document,
        bucket: Bucket::new(0, product.in_stock),
    });
    let entries: Vec<_> = entries.collect();
    INDEX.put(transaction, &entries, generations).await
}

/// Returns the words to index of each product. `codes` are those that are known.
pub(super) async fn documents(
    db: &impl ConnectionTrait,
    language: Language,
    products: &[Model],
    mut codes: SearchCodes,
) -> Result<Vec<Document>, DbErr> {
    let ids: Vec<_> = products.iter().map(|product| product.id).collect();
    let unknown = ids.iter().filter(|id| !codes.contains_key(id));
    let unknown: Vec<_> = unknown.copied().collect();
    for (product, sku, barcode) in variants::codes_of(db, &unknown).await? {
        let codes = codes.entry(product).or_default();
        codes.extend([sku, barcode].into_iter().flatten());
    }
    let labels = labels_of(db, &ids).await?;
    let document = |product: &Model| {
        let codes = codes.get(&product.id).map_or(&[][..], Vec::as_slice);
        let labels = labels.get(&product.id).map_or(&[][..], Vec::as_slice);
        let labels = product.brand.iter().chain(labels);
        Analyzer::new(language).document(&Texts {
            name: &product.name,
            codes: codes.iter().map(String::as_str).collect(),
            labels: labels.map(String::as_str).collect(),
            description: &product.description,
        })
    };
    Ok(map_in_parallel(products, document))
}

/// Whether every product is indexed in this generation.
pub async fn is_indexed(db: &impl ConnectionTrait, generation: i32) -> Result<bool, DbErr> {
    INDEX.is_complete(db, generation).await
}

/// Returns products that are not indexed in this generation, ordered by ID, after `last`. They are locked until the
/// transaction ends.
pub async fn find_unindexed(
    db: &impl ConnectionTrait,
    generation: i32,
    last: Option<ProductId>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let mut select = Entity::find()
        .filter(INDEX.is_missing(generation))
        .order_by_asc(Column::Id)
        .limit(limit);
    if let Some(last) = last {
        select = select.filter(Column::Id.gt(last));
    }
    select.lock_exclusive().all(db).await
}

/// Deletes up to `limit` entries of outdated generations. Returns their number.
pub async fn delete_outdated_entries(transaction: &Transaction, limit: u64) -> Result<u64, DbErr> {
    INDEX.delete_outdated(transaction, limit).await
}

/// The bucket of an indexed product, and whether the product is in stock.
#[derive(Clone, Copy, Debug)]
pub struct StoredBucket {
    pub product: ProductId,
    pub bucket: Bucket,
    pub is_in_stock: bool,
}

/// Returns the buckets that may be outdated: of these products, of those with units sold before, and of those whose
/// availability has changed.
pub async fn find_buckets(
    db: &impl ConnectionTrait,
    sold: &[ProductId],
) -> Result<Vec<StoredBucket>, DbErr> {
    /// Parameters per statement. SQLite allows 32,766.
    const CHUNK: usize = 10_000;
    let (rows, table) = (INDEX.rows, INDEX.table);
    let was_sold = Expr::col((rows, "bucket")).lt(Bucket::first_unsold());
    let is_other = Expr::cust(format!("({rows}.bucket % 2 = 1) = {table}.in_stock"));
    let mut conditions = vec![was_sold.or(is_other)];
    conditions.extend(sold.chunks(CHUNK).map(|ids| {
        let ids = ids.iter().map(|id| Uuid::from(*id));
        Expr::col((rows, INDEX.owner)).is_in(ids)
    }));
    let mut found = Vec::new();
    for condition in conditions {
        let is_owner = Expr::col((table, "id")).equals((rows, INDEX.owner));
        let query = Query::select()
            .columns([(rows, INDEX.owner), (rows, "bucket"), (table, "in_stock")])
            .from(rows)
            .inner_join(table, is_owner)
            .and_where(condition)
            .take();
        for row in db.query_all(&query).await? {
            found.push(StoredBucket {
                product: ProductId(row.try_get("", INDEX.owner)?),
                bucket: Bucket::stored(row.try_get("", "bucket")?),
                is_in_stock: row.try_get("", "in_stock")?,
            });
        }
    }
    Ok(found)
}

/// Stores the buckets of these products, which the transaction has locked, and moves their entries.
pub async fn set_buckets<S: BuildHasher>(
    transaction: &Transaction,
    products: &[Model],
    buckets: &HashMap<ProductId, Bucket, S>,
) -> Result<(), DbErr> {
    touch(transaction, products.iter().map(|product| product.id));
    let changes = products.iter().filter_map(|product| {
        let bucket = buckets.get(&product.id)?;
        Some((product.id.into(), *bucket))
    });
    let changes: Vec<_> = changes.collect();
    // Before the old positions are read, which a switch of generations would change.
    Generations::lock_shared(transaction).await?;
    INDEX.set_buckets(transaction, &changes).await?;
    index_many(transaction, products, SearchCodes::new()).await
}

/// Condition for products that match a search.
pub(super) fn search_condition(backend: DbBackend, search: &Search) -> Expr {
    Column::Id.in_subquery(INDEX.matching_ids(backend, search))
}

/// Returns the indexes of the words of a search that match none of the products that the audience may see. `None` if a product
/// matches all words.
pub async fn unmatched_terms(
    db: &impl ConnectionTrait,
    audience: Audience,
    search: &Search,
) -> Result<Option<Vec<usize>>, DbErr> {
    let all = visible(audience).into_query();
    INDEX.unmatched_terms(db, search, &all).await
}

/// Returns how many words of a search a product matches, at most, apart from those that match none.
pub async fn best_count(
    db: &impl ConnectionTrait,
    audience: Audience,
    search: &Search,
    unmatched: &[usize],
) -> Result<usize, DbErr> {
    let all = visible(audience).into_query();
    INDEX.best_count(db, search, unmatched, &all).await
}

/// Counts the products that the audience may see for each search, up to `limit`, in one statement.
pub async fn count_matches(
    db: &impl ConnectionTrait,
    audience: Audience,
    searches: &[Search],
    limit: u64,
) -> Result<Vec<i64>, DbErr> {
    let all = visible(audience).into_query();
    INDEX.count_matches(db, searches, &all, limit).await
}

/// Builds the query to count, in no particular order.
pub(super) fn to_count(backend: DbBackend, audience: Audience, filter: &Filter) -> SelectStatement {
    let Some(search) = &filter.search else {
        return filtered(backend, audience, filter).into_query();
    };
    let rest = filtered(backend, audience, &without_search(filter));
    INDEX.restrict_to_matches(backend, search, rest.into_query())
}

/// Builds the query of a page sorted by relevance.
pub(super) fn ranked(
    backend: DbBackend,
    audience: Audience,
    (list, columns): (&List, Columns),
    category_strategies: &CategoryStrategies,
) -> SelectStatement {
    let rest = filtered_by(
        backend,
        audience,
        &without_search(&list.filter),
        category_strategies,
    );
    let rest = select_columns(rest.select_only(), columns).into_query();
    let window = Window::of(&list.paging, list.sort.direction);
    let nothing = Search::default();
    let search = list.filter.search.as_ref().unwrap_or(&nothing);
    INDEX.ranked(backend, search, Fields::All, &rest, &window)
}

fn without_search(filter: &Filter) -> Filter {
    Filter {
        search: None,
        ..filter.clone()
    }
}

/// Returns the products whose names contain words with the given prefixes, best match first.
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
    let rows = db.query_all(&query).await?;
    rows.iter()
        .map(|row| Model::from_query_result(row, ""))
        .collect()
}
