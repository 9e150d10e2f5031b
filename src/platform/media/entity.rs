//! Columns of stored images, which several tables share.

use crate::infra::image::Kind;

crate::typed_id!(
    /// Id of an image.
    ImageId,
    "img",
    "image"
);

/// A stored image.
#[derive(Clone, Debug)]
pub struct StoredImage {
    pub id: ImageId,
    /// Key of the object in the store.
    pub key: String,
    /// Media type, such as `image/png`.
    pub content_type: String,
    /// Displayed width in pixels.
    pub width: i32,
    pub height: i32,
    pub bytes: i32,
    pub alt: String,
    /// Small preview image to show while the image loads: a `data:` URI.
    pub placeholder: Option<String>,
    /// Whether the resized variants are stored too.
    pub sized: bool,
}

impl StoredImage {
    /// Returns the file format.
    pub fn kind(&self) -> Option<Kind> {
        Kind::from_content_type(&self.content_type)
    }
}
