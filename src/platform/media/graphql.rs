//! GraphQL API of images.

use async_graphql::{Context, Enum, ID, InputObject, Object};

use super::entity::StoredImage;
use super::service::{Size, size_key};
use crate::core::error::{Error, Result};
use crate::core::id::TypedId;
use crate::graphql::dataloader::ContextExt;
use crate::infra::image::{Kind, ladder};
use crate::state::State;

/// Maximum width and height in a transform, in pixels.
const MAX_SIDE: i32 = 10_000;

/// GraphQL object of a stored image.
#[derive(Clone, Debug)]
pub struct Image(pub StoredImage);

/// A stored image, with the data for a layout before it has loaded.
#[Object]
impl Image {
    /// Opaque, stable id: `img_...`.
    pub async fn id(&self) -> ID {
        self.0.id.encode().into()
    }

    /// URL of the image file. Query it when you display the image and don't store it: unless the operator has made the
    /// images public, the URL is signed and expires after 90 to 120 minutes, or earlier if the store's credentials do.
    /// The content of a URL never changes.
    ///
    /// Images are resized to widths of 160, 320, 640, 960, 1280 and 1920 pixels, if they are smaller than the
    /// original. `transform` selects the smallest one that is large enough, or else the original. During the first
    /// seconds after an upload the original is returned, until the resized files exist.
    ///
    /// Errors: `BAD_USER_INPUT` for a width or height that is not 1 to 10,000.
    #[expect(clippy::unused_async, reason = "a resolver is async")]
    async fn url(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Displayed size. Default: the original.")] transform: Option<
            ImageTransform,
        >,
    ) -> Result<String> {
        let size = match transform {
            Some(transform) => transform.check()?.size(&self.0),
            None => None,
        };
        Ok(image_url(ctx.state(), &self.0, size))
    }

    /// All widths of the image, for a `srcset` attribute: `https://... 160w, https://... 320w, ...`. The last one is
    /// the original.
    async fn src_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "File format of the resized files. Default: `WEBP`.")] format: Option<
            ImageFormat,
        >,
    ) -> String {
        let (state, image) = (ctx.state(), &self.0);
        let kind = format.unwrap_or_default().kind(image);
        let sizes = stored_widths(image).iter().filter_map(|width| {
            let size = Size {
                width: *width,
                kind: kind?,
            };
            Some(format!("{} {width}w", image_url(state, image, Some(size))))
        });
        let whole = format!("{} {}w", image_url(state, image, None), image.width);
        let all: Vec<_> = sizes.chain([whole]).collect();
        all.join(", ")
    }

    /// Displayed width in pixels. The orientation of a photo is applied.
    async fn width(&self) -> i32 {
        self.0.width
    }

    /// Displayed height in pixels.
    async fn height(&self) -> i32 {
        self.0.height
    }

    /// Size of the original file in bytes.
    async fn bytes(&self) -> i32 {
        self.0.bytes
    }

    /// Media type of the original file: `image/jpeg`, `image/png` or `image/webp`.
    async fn content_type(&self) -> &str {
        &self.0.content_type
    }

    /// Alternative text. May be empty.
    async fn alt(&self) -> &str {
        &self.0.alt
    }

    /// Small preview to show while the image loads: a `data:` URI for a `src` attribute. Null if there is none.
    async fn placeholder(&self) -> Option<&str> {
        self.0.placeholder.as_deref()
    }
}

/// Displayed size of an image. The aspect ratio is preserved; crop with CSS (`object-fit`).
#[derive(Clone, Copy, Debug, InputObject)]
pub struct ImageTransform {
    /// Width of the box in device pixels. 1 to 10,000. Default: follows from the height.
    width: Option<i32>,
    /// Height of the box in device pixels. 1 to 10,000. Default: follows from the width.
    height: Option<i32>,
    /// How the image fits into the box. Default: `CONTAIN`.
    fit: Option<ImageFit>,
    /// File format. Default: `WEBP`. The original is always in the format in which it was uploaded.
    format: Option<ImageFormat>,
}

/// How an image fits into a box.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
#[graphql(remote = "ladder::Fit")]
pub enum ImageFit {
    /// The whole image is visible; the box may not be filled.
    #[default]
    Contain,
    /// The box is filled; the image may be cropped.
    Cover,
}

/// File format of resized images.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub enum ImageFormat {
    /// WebP: small files, supported by all browsers.
    #[default]
    Webp,
    /// The format of the original.
    Original,
}

impl ImageFormat {
    fn kind(self, image: &StoredImage) -> Option<Kind> {
        match self {
            Self::Webp => Some(Kind::WebP),
            Self::Original => image.kind(),
        }
    }
}

impl ImageTransform {
    fn check(self) -> Result<Self> {
        for (name, side) in [("width", self.width), ("height", self.height)] {
            if side.is_some_and(|side| !(1..=MAX_SIDE).contains(&side)) {
                let message = format!("Must be 1 to {MAX_SIDE}.");
                return Err(Error::bad_input(format!("transform.{name}"), message));
            }
        }
        Ok(self)
    }

    /// Returns the size that is large enough, or `None` for the original.
    fn size(self, image: &StoredImage) -> Option<Size> {
        let side = |side: i32| u32::try_from(side).ok();
        let want = ladder::RequestedBox {
            width: self.width.and_then(side),
            height: self.height.and_then(side),
            fit: self.fit.unwrap_or_default().into(),
        };
        let whole = (side(image.width)?, side(image.height)?);
        let width = ladder::select_width(whole, want).filter(|_| image.sized)?;
        let kind = self.format.unwrap_or_default().kind(image)?;
        Some(Size { width, kind })
    }
}

/// Returns the widths of the stored resized variants.
fn stored_widths(image: &StoredImage) -> &'static [u32] {
    if image.sized {
        ladder::below(u32::try_from(image.width).unwrap_or_default())
    } else {
        &[]
    }
}

fn image_url(state: &State, image: &StoredImage, size: Option<Size>) -> String {
    let now = state.clock.now();
    match size {
        Some(size) => state.storage.url(&size_key(&image.key, size), now),
        None => state.storage.url(&image.key, now),
    }
}
