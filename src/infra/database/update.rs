//! Updates a row.

use sea_orm::{ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, QueryTrait};

/// Updates the columns of a row that are set. Unlike `ActiveModelTrait::update` it does not read the row back.
pub async fn update_row<A>(db: &impl ConnectionTrait, row: A) -> Result<(), DbErr>
where
    A: ActiveModelTrait,
{
    let update = A::Entity::update(row).validate()?.into_query();
    match db.execute(&update).await?.rows_affected() {
        0 => Err(DbErr::RecordNotUpdated),
        _ => Ok(()),
    }
}
