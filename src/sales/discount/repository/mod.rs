//! Queries on `discounts`, `discount_targets` and `discount_uses`.

mod uses;
mod writes;

pub use uses::*;
pub use writes::*;

use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Select,
};

use super::entity::{Column, DiscountId, Entity, Model, target};
use super::list::{Filter, List, Search, SortField};
use crate::core::clock::Timestamp;
use crate::core::pagination::Total;
use crate::infra::database::{count as counting, keyset};

/// Returns the discounts of `ids`, in no particular order.
pub async fn find_many(db: &impl ConnectionTrait, ids: &[DiscountId]) -> Result<Vec<Model>, DbErr> {
    let ids = ids.iter().copied();
    Entity::find().filter(Column::Id.is_in(ids)).all(db).await
}

/// Returns a discount, locked against changes and uses until the transaction ends.
pub async fn lock(db: &impl ConnectionTrait, id: DiscountId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// Returns the targets of discounts, in their order.
pub async fn targets_of(
    db: &impl ConnectionTrait,
    discounts: &[DiscountId],
) -> Result<Vec<target::Model>, DbErr> {
    target::Entity::find()
        .filter(target::Column::DiscountId.is_in(discounts.iter().copied()))
        .order_by_asc(target::Column::Position)
        .all(db)
        .await
}

/// Returns the number of discounts without a code.
pub async fn count_automatic(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    let automatic = Entity::find().filter(Column::CodeKey.is_null());
    automatic.count(db).await
}

/// Returns whether there are no discounts.
pub async fn is_empty(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    Ok(Entity::find().one(db).await?.is_none())
}

/// Returns the active discounts with any of these codes, and the current ones without a code, oldest first.
pub async fn candidates(
    db: &impl ConnectionTrait,
    code_keys: &[String],
    now: Timestamp,
) -> Result<Vec<Model>, DbErr> {
    let starts = Column::StartsAt.is_null().or(Column::StartsAt.lte(now));
    let ends = Column::EndsAt.is_null().or(Column::EndsAt.gt(now));
    let automatic = Column::CodeKey.is_null().and(starts).and(ends);
    let wanted = Condition::any()
        .add(automatic)
        .add(Column::CodeKey.is_in(code_keys));
    Entity::find()
        .filter(Column::Active.eq(true))
        .filter(wanted)
        .order_by_asc(Column::Id)
        .all(db)
        .await
}

/// Returns the rows of one page and one row more.
pub async fn list(db: &impl ConnectionTrait, list: &List) -> Result<Vec<Model>, DbErr> {
    let mut select = filtered(&list.filter);
    let column = match list.sort.field {
        SortField::Name => Column::NameKey,
        SortField::CreatedAt => Column::CreatedAt,
    };
    keyset::apply(
        QuerySelect::query(&mut select),
        (Entity, column),
        (Entity, Column::Id),
        list.sort.direction,
        &list.paging,
    );
    select.all(db).await
}

/// Counts the discounts that match the filter.
pub async fn count(db: &impl ConnectionTrait, filter: &Filter) -> Result<Total, DbErr> {
    counting::total(db, filtered(filter).into_query()).await
}

fn filtered(filter: &Filter) -> Select<Entity> {
    let mut all = Condition::all();
    if let Some(active) = filter.active {
        all = all.add(Column::Active.eq(active));
    }
    match filter.automatic {
        Some(true) => all = all.add(Column::CodeKey.is_null()),
        Some(false) => all = all.add(Column::CodeKey.is_not_null()),
        None => {}
    }
    if let Some(Search { name, code }) = &filter.search {
        let name = contains(Column::NameKey, name);
        all = all.add(name.or(contains(Column::CodeKey, code)));
    }
    Entity::find().filter(all)
}

/// Returns a condition for a substring. Both databases compare case-sensitively.
fn contains(column: Column, text: &str) -> Expr {
    let escaped = text
        .replace('\\', r"\\")
        .replace('%', r"\%")
        .replace('_', r"\_");
    Expr::col((Entity, column)).like(LikeExpr::new(format!("%{escaped}%")).escape('\\'))
}
