//! Rows of `category_images`.

use sea_orm::entity::prelude::*;

use crate::catalog::category::CategoryId;
use crate::core::clock::Timestamp;
use crate::platform::media::{ImageId, StoredImage};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "category_images")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ImageId,
    pub category_id: CategoryId,
    /// Key of the object in the object store.
    pub object_key: String,
    /// Media type, such as `image/png`.
    pub content_type: String,
    /// In pixels, after applying the EXIF orientation.
    pub width: i32,
    pub height: i32,
    pub bytes: i32,
    pub alt: String,
    /// A tiny preview image as a `data:` URI.
    pub placeholder: Option<String>,
    /// Time when its resized variants were stored. Null until then.
    pub sized_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

impl From<Model> for StoredImage {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            key: row.object_key,
            content_type: row.content_type,
            width: row.width,
            height: row.height,
            bytes: row.bytes,
            alt: row.alt,
            placeholder: row.placeholder,
            sized: row.sized_at.is_some(),
        }
    }
}

crate::no_relations!();
