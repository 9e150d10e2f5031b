//! The rows of `product_images`, and of the uploads that they come from.

use sea_orm::entity::prelude::*;

use crate::catalog::product::ProductId;
use crate::core::clock::Timestamp;
use crate::platform::media::{ImageId, Picture};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "product_images")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ImageId,
    pub product_id: ProductId,
    /// From 0 in its product's gallery.
    pub position: i32,
    /// Where the object is in the store.
    pub object_key: String,
    /// What the bytes are, such as `image/png`.
    pub content_type: String,
    /// In pixels, as it is shown.
    pub width: i32,
    pub height: i32,
    pub bytes: i32,
    pub alt: String,
    /// A tiny picture to show while the real one loads: a `data:` URI.
    pub placeholder: Option<String>,
    /// When its sizes were there.
    pub sized_at: Option<Timestamp>,
    /// Where it was fetched from, if it was.
    pub source_url: Option<String>,
    pub created_at: Timestamp,
}

impl From<Model> for Picture {
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

/// The rows of `image_uploads`: files that clients send to the store by themselves.
pub mod upload {
    use sea_orm::entity::prelude::*;

    use crate::catalog::product::ProductId;
    use crate::core::clock::Timestamp;

    crate::typed_id!(
        /// The id of an upload.
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
        /// Where the client sends the file.
        pub object_key: String,
        /// What the client says that it is.
        pub content_type: String,
        /// How large it is to be.
        pub bytes: i32,
        pub alt: String,
        /// The task that removes what was sent.
        pub deletion_id: Uuid,
        pub created_at: Timestamp,
        pub expires_at: Timestamp,
    }

    crate::no_relations!();
}
