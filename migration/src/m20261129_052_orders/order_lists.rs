//! Indexes for the orders that admins list.

use super::execute;
use crate::columns::index;
use crate::prelude::*;

pub(super) async fn create(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    for (name, columns) in [
        ("orders_total_idx", &["total", "id"][..]),
        (
            "orders_statuses_idx",
            &["status", "payment_status", "fulfillment_status"],
        ),
    ] {
        index(manager, "orders", name, columns).await?;
    }
    // Orders without a number have a place in the list, too.
    execute(
        manager,
        "CREATE INDEX orders_number_idx ON orders ((COALESCE(number, 0)), id)",
    )
    .await
}
