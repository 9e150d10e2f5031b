//! Shipping zones, the countries of each, and its shipping methods with their prices.

use super::{MAX_AMOUNT, drop_tables};
use crate::columns::{
    between, boolean, foreign_key, id, index, integer, key_text, length_between, reference, text,
    timestamp, unique, version,
};
use crate::prelude::*;

const MAX_DAYS: i64 = 365;

pub(super) async fn create(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let zones = Table::create()
        .table("shipping_zones")
        .col(id())
        .col(text("name"))
        .col(key_text("name_key", manager))
        .col(version())
        .col(timestamp("created_at"))
        .col(timestamp("updated_at"))
        .index(&mut unique("shipping_zones_name_key_key", "name_key"))
        .check(length_between("shipping_zones_name_check", "name", 1, 100))
        .take();
    manager.create_table(zones).await?;
    create_countries(manager).await?;
    create_methods(manager).await?;
    create_rates(manager).await
}

/// Empty texts mean any region, or any postal code.
async fn create_countries(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let countries = Table::create()
        .table("zone_countries")
        .col(reference("zone_id"))
        .col(key_text("country", manager))
        .col(key_text("region", manager))
        .col(key_text("postal_prefix", manager))
        .col(boolean("excluded"))
        .primary_key(
            Index::create()
                .name("zone_countries_pkey")
                .col("zone_id")
                .col("country")
                .col("region")
                .col("postal_prefix"),
        )
        .foreign_key(&mut foreign_key(
            "zone_countries_zone_id_fkey",
            ("zone_countries", "zone_id"),
            "shipping_zones",
            ForeignKeyAction::Cascade,
        ))
        .check(length_between(
            "zone_countries_country_check",
            "country",
            2,
            2,
        ))
        .take();
    manager.create_table(countries).await?;
    // A destination belongs to one zone.
    let included = Index::create()
        .name("zone_countries_destination_key")
        .table("zone_countries")
        .col("country")
        .col("region")
        .col("postal_prefix")
        .unique()
        .and_where(Expr::col("excluded").eq(false))
        .take();
    manager.create_index(included).await
}

async fn create_methods(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let methods = Table::create()
        .table("shipping_methods")
        .col(id())
        .col(reference("zone_id"))
        .col(integer("position"))
        .col(text("kind"))
        .col(text("name"))
        .col(text("description"))
        .col(boolean("active"))
        .col(text("price_by"))
        .col(ColumnDef::new("tax_class_id").uuid())
        .col(ColumnDef::new("min_days").integer())
        .col(ColumnDef::new("max_days").integer())
        .col(version())
        .col(timestamp("created_at"))
        .col(timestamp("updated_at"))
        .foreign_key(&mut foreign_key(
            "shipping_methods_zone_id_fkey",
            ("shipping_methods", "zone_id"),
            "shipping_zones",
            ForeignKeyAction::Cascade,
        ))
        .foreign_key(&mut foreign_key(
            "shipping_methods_tax_class_id_fkey",
            ("shipping_methods", "tax_class_id"),
            "tax_classes",
            ForeignKeyAction::Restrict,
        ))
        .check(length_between(
            "shipping_methods_name_check",
            "name",
            1,
            100,
        ))
        .check(Check::named(
            "shipping_methods_kind_check",
            Expr::col("kind").is_in(["SHIP", "PICKUP"]),
        ))
        .check(Check::named(
            "shipping_methods_price_by_check",
            Expr::col("price_by").is_in(["WEIGHT", "AMOUNT"]),
        ))
        .check(between(
            "shipping_methods_min_days_check",
            "min_days",
            0,
            MAX_DAYS,
        ))
        .check(between(
            "shipping_methods_max_days_check",
            "max_days",
            0,
            MAX_DAYS,
        ))
        .check(Check::named(
            "shipping_methods_days_check",
            Expr::col("max_days").gte(Expr::col("min_days")),
        ))
        .take();
    manager.create_table(methods).await?;
    for (name, columns) in [
        (
            "shipping_methods_zone_id_idx",
            ["zone_id", "position"].as_slice(),
        ),
        (
            "shipping_methods_tax_class_id_idx",
            ["tax_class_id"].as_slice(),
        ),
    ] {
        index(manager, "shipping_methods", name, columns).await?;
    }
    Ok(())
}

async fn create_rates(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let rates = Table::create()
        .table("shipping_rates")
        .col(reference("method_id"))
        .col(ColumnDef::new("lower_bound").big_integer().not_null())
        .col(ColumnDef::new("price").big_integer().not_null())
        .primary_key(
            Index::create()
                .name("shipping_rates_pkey")
                .col("method_id")
                .col("lower_bound"),
        )
        .foreign_key(&mut foreign_key(
            "shipping_rates_method_id_fkey",
            ("shipping_rates", "method_id"),
            "shipping_methods",
            ForeignKeyAction::Cascade,
        ))
        .check(between(
            "shipping_rates_lower_bound_check",
            "lower_bound",
            0,
            MAX_AMOUNT,
        ))
        .check(between(
            "shipping_rates_price_check",
            "price",
            0,
            MAX_AMOUNT,
        ))
        .take();
    manager.create_table(rates).await
}

pub(super) async fn drop(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let tables = [
        "shipping_rates",
        "shipping_methods",
        "zone_countries",
        "shipping_zones",
    ];
    drop_tables(manager, &tables).await
}
