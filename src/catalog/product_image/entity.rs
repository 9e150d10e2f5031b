//! Rows of `product_images` and `image_uploads`.

use sea_orm::entity::prelude::*;

use crate::catalog::product::ProductId;
use crate::core::clock::Timestamp;
use crate::platform::media::{ImageId, StoredImage};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "product_images")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ImageId,
    pub product_id: ProductId,
    /// Index in the product's gallery. Starts at 0.
    pub position: i32,
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
    /// URL it was fetched from. Null for uploads.
    pub source_url: Option<String>,
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

/// Rows of `image_uploads`: direct uploads from clients to the object store.
pub mod upload {
    use sea_orm::entity::prelude::*;

    use crate::catalog::product::ProductId;
    use crate::core::clock::Timestamp;

    crate::typed_id!(
        /// The id of a direct upload.
        ImageUploadId,
        "upl",
        "image upload"
    );

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "image_uploads")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ImageUploadId,
        pub product_id: ProductId,
        /// Key of the object that the client uploads.
        pub object_key: String,
        /// Media type declared by the client.
        pub content_type: String,
        /// Size declared by the client, in bytes.
        pub bytes: i32,
        pub alt: String,
        /// The job that deletes the uploaded object.
        pub deletion_id: Uuid,
        pub created_at: Timestamp,
        pub expires_at: Timestamp,
    }

    crate::no_relations!();
}
