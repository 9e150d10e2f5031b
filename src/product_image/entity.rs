//! The rows of `product_images`.

use sea_orm::entity::prelude::*;

use crate::clock::Timestamp;
use crate::product::ProductId;

crate::typed_id!(
    /// The id of a picture.
    ImageId,
    "img",
    "image"
);

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
    pub width: i32,
    pub height: i32,
    pub bytes: i32,
    pub alt: String,
    /// A tiny picture to show while the real one loads: a `data:` URI.
    pub placeholder: Option<String>,
    pub created_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
