//! Tax classes, their rates by country and region, and the tax class of a variant.

use super::{MILLION, drop_tables};
use crate::columns::{
    between, boolean, foreign_key, id, index, integer, key_text, length_between, reference, text,
    timestamp, unique, version,
};
use crate::prelude::*;

pub(super) async fn create(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let classes = Table::create()
        .table("tax_classes")
        .col(id())
        .col(text("name"))
        .col(key_text("name_key", manager))
        .col(boolean("is_default"))
        .col(version())
        .col(timestamp("created_at"))
        .col(timestamp("updated_at"))
        .index(&mut unique("tax_classes_name_key_key", "name_key"))
        .check(length_between("tax_classes_name_check", "name", 1, 100))
        .take();
    manager.create_table(classes).await?;
    let only_default = Index::create()
        .name("tax_classes_is_default_key")
        .table("tax_classes")
        .col("is_default")
        .unique()
        .and_where(Expr::col("is_default").eq(true))
        .take();
    manager.create_index(only_default).await?;
    let rates = Table::create()
        .table("tax_rates")
        .col(id())
        .col(reference("tax_class_id"))
        .col(key_text("country", manager))
        .col(key_text("region", manager))
        .col(text("name"))
        .col(integer("ppm"))
        .col(version())
        .col(timestamp("created_at"))
        .col(timestamp("updated_at"))
        .index(
            Index::create()
                .name("tax_rates_country_region_tax_class_id_key")
                .col("country")
                .col("region")
                .col("tax_class_id")
                .unique(),
        )
        .foreign_key(&mut foreign_key(
            "tax_rates_tax_class_id_fkey",
            ("tax_rates", "tax_class_id"),
            "tax_classes",
            ForeignKeyAction::Cascade,
        ))
        .check(length_between("tax_rates_country_check", "country", 2, 2))
        .check(length_between("tax_rates_name_check", "name", 1, 100))
        .check(between("tax_rates_ppm_check", "ppm", 0, MILLION))
        .take();
    manager.create_table(rates).await?;
    index(
        manager,
        "tax_rates",
        "tax_rates_tax_class_id_idx",
        &["tax_class_id"],
    )
    .await?;
    add_to_variants(manager).await
}

/// Servers of the previous version do not write this column: null is the default class.
async fn add_to_variants(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    // The types of `ColumnDef::uuid`. SQLite adds a foreign key only with its column.
    let uuid = match manager.get_database_backend() {
        DbBackend::Postgres => "uuid",
        _ => "uuid_text",
    };
    let add = format!(
        "ALTER TABLE variants ADD COLUMN tax_class_id {uuid} \
         CONSTRAINT variants_tax_class_id_fkey REFERENCES tax_classes (id)"
    );
    manager.get_connection().execute_unprepared(&add).await?;
    let with_class = Index::create()
        .name("variants_tax_class_id_idx")
        .table("variants")
        .col("tax_class_id")
        .and_where(Expr::col("tax_class_id").is_not_null())
        .take();
    manager.create_index(with_class).await
}

pub(super) async fn drop(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    for statement in [
        "DROP INDEX variants_tax_class_id_idx",
        "ALTER TABLE variants DROP COLUMN tax_class_id",
    ] {
        db.execute_unprepared(statement).await?;
    }
    drop_tables(manager, &["tax_rates", "tax_classes"]).await
}
