//! Typed attributes of products and variants, and the product types that group them.
//!
//! A value is a row with one typed column. Numbers are millionths and dates are days since 1970: both are exact, and
//! sort as integers on both databases.

use crate::columns::{
    boolean, foreign_key, id, index, integer, key_text, length_between, reference, text, timestamp,
    unique, version,
};
use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

const KINDS: [&str; 7] = [
    "TEXT",
    "NUMBER",
    "BOOLEAN",
    "CHOICE",
    "DATE",
    "PRODUCT_REFERENCE",
    "CATEGORY_REFERENCE",
];
/// The typed columns of a value, of which one is set.
const TYPED: [&str; 7] = [
    "text_value",
    "number_value",
    "boolean_value",
    "choice_id",
    "date_value",
    "referenced_product_id",
    "referenced_category_id",
];
/// 10,000,000,000 in millionths.
const MAX_NUMBER: i64 = 10_000_000_000_000_000;
/// Values of different products are found by these columns. A partial index has no entry for values of other types.
const BY_VALUE: [(&str, &str, &str); 4] = [
    (
        "attribute_values_number_idx",
        "attribute_id, number_value",
        "number_value",
    ),
    (
        "attribute_values_boolean_idx",
        "attribute_id, boolean_value",
        "boolean_value",
    ),
    (
        "attribute_values_date_idx",
        "attribute_id, date_value",
        "date_value",
    ),
    (
        "attribute_values_text_idx",
        "attribute_id, text_value",
        "text_value",
    ),
];
/// A choice or a reference occurs once per owner. These indexes also serve filters and deletions.
const ONCE: [(&str, &str, &str); 6] = [
    (
        "attribute_values_choice_id_product_id_key",
        "choice_id",
        "product_id",
    ),
    (
        "attribute_values_choice_id_variant_id_key",
        "choice_id",
        "variant_id",
    ),
    (
        "attribute_values_referenced_product_id_product_id_key",
        "referenced_product_id, attribute_id",
        "product_id",
    ),
    (
        "attribute_values_referenced_product_id_variant_id_key",
        "referenced_product_id, attribute_id",
        "variant_id",
    ),
    (
        "attribute_values_referenced_category_id_product_id_key",
        "referenced_category_id, attribute_id",
        "product_id",
    ),
    (
        "attribute_values_referenced_category_id_variant_id_key",
        "referenced_category_id, attribute_id",
        "variant_id",
    ),
];

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_product_types(manager).await?;
        create_attributes(manager).await?;
        create_type_attributes(manager).await?;
        create_choices(manager).await?;
        create_values(manager).await?;
        let id = match manager.get_database_backend() {
            DbBackend::Postgres => "UUID",
            _ => "BLOB",
        };
        let db = manager.get_connection();
        // Nullable, so that adding it rewrites no row and servers of the previous version need not know it.
        db.execute_unprepared(&format!(
            "ALTER TABLE products ADD COLUMN product_type_id {id} \
             CONSTRAINT products_product_type_id_fkey REFERENCES product_types (id)"
        ))
        .await?;
        db.execute_unprepared(
            "CREATE INDEX products_product_type_id_idx ON products (product_type_id) \
             WHERE product_type_id IS NOT NULL",
        )
        .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        db.execute_unprepared("DROP INDEX products_product_type_id_idx")
            .await?;
        db.execute_unprepared("ALTER TABLE products DROP COLUMN product_type_id")
            .await?;
        for table in [
            "attribute_values",
            "attribute_choices",
            "product_type_attributes",
            "attributes",
            "product_types",
        ] {
            manager
                .drop_table(Table::drop().table(table).take())
                .await?;
        }
        Ok(())
    }
}

async fn create_product_types(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let types = Table::create()
        .table("product_types")
        .col(id())
        .col(text("name"))
        .col(key_text("name_key", manager))
        .col(key_text("slug", manager))
        .col(version())
        .col(timestamp("created_at"))
        .col(timestamp("updated_at"))
        .index(&mut unique("product_types_name_key_key", "name_key"))
        .index(&mut unique("product_types_slug_key", "slug"))
        .check(length_between("product_types_name_check", "name", 1, 100))
        .take();
    manager.create_table(types).await
}

async fn create_attributes(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let column = |name: &'static str| Expr::col(name);
    let attributes = Table::create()
        .table("attributes")
        .col(id())
        .col(text("name"))
        .col(key_text("code", manager))
        .col(text("kind"))
        .col(text("owner"))
        .col(ColumnDef::new("unit").text())
        .col(boolean("multiple"))
        .col(boolean("searchable"))
        .col(boolean("filterable"))
        .col(integer("position"))
        .col(version())
        .col(timestamp("created_at"))
        .col(timestamp("updated_at"))
        .index(&mut unique("attributes_code_key", "code"))
        .check(length_between("attributes_name_check", "name", 1, 100))
        .check(length_between("attributes_code_check", "code", 1, 64))
        .check(length_between("attributes_unit_check", "unit", 1, 20))
        .check(Check::named(
            "attributes_kind_check",
            column("kind").is_in(KINDS),
        ))
        .check(Check::named(
            "attributes_owner_check",
            column("owner").is_in(["PRODUCT", "VARIANT"]),
        ))
        .check(Check::named(
            "attributes_unit_kind_check",
            column("unit").is_null().or(column("kind").eq("NUMBER")),
        ))
        .check(Check::named(
            "attributes_multiple_kind_check",
            column("multiple")
                .eq(false)
                .or(column("kind").is_in([KINDS[3], KINDS[5], KINDS[6]])),
        ))
        .take();
    manager.create_table(attributes).await
}

async fn create_type_attributes(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let cascade = |name, column, to| {
        let from = ("product_type_attributes", column);
        foreign_key(name, from, to, ForeignKeyAction::Cascade)
    };
    let links = Table::create()
        .table("product_type_attributes")
        .col(reference("product_type_id"))
        .col(reference("attribute_id"))
        .col(integer("position"))
        .primary_key(
            Index::create()
                .name("product_type_attributes_pkey")
                .col("product_type_id")
                .col("attribute_id"),
        )
        .foreign_key(&mut cascade(
            "product_type_attributes_product_type_id_fkey",
            "product_type_id",
            "product_types",
        ))
        .foreign_key(&mut cascade(
            "product_type_attributes_attribute_id_fkey",
            "attribute_id",
            "attributes",
        ))
        .take();
    manager.create_table(links).await?;
    let (table, name) = (
        "product_type_attributes",
        "product_type_attributes_attribute_id_idx",
    );
    index(manager, table, name, &["attribute_id"]).await
}

async fn create_choices(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let pair = |name: &'static str, column: &'static str| {
        Index::create()
            .name(name)
            .col("attribute_id")
            .col(column)
            .unique()
            .take()
    };
    let choices = Table::create()
        .table("attribute_choices")
        .col(id())
        .col(reference("attribute_id"))
        .col(text("name"))
        .col(key_text("name_key", manager))
        .col(key_text("code", manager))
        .col(ColumnDef::new("swatch").text())
        .col(integer("position"))
        .col(version())
        .index(&mut pair(
            "attribute_choices_attribute_id_name_key_key",
            "name_key",
        ))
        .index(&mut pair("attribute_choices_attribute_id_code_key", "code"))
        // The foreign key of values refers to it: a value has a choice of its own attribute.
        .index(&mut pair("attribute_choices_attribute_id_id_key", "id"))
        .foreign_key(&mut foreign_key(
            "attribute_choices_attribute_id_fkey",
            ("attribute_choices", "attribute_id"),
            "attributes",
            ForeignKeyAction::Cascade,
        ))
        .check(length_between(
            "attribute_choices_name_check",
            "name",
            1,
            100,
        ))
        .check(length_between(
            "attribute_choices_code_check",
            "code",
            1,
            64,
        ))
        .check(length_between(
            "attribute_choices_swatch_check",
            "swatch",
            7,
            7,
        ))
        .take();
    manager.create_table(choices).await
}

async fn create_values(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let set = |columns: &[&str]| {
        let set = columns
            .iter()
            .map(|column| format!("CASE WHEN {column} IS NULL THEN 0 ELSE 1 END"));
        format!("{} = 1", set.collect::<Vec<_>>().join(" + "))
    };
    let cascade = |name, column, to| {
        foreign_key(
            name,
            ("attribute_values", column),
            to,
            ForeignKeyAction::Cascade,
        )
    };
    let uuid = |name: &'static str| ColumnDef::new(name).uuid().take();
    let mut choice = ForeignKey::create()
        .name("attribute_values_choice_id_fkey")
        .from("attribute_values", ("attribute_id", "choice_id"))
        .to("attribute_choices", ("attribute_id", "id"))
        .on_delete(ForeignKeyAction::Cascade)
        .take();
    let values = Table::create()
        .table("attribute_values")
        .col(id())
        .col(reference("attribute_id"))
        .col(uuid("product_id"))
        .col(uuid("variant_id"))
        .col(integer("position"))
        .col(ColumnDef::new("text_value").text())
        .col(ColumnDef::new("number_value").big_integer())
        .col(ColumnDef::new("boolean_value").boolean())
        .col(uuid("choice_id"))
        .col(ColumnDef::new("date_value").big_integer())
        .col(uuid("referenced_product_id"))
        .col(uuid("referenced_category_id"))
        .foreign_key(&mut cascade(
            "attribute_values_attribute_id_fkey",
            "attribute_id",
            "attributes",
        ))
        .foreign_key(&mut cascade(
            "attribute_values_product_id_fkey",
            "product_id",
            "products",
        ))
        .foreign_key(&mut cascade(
            "attribute_values_variant_id_fkey",
            "variant_id",
            "variants",
        ))
        .foreign_key(&mut choice)
        .foreign_key(&mut cascade(
            "attribute_values_referenced_product_id_fkey",
            "referenced_product_id",
            "products",
        ))
        .foreign_key(&mut cascade(
            "attribute_values_referenced_category_id_fkey",
            "referenced_category_id",
            "categories",
        ))
        .check(Check::named(
            "attribute_values_owner_check",
            Expr::cust(set(&["product_id", "variant_id"])),
        ))
        .check(Check::named(
            "attribute_values_value_check",
            Expr::cust(set(&TYPED)),
        ))
        .check(Check::named(
            "attribute_values_number_check",
            Expr::col("number_value").between(-MAX_NUMBER, MAX_NUMBER),
        ))
        .check(length_between(
            "attribute_values_text_check",
            "text_value",
            1,
            500,
        ))
        .take();
    manager.create_table(values).await?;
    index_values(manager).await
}

async fn index_values(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let mut create = Vec::new();
    for owner in ["product_id", "variant_id"] {
        create.push(format!(
            "CREATE UNIQUE INDEX attribute_values_{owner}_key ON attribute_values \
             ({owner}, attribute_id, position) WHERE {owner} IS NOT NULL"
        ));
    }
    for (name, columns, owner) in ONCE {
        create.push(format!(
            "CREATE UNIQUE INDEX {name} ON attribute_values ({columns}, {owner}) \
             WHERE {} IS NOT NULL AND {owner} IS NOT NULL",
            columns.split(',').next().unwrap_or(columns)
        ));
    }
    for (name, columns, value) in BY_VALUE {
        create.push(format!(
            "CREATE INDEX {name} ON attribute_values ({columns}) WHERE {value} IS NOT NULL"
        ));
    }
    for statement in create {
        db.execute_unprepared(&statement).await?;
    }
    Ok(())
}
