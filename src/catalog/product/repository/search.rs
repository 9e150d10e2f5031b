//! Search index of products.

use std::collections::HashMap;

use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait,
};

use super::category_strategies::CategoryStrategies;
use super::pages::select_columns;
use super::writes::touch;
use super::{filtered, filtered_by, tags, variants, visible};
use crate::catalog::product::entity::{Column, Entity, Model, ProductId};
use crate::catalog::product::list::{Columns, Filter, List};
use crate::catalog::search::feed;
use crate::catalog::search::index::{Fields, Index, Window};
use crate::catalog::search::{Analyzer, Document, Search, Texts};
use crate::core::viewer::Audience;
use crate::infra::database::Transaction;

/// Maximum number of lists sorted by relevance in one statement.
pub(super) const LISTS_TOGETHER: usize = 10;

const INDEX: Index = Index {
    table: "products",
    rows: "product_search",
    owner: "product_id",
    words: "product_words",
    has_sku: true,
};

/// The SKUs and barcodes of the variants of products.
pub type SearchCodes = HashMap<ProductId, String>;

/// Updates the search index for products that are stored, with their variants and tags. `codes` are those that are known.
pub async fn index_many(
    transaction: &Transaction,
    products: &[Model],
    mut codes: SearchCodes,
) -> Result<(), DbErr> {
    if products.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> = products.iter().map(|product| product.id).collect();
    touch(transaction, ids.iter().copied());
    let unknown = ids.iter().filter(|id| !codes.contains_key(id));
    let unknown: Vec<_> = unknown.copied().collect();
    for (product, sku, barcode) in variants::codes_of(transaction, &unknown).await? {
        let codes = codes.entry(product).or_default();
        for code in [sku, barcode].into_iter().flatten() {
            codes.push(' ');
            codes.push_str(&code);
        }
    }
    let tags = tags::of(transaction, &ids).await?;
    let analyzer = Analyzer::new(transaction.language());
    let to_index = |product: &Model| {
        let codes = codes.get(&product.id).map(String::as_str);
        let tags = tags.get(&product.id).map_or(&[][..], Vec::as_slice);
        (product.id.into(), document(analyzer, product, codes, tags))
    };
    let documents: Vec<_> = products.iter().map(to_index).collect();
    let ids: Vec<_> = ids.into_iter().map(Into::into).collect();
    feed::add(transaction, &ids).await?;
    INDEX.put(transaction, &documents).await
}

/// Returns the words to index.
fn document(analyzer: Analyzer, product: &Model, codes: Option<&str>, tags: &[String]) -> Document {
    let mut labels: Vec<&str> = product.brand.iter().map(String::as_str).collect();
    labels.extend(tags.iter().map(String::as_str));
    analyzer.document(&Texts {
        name: &product.name,
        codes: codes.into_iter().collect(),
        labels,
        description: &product.description,
    })
}

/// Whether every product is indexed.
pub async fn is_indexed(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    INDEX.is_complete(db).await
}

/// Returns products without a search index entry, ordered by ID, after `last`. They are locked until the transaction
/// ends.
pub async fn find_unindexed(
    db: &impl ConnectionTrait,
    last: Option<ProductId>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let row = Query::select()
        .expr(Expr::val(1))
        .from(INDEX.rows)
        .and_where(Expr::col((INDEX.rows, INDEX.owner)).equals((Entity, Column::Id)))
        .take();
    let mut select = Entity::find()
        .filter(Expr::exists(row).not())
        .order_by_asc(Column::Id)
        .limit(limit);
    if let Some(last) = last {
        select = select.filter(Column::Id.gt(last));
    }
    select.lock_exclusive().all(db).await
}

/// Condition for products that match a search.
pub(super) fn search_condition(backend: DbBackend, search: &Search) -> Expr {
    Column::Id.in_subquery(INDEX.matching_ids(backend, search))
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
