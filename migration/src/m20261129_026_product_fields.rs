//! Additional fields of products: brand, tags, texts for search engines, the description as HTML, the times of
//! publication, and related products.
//!
//! The columns are nullable, so that adding them rewrites no row. Constraints belong to their columns, because SQLite
//! drops a column only with its own constraints.

use crate::columns::{foreign_key, index, integer, key_text, length_between, reference, text};
use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

/// Each column with its type and its constraint.
const COLUMNS: [(&str, &str); 6] = [
    (
        "brand",
        "TEXT CONSTRAINT products_brand_check CHECK (length(brand) BETWEEN 1 AND 100)",
    ),
    ("seo_title", "TEXT"),
    ("seo_description", "TEXT"),
    ("description_html", "TEXT"),
    ("published_at", "BIGINT"),
    ("available_from", "BIGINT"),
];

/// Most products have none of these values, and a partial index has no entry for them.
const INDEXES: [(&str, &str); 2] = [
    ("products_brand_idx", "brand"),
    ("products_available_from_idx", "available_from"),
];

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        for (name, definition) in COLUMNS {
            let add = format!("ALTER TABLE products ADD COLUMN {name} {definition}");
            db.execute_unprepared(&add).await?;
        }
        for (name, column) in INDEXES {
            let create =
                format!("CREATE INDEX {name} ON products ({column}) WHERE {column} IS NOT NULL");
            db.execute_unprepared(&create).await?;
        }
        create_tags(manager).await?;
        create_relations(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        for table in ["product_relations", "product_tags"] {
            let drop = Table::drop().table(table).take();
            manager.drop_table(drop).await?;
        }
        for (name, _) in INDEXES {
            db.execute_unprepared(&format!("DROP INDEX {name}")).await?;
        }
        for (name, _) in COLUMNS {
            let drop = format!("ALTER TABLE products DROP COLUMN {name}");
            db.execute_unprepared(&drop).await?;
        }
        Ok(())
    }
}

/// Tags are compared by their key, which ignores case.
async fn create_tags(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let tags = Table::create()
        .table("product_tags")
        .col(reference("product_id"))
        .col(key_text("tag_key", manager))
        .col(text("tag"))
        .col(integer("position"))
        .primary_key(
            Index::create()
                .name("product_tags_pkey")
                .col("product_id")
                .col("tag_key"),
        )
        .foreign_key(&mut foreign_key(
            "product_tags_product_id_fkey",
            ("product_tags", "product_id"),
            "products",
            ForeignKeyAction::Cascade,
        ))
        .check(length_between("product_tags_tag_check", "tag", 1, 50))
        .take();
    manager.create_table(tags).await?;
    index(
        manager,
        "product_tags",
        "product_tags_tag_key_idx",
        &["tag_key", "product_id"],
    )
    .await
}

async fn create_relations(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let relations = Table::create()
        .table("product_relations")
        .col(reference("product_id"))
        .col(reference("related_id"))
        .col(integer("position"))
        .primary_key(
            Index::create()
                .name("product_relations_pkey")
                .col("product_id")
                .col("related_id"),
        )
        .foreign_key(&mut foreign_key(
            "product_relations_product_id_fkey",
            ("product_relations", "product_id"),
            "products",
            ForeignKeyAction::Cascade,
        ))
        .foreign_key(&mut foreign_key(
            "product_relations_related_id_fkey",
            ("product_relations", "related_id"),
            "products",
            ForeignKeyAction::Cascade,
        ))
        .check(Check::named(
            "product_relations_related_id_check",
            Expr::col("related_id").ne(Expr::col("product_id")),
        ))
        .take();
    manager.create_table(relations).await?;
    index(
        manager,
        "product_relations",
        "product_relations_related_id_idx",
        &["related_id"],
    )
    .await
}
