//! Search index of categories.

use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait,
};
use uuid::Uuid;

use super::{filtered, touch, visible};
use crate::catalog::category::entity::{Column, Entity, Model};
use crate::catalog::category::list::{Filter, List};
use crate::catalog::search::index::{Fields, Index, RANK, Window};
use crate::catalog::search::{Analyzer, Document, Search, Texts};
use crate::core::pagination::Ranked;
use crate::core::viewer::Audience;
use crate::infra::database::Transaction;

const INDEX: Index = Index {
    table: "categories",
    rows: "category_search",
    owner: "category_id",
    words: "category_words",
    has_sku: false,
};

/// Updates the search index for categories that are stored.
pub async fn index_many(transaction: &Transaction, categories: &[Model]) -> Result<(), DbErr> {
    touch(transaction, categories);
    let analyzer = Analyzer::new(transaction.language());
    let document = |category: &Model| -> (Uuid, Document) {
        let document = analyzer.document(&Texts {
            name: &category.name,
            description: &category.description,
            ..Texts::default()
        });
        (category.id.into(), document)
    };
    let documents: Vec<_> = categories.iter().map(document).collect();
    INDEX.put(transaction, &documents).await
}

/// Whether every category is indexed.
pub async fn is_indexed(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    INDEX.is_complete(db).await
}

/// Returns the categories without a search index entry, locked against changes until the transaction ends.
pub async fn find_unindexed(db: &impl ConnectionTrait) -> Result<Vec<Model>, DbErr> {
    let row = Query::select()
        .expr(Expr::val(1))
        .from(INDEX.rows)
        .and_where(Expr::col((INDEX.rows, INDEX.owner)).equals((Entity, Column::Id)))
        .take();
    let select = Entity::find()
        .filter(Expr::exists(row).not())
        .order_by_asc(Column::Id);
    select.lock_exclusive().all(db).await
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
