//! Taxes, shipping and discounts: the costs of an order besides its items.

mod discounts;
mod shipping;
mod taxes;

use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

/// The maximum amount of money, in minor units.
const MAX_AMOUNT: i64 = 1_000_000_000_000;
/// 100 % in parts per million.
const MILLION: i64 = 1_000_000;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        taxes::create(manager).await?;
        shipping::create(manager).await?;
        discounts::create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        discounts::drop(manager).await?;
        shipping::drop(manager).await?;
        taxes::drop(manager).await
    }
}

/// Drops tables, each before those it refers to.
async fn drop_tables(manager: &SchemaManager<'_>, tables: &[&'static str]) -> Result<(), DbErr> {
    for table in tables {
        manager
            .drop_table(Table::drop().table(*table).take())
            .await?;
    }
    Ok(())
}
