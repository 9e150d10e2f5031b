//! Reads of the verification of the search index.

use sea_orm::sea_query::{Asterisk, Expr, Func, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::search::{INDEX, SearchCodes, documents};
use crate::catalog::product::entity::{Column, Entity, Model, ProductId};
use crate::catalog::search::Document;
use crate::core::language::Language;

/// Returns the number of indexed products.
pub async fn count_indexed(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    count(db, Query::select().from(INDEX.rows)).await
}

/// Returns the number of products that are not indexed in this generation.
pub async fn count_unindexed(db: &impl ConnectionTrait, generation: i32) -> Result<u64, DbErr> {
    let is_missing = INDEX.is_missing(generation);
    count(db, Query::select().from(INDEX.table).and_where(is_missing)).await
}

async fn count(db: &impl ConnectionTrait, query: &mut SelectStatement) -> Result<u64, DbErr> {
    query.expr_as(Func::count(Expr::col(Asterisk)), "counted");
    let row = db.query_one(&*query).await?;
    let counted: i64 = row.map_or(Ok(0), |row| row.try_get("", "counted"))?;
    Ok(counted.unsigned_abs())
}

/// Returns the number of entries without product in this generation.
pub async fn count_orphaned_entries(
    db: &impl ConnectionTrait,
    generation: i32,
) -> Result<u64, DbErr> {
    INDEX.count_orphans(db, generation).await
}

/// Returns indexed products after `last`, ordered by ID: every `step`-th one, from number `first` on. Products that wait
/// to be indexed again are skipped.
pub async fn find_indexed(
    db: &impl ConnectionTrait,
    (step, first): (u64, u64),
    last: Option<ProductId>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let (rows, owner, table) = (INDEX.rows, INDEX.owner, INDEX.table);
    let is_chosen = Expr::cust(format!(
        "EXISTS (SELECT 1 FROM {rows} WHERE {rows}.{owner} = {table}.id AND {rows}.seq % {step} = {first}) \
         AND NOT EXISTS (SELECT 1 FROM search_queue WHERE search_queue.product_id = {table}.id)"
    ));
    let mut select = Entity::find()
        .filter(is_chosen)
        .order_by_asc(Column::Id)
        .limit(limit);
    if let Some(last) = last {
        select = select.filter(Column::Id.gt(last));
    }
    select.all(db).await
}

/// Returns for each product the number of its stored words that differ from those of its present texts.
pub async fn differing_words(
    db: &impl ConnectionTrait,
    language: Language,
    generation: i32,
    products: &[Model],
) -> Result<Vec<usize>, DbErr> {
    let documents = documents(db, language, products, SearchCodes::new()).await?;
    let ids = products.iter().map(|product| product.id.into());
    let documents: Vec<(Uuid, Document)> = ids.zip(documents).collect();
    INDEX.differing_words(db, generation, &documents).await
}
