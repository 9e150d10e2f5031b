//! Categories: a tree, and its slug history.
//!
//! The category service derives `path` and `visible`. `path` is the chain of positions from the root (four
//! hexadecimal digits each): it sorts the tree in menu order, and the path of an ancestor is a prefix. `visible` is
//! true if the category and all its ancestors are published.

use crate::columns::{
    between, foreign_key, id, index, integer, key_text, length_between, reference, text, timestamp,
    unique, version,
};
use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let categories = Table::create()
            .table("categories")
            .col(id())
            .col(ColumnDef::new("parent_id").uuid())
            .col(integer("position"))
            .col(key_text("path", manager))
            .col(ColumnDef::new("visible").boolean().not_null())
            .col(text("name"))
            .col(key_text("name_key", manager))
            .col(text("slug"))
            .col(text("description"))
            .col(ColumnDef::new("published").boolean().not_null())
            .col(version())
            .col(timestamp("created_at"))
            .col(timestamp("updated_at"))
            .index(&mut unique("categories_slug_key", "slug"))
            .foreign_key(&mut foreign_key(
                "categories_parent_id_fkey",
                ("categories", "parent_id"),
                "categories",
                // Not RESTRICT: SQLite checks it row by row, even when the whole table is deleted.
                ForeignKeyAction::NoAction,
            ))
            .check(between("categories_position_check", "position", 0, 0xffff))
            .check(length_between("categories_name_check", "name", 1, 200))
            .check(length_between("categories_slug_check", "slug", 1, 200))
            .take();
        manager.create_table(categories).await?;
        for (name, columns) in [
            ("categories_parent_id_idx", ["parent_id", "position"]),
            ("categories_path_idx", ["path", "id"]),
            ("categories_name_idx", ["name_key", "id"]),
            ("categories_created_at_idx", ["created_at", "id"]),
            ("categories_updated_at_idx", ["updated_at", "id"]),
        ] {
            index(manager, "categories", name, &columns).await?;
        }

        let slugs = Table::create()
            .table("category_slugs")
            .col(text("slug").primary_key())
            .col(reference("category_id"))
            .col(timestamp("created_at"))
            .foreign_key(&mut foreign_key(
                "category_slugs_category_id_fkey",
                ("category_slugs", "category_id"),
                "categories",
                ForeignKeyAction::Cascade,
            ))
            .take();
        manager.create_table(slugs).await?;
        index(
            manager,
            "category_slugs",
            "category_slugs_category_id_idx",
            &["category_id"],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["category_slugs", "categories"] {
            manager
                .drop_table(Table::drop().table(table).take())
                .await?;
        }
        Ok(())
    }
}
