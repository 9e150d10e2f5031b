//! The tables.

use crate::columns::{
    between, boolean, bytes, foreign_key, id, index, integer, length_between, reference, text,
    timestamp, unique, version,
};
use crate::prelude::*;

const MAX_QUANTITY: i64 = 10_000;
const MAX_LINES: i64 = 100;
const MAX_NOTE: i64 = 2_000;

pub(super) async fn create(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    create_carts(manager).await?;
    create_lines(manager).await?;
    create_addresses(manager).await
}

pub(super) async fn drop(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    for table in ["addresses", "cart_lines", "carts"] {
        manager
            .drop_table(Table::drop().table(table).take())
            .await?;
    }
    Ok(())
}

fn optional_text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().take()
}

async fn create_carts(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let one_owner = Expr::cust("(token_hash IS NULL) <> (user_id IS NULL)");
    let carts = Table::create()
        .table("carts")
        .col(id())
        .col(ColumnDef::new("token_hash").binary())
        .col(ColumnDef::new("user_id").uuid())
        .col(optional_text("email"))
        .col(optional_text("phone"))
        .col(optional_text("note"))
        .col(optional_text("locale"))
        .col(optional_text("shipping_address"))
        .col(optional_text("billing_address"))
        .col(ColumnDef::new("shipping_method_id").uuid())
        .col(optional_text("discount_codes"))
        .col(integer("line_count"))
        .col(version())
        .col(timestamp("created_at"))
        .col(timestamp("updated_at"))
        .col(timestamp("expires_at"))
        .index(&mut unique("carts_token_hash_key", "token_hash"))
        .index(&mut unique("carts_user_id_key", "user_id"))
        .foreign_key(&mut foreign_key(
            "carts_user_id_fkey",
            ("carts", "user_id"),
            "users",
            ForeignKeyAction::Cascade,
        ))
        .check(Check::named("carts_owner_check", one_owner))
        .check(between(
            "carts_line_count_check",
            "line_count",
            0,
            MAX_LINES,
        ))
        .check(length_between("carts_note_check", "note", 1, MAX_NOTE))
        .take();
    manager.create_table(carts).await?;
    index(manager, "carts", "carts_expires_at_idx", &["expires_at"]).await
}

async fn create_lines(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let lines = Table::create()
        .table("cart_lines")
        .col(id())
        .col(reference("cart_id"))
        .col(reference("variant_id"))
        .col(integer("quantity"))
        .col(text("attributes"))
        .col(bytes("attributes_hash"))
        .col(ColumnDef::new("seen_price").big_integer().not_null())
        .col(integer("position"))
        .index(
            Index::create()
                .name("cart_lines_item_key")
                .col("cart_id")
                .col("variant_id")
                .col("attributes_hash")
                .unique(),
        )
        .foreign_key(&mut foreign_key(
            "cart_lines_cart_id_fkey",
            ("cart_lines", "cart_id"),
            "carts",
            ForeignKeyAction::Cascade,
        ))
        .foreign_key(&mut foreign_key(
            "cart_lines_variant_id_fkey",
            ("cart_lines", "variant_id"),
            "variants",
            ForeignKeyAction::Cascade,
        ))
        .check(between(
            "cart_lines_quantity_check",
            "quantity",
            1,
            MAX_QUANTITY,
        ))
        .take();
    manager.create_table(lines).await?;
    // For the deletion of a variant.
    index(
        manager,
        "cart_lines",
        "cart_lines_variant_id_idx",
        &["variant_id"],
    )
    .await
}

async fn create_addresses(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let addresses = Table::create()
        .table("addresses")
        .col(id())
        .col(reference("user_id"))
        .col(text("name"))
        .col(optional_text("company"))
        .col(text("street1"))
        .col(optional_text("street2"))
        .col(optional_text("city"))
        .col(optional_text("region"))
        .col(optional_text("postal_code"))
        .col(text("country"))
        .col(optional_text("phone"))
        .col(optional_text("vat_id"))
        .col(boolean("default_shipping"))
        .col(boolean("default_billing"))
        .col(timestamp("created_at"))
        .col(timestamp("updated_at"))
        .foreign_key(&mut foreign_key(
            "addresses_user_id_fkey",
            ("addresses", "user_id"),
            "users",
            ForeignKeyAction::Cascade,
        ))
        .check(length_between("addresses_country_check", "country", 2, 2))
        .take();
    manager.create_table(addresses).await?;
    index(
        manager,
        "addresses",
        "addresses_user_id_idx",
        &["user_id", "created_at"],
    )
    .await?;
    for default in ["shipping", "billing"] {
        let sql = format!(
            "CREATE UNIQUE INDEX addresses_default_{default}_key ON addresses (user_id) WHERE default_{default}"
        );
        manager.get_connection().execute_unprepared(&sql).await?;
    }
    Ok(())
}
