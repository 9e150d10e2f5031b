//! Images in the object store: jobs in the outbox, multipart uploads, avatars.

use crate::columns::{
    between, foreign_key, id, index, integer, reference, text, timestamp, unique,
};
use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        for change in [
            "ALTER TABLE outbox ADD COLUMN kind TEXT NOT NULL DEFAULT 'LETTER' CONSTRAINT outbox_kind_check \
             CHECK (kind IN ('LETTER', 'DELETE', 'RESIZE', 'FETCH', 'DEMO'))",
            "ALTER TABLE product_images ADD COLUMN sized_at BIGINT",
            "ALTER TABLE product_images ADD COLUMN source_url TEXT",
            "DROP INDEX outbox_due_at_idx",
            "CREATE INDEX outbox_kind_due_at_idx ON outbox (kind, due_at, id)",
            // An image is fetched from a URL only once.
            "CREATE UNIQUE INDEX product_images_source_url_key ON product_images (product_id, source_url)",
        ] {
            db.execute_unprepared(change).await?;
        }
        recreate_demo_images(manager).await?;
        manager.create_table(uploads()).await?;
        manager.create_table(avatars()).await?;
        for (name, column) in [
            ("image_uploads_product_id_idx", "product_id"),
            ("image_uploads_expires_at_idx", "expires_at"),
        ] {
            index(manager, "image_uploads", name, &[column]).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["avatars", "image_uploads"] {
            manager
                .drop_table(Table::drop().table(table).take())
                .await?;
        }
        let db = manager.get_connection();
        for change in [
            "DELETE FROM outbox WHERE kind <> 'LETTER'",
            "DROP INDEX product_images_source_url_key",
            "ALTER TABLE product_images DROP COLUMN source_url",
            "ALTER TABLE product_images DROP COLUMN sized_at",
            "DROP INDEX outbox_kind_due_at_idx",
            "CREATE INDEX outbox_due_at_idx ON outbox (due_at, id)",
            "ALTER TABLE outbox DROP COLUMN kind",
        ] {
            db.execute_unprepared(change).await?;
        }
        Ok(())
    }
}

/// Before this migration there was no store: all images belong to the demo catalogue and have no objects. A job in
/// the outbox creates them again.
async fn recreate_demo_images(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let id = match manager.get_database_backend() {
        DbBackend::Postgres => "gen_random_uuid()",
        _ => "randomblob(16)",
    };
    let never = i64::MAX;
    let task = format!(
        "INSERT INTO outbox (id, kind, subject, body, attempts, created_at, due_at, expires_at) \
         SELECT {id}, 'DEMO', '', '', 0, 0, 0, {never} WHERE EXISTS (SELECT 1 FROM product_images)"
    );
    db.execute_unprepared(&task).await?;
    db.execute_unprepared("DELETE FROM product_images").await?;
    Ok(())
}

fn uploads() -> TableCreateStatement {
    Table::create()
        .table("image_uploads")
        .col(id())
        .col(reference("product_id"))
        .col(text("object_key"))
        .col(text("content_type"))
        .col(integer("bytes"))
        .col(text("alt"))
        .col(reference("deletion_id"))
        .col(timestamp("created_at"))
        .col(timestamp("expires_at"))
        .index(&mut unique("image_uploads_object_key_key", "object_key"))
        .foreign_key(&mut foreign_key(
            "image_uploads_product_id_fkey",
            ("image_uploads", "product_id"),
            "products",
            // The outbox contains the deletion of the object.
            ForeignKeyAction::Cascade,
        ))
        .check(between(
            "image_uploads_bytes_check",
            "bytes",
            1,
            i64::from(i32::MAX),
        ))
        .take()
}

fn avatars() -> TableCreateStatement {
    Table::create()
        .table("avatars")
        .col(id())
        .col(reference("user_id"))
        .col(text("object_key"))
        .col(text("content_type"))
        .col(integer("width"))
        .col(integer("height"))
        .col(integer("bytes"))
        .col(ColumnDef::new("placeholder").text())
        .col(ColumnDef::new("sized_at").big_integer())
        .col(timestamp("created_at"))
        .index(&mut unique("avatars_user_id_key", "user_id"))
        .index(&mut unique("avatars_object_key_key", "object_key"))
        .foreign_key(&mut foreign_key(
            "avatars_user_id_fkey",
            ("avatars", "user_id"),
            "users",
            // Not CASCADE: it would delete the key with the row, and the object would remain in the store.
            ForeignKeyAction::NoAction,
        ))
        .check(between("avatars_width_check", "width", 1, 100_000))
        .check(between("avatars_height_check", "height", 1, 100_000))
        .check(between(
            "avatars_bytes_check",
            "bytes",
            1,
            i64::from(i32::MAX),
        ))
        .take()
}
