//! Product images: the properties of a stored object, and its position in the gallery of its product.

use crate::columns::{
    between, foreign_key, id, index, integer, reference, text, timestamp, unique,
};
use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let images = Table::create()
            .table("product_images")
            .col(id())
            .col(reference("product_id"))
            .col(integer("position"))
            .col(text("object_key"))
            .col(text("content_type"))
            .col(integer("width"))
            .col(integer("height"))
            .col(integer("bytes"))
            .col(text("alt"))
            .col(ColumnDef::new("placeholder").text())
            .col(timestamp("created_at"))
            .index(&mut unique("product_images_object_key_key", "object_key"))
            .foreign_key(&mut foreign_key(
                "product_images_product_id_fkey",
                ("product_images", "product_id"),
                "products",
                // Not CASCADE: it would delete the key with the row, and the object would remain in the store.
                ForeignKeyAction::NoAction,
            ))
            .check(between("product_images_width_check", "width", 1, 100_000))
            .check(between("product_images_height_check", "height", 1, 100_000))
            .check(between(
                "product_images_bytes_check",
                "bytes",
                1,
                i64::from(i32::MAX),
            ))
            .take();
        manager.create_table(images).await?;
        index(
            manager,
            "product_images",
            "product_images_product_id_idx",
            &["product_id", "position"],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("product_images").take())
            .await
    }
}
