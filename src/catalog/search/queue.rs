//! Products to be indexed again because something they are found by has changed elsewhere: the name of a category, of
//! an option or of an attribute's choice.

use sea_orm::sea_query::{OnConflict, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr};

const TABLE: &str = "search_queue";
const PRODUCT: &str = "product_id";

/// Adds the products whose IDs a query returns.
pub async fn add(db: &impl ConnectionTrait, products: SelectStatement) -> Result<(), DbErr> {
    let conflict = OnConflict::column(PRODUCT).do_nothing().to_owned();
    let mut insert = Query::insert();
    insert
        .into_table(TABLE)
        .columns([PRODUCT])
        .on_conflict(conflict);
    insert
        .select_from(products)
        .map_err(|error| DbErr::Custom(error.to_string()))?;
    db.execute(&insert).await?;
    Ok(())
}
