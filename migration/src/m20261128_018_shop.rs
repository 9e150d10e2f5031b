//! Properties of the shop that define the meaning of its rows: the currency of all prices. At most one row.

use crate::columns::{integer, length_between, text};
use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let shop = Table::create()
            .table("shop")
            .col(integer("id").primary_key())
            .col(text("currency"))
            .check(Check::named("shop_id_check", Expr::col("id").eq(1)))
            .check(length_between("shop_currency_check", "currency", 3, 3))
            .take();
        manager.create_table(shop).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("shop").take()).await
    }
}
