//! What rows of several tables know of a picture.

use crate::infra::image::Kind;

crate::typed_id!(
    /// The id of a picture.
    ImageId,
    "img",
    "image"
);

/// A picture in the store.
#[derive(Clone, Debug)]
pub struct Picture {
    pub id: ImageId,
    /// Where the object is in the store.
    pub key: String,
    /// What the bytes are, such as `image/png`.
    pub content_type: String,
    /// In pixels, as it is shown.
    pub width: i32,
    pub height: i32,
    pub bytes: i32,
    pub alt: String,
    /// A tiny picture to show while the real one loads: a `data:` URI.
    pub placeholder: Option<String>,
    /// Whether its sizes are in the store too.
    pub sized: bool,
}

impl Picture {
    /// What the bytes are.
    pub fn kind(&self) -> Option<Kind> {
        Kind::from_content_type(&self.content_type)
    }
}
