//! Entity of the table `avatars`.

use sea_orm::entity::prelude::*;

use crate::accounts::user::UserId;
use crate::core::clock::Timestamp;
use crate::platform::media::{ImageId, StoredImage};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "avatars")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ImageId,
    pub user_id: UserId,
    /// Key of the object in the store.
    pub object_key: String,
    /// Media type, such as `image/png`.
    pub content_type: String,
    /// Displayed width in pixels.
    pub width: i32,
    pub height: i32,
    pub bytes: i32,
    /// Small preview image to show while the image loads: a `data:` URI.
    pub placeholder: Option<String>,
    /// Time at which the resized variants were stored.
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
            alt: String::new(),
            placeholder: row.placeholder,
            sized: row.sized_at.is_some(),
        }
    }
}

crate::no_relations!();
