//! Reads the whole tree without the columns that only a category page needs.

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect, Select,
};

use crate::catalog::category::entity::{CategoryId, Column, Entity};

/// A category as a node of the tree.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct TreeRow {
    pub id: CategoryId,
    pub parent_id: Option<CategoryId>,
    pub position: i32,
    pub path: String,
    pub visible: bool,
    pub name: String,
}

/// Returns all categories in tree order.
pub async fn nodes(db: &impl ConnectionTrait) -> Result<Vec<TreeRow>, DbErr> {
    let select = select().order_by_asc(Column::Path);
    select.into_model().all(db).await
}

/// Returns the existing categories of `ids`, in no particular order.
pub async fn find_nodes(
    db: &impl ConnectionTrait,
    ids: &[CategoryId],
) -> Result<Vec<TreeRow>, DbErr> {
    let select = select().filter(Column::Id.is_in(ids.iter().copied()));
    select.into_model().all(db).await
}

fn select() -> Select<Entity> {
    Entity::find().select_only().columns([
        Column::Id,
        Column::ParentId,
        Column::Position,
        Column::Path,
        Column::Visible,
        Column::Name,
    ])
}
