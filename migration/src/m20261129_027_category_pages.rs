//! Category pages: the image of a category, the order of its products, and an index for counting products by their
//! option values.

use crate::columns::{
    between, foreign_key, id, index, integer, reference, text, timestamp, unique,
};
use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(images()).await?;
        // The default is the end of the category: servers of the previous version do not write it.
        let add = format!(
            "ALTER TABLE product_categories ADD COLUMN position integer NOT NULL DEFAULT {}",
            i32::MAX
        );
        manager.get_connection().execute_unprepared(&add).await?;
        index(
            manager,
            "product_categories",
            "product_categories_position_idx",
            &["category_id", "position", "product_id"],
        )
        .await?;
        recreate_value_index(manager, &["value_id", "variant_id"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        recreate_value_index(manager, &["value_id"]).await?;
        let db = manager.get_connection();
        for change in [
            "DROP INDEX product_categories_position_idx",
            "ALTER TABLE product_categories DROP COLUMN position",
        ] {
            db.execute_unprepared(change).await?;
        }
        manager
            .drop_table(Table::drop().table("category_images").take())
            .await
    }
}

fn images() -> TableCreateStatement {
    Table::create()
        .table("category_images")
        .col(id())
        .col(reference("category_id"))
        .col(text("object_key"))
        .col(text("content_type"))
        .col(integer("width"))
        .col(integer("height"))
        .col(integer("bytes"))
        .col(text("alt"))
        .col(ColumnDef::new("placeholder").text())
        .col(ColumnDef::new("sized_at").big_integer())
        .col(timestamp("created_at"))
        .index(&mut unique(
            "category_images_category_id_key",
            "category_id",
        ))
        .index(&mut unique("category_images_object_key_key", "object_key"))
        .foreign_key(&mut foreign_key(
            "category_images_category_id_fkey",
            ("category_images", "category_id"),
            "categories",
            // Not CASCADE: it would delete the key with the row, and the object would remain in the store.
            ForeignKeyAction::NoAction,
        ))
        .check(between("category_images_width_check", "width", 1, 100_000))
        .check(between(
            "category_images_height_check",
            "height",
            1,
            100_000,
        ))
        .check(between(
            "category_images_bytes_check",
            "bytes",
            1,
            i64::from(i32::MAX),
        ))
        .take()
}

async fn recreate_value_index(
    manager: &SchemaManager<'_>,
    columns: &[&'static str],
) -> Result<(), DbErr> {
    const NAME: &str = "variant_values_value_id_idx";
    let old = Index::drop().name(NAME).table("variant_values").to_owned();
    manager.drop_index(old).await?;
    index(manager, "variant_values", NAME, columns).await
}
