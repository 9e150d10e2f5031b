//! Pictures in the API.

use async_graphql::{Context, Enum, ID, InputObject, Object};

use super::entity::Picture;
use super::service::{Size, size_key};
use crate::core::error::{Error, Result};
use crate::core::id::TypedId;
use crate::graphql::dataloader::ContextExt;
use crate::infra::image::{Kind, ladder};
use crate::state::State;

/// How large a box a picture is asked for, in pixels a side.
const MAX_SIDE: i32 = 10_000;

/// A picture as the API shows it.
#[derive(Clone, Debug)]
pub struct Image(pub Picture);

/// A picture, with what a storefront needs to lay it out before it has loaded.
#[Object]
impl Image {
    /// Opaque and stable: `img_...`.
    pub async fn id(&self) -> ID {
        self.0.id.encode().into()
    }

    /// Where its bytes are served from. Ask for the address when you show the picture and do not keep it: it may be good
    /// for an hour only. What it leads to never changes.
    ///
    /// There are sizes of 160, 320, 640, 960, 1280 and 1920 pixels' width, as far as the picture is wider. `transform`
    /// chooses the smallest that is large enough, or the picture itself, which is also what you get in the first
    /// seconds after it was uploaded, until its sizes are made.
    ///
    /// Errors: `BAD_USER_INPUT` for a width or height that is not from 1 to 10000.
    #[expect(clippy::unused_async, reason = "every field is asked so")]
    async fn url(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How large it will be shown; the picture itself when absent.")]
        transform: Option<ImageTransform>,
    ) -> Result<String> {
        let size = match transform {
            Some(transform) => transform.check()?.size(&self.0),
            None => None,
        };
        Ok(address(ctx.state(), &self.0, size))
    }

    /// The picture in all its widths, ready for an `srcset`: `https://... 160w, https://... 320w, ...`. The last one is the
    /// picture itself.
    async fn src_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the smaller ones are. WEBP when absent.")] format: Option<
            ImageFormat,
        >,
    ) -> String {
        let (state, picture) = (ctx.state(), &self.0);
        let kind = format.unwrap_or_default().kind(picture);
        let sizes = ladder_of(picture).iter().filter_map(|width| {
            let size = Size {
                width: *width,
                kind: kind?,
            };
            Some(format!("{} {width}w", address(state, picture, Some(size))))
        });
        let whole = format!("{} {}w", address(state, picture, None), picture.width);
        let all: Vec<_> = sizes.chain([whole]).collect();
        all.join(", ")
    }

    /// In pixels, as it is shown: a photo that was taken upright is higher than wide.
    async fn width(&self) -> i32 {
        self.0.width
    }

    /// In pixels, as it is shown.
    async fn height(&self) -> i32 {
        self.0.height
    }

    /// The size of the file.
    async fn bytes(&self) -> i32 {
        self.0.bytes
    }

    /// What the file is: `image/jpeg`, `image/png` or `image/webp`.
    async fn content_type(&self) -> &str {
        &self.0.content_type
    }

    /// What the picture shows, for those who can't see it. May be empty.
    async fn alt(&self) -> &str {
        &self.0.alt
    }

    /// A tiny picture to show while the real one loads: a `data:` URI, ready for an `src`.
    async fn placeholder(&self) -> Option<&str> {
        self.0.placeholder.as_deref()
    }
}

/// How large a picture will be shown. Its proportions stay; what is over the edge of the box is for the storefront's CSS
/// to hide (`object-fit`).
#[derive(Clone, Copy, Debug, InputObject)]
pub struct ImageTransform {
    /// The width of the box, in device pixels, from 1 to 10000. As wide as it comes out when absent.
    width: Option<i32>,
    /// The height of the box, in device pixels, from 1 to 10000. As high as it comes out when absent.
    height: Option<i32>,
    /// How it fits into the box. CONTAIN when absent.
    fit: Option<ImageFit>,
    /// What the file is. WEBP when absent. The picture itself is as it was uploaded, whatever you ask for.
    format: Option<ImageFormat>,
}

/// How a picture fits into a box.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
#[graphql(remote = "ladder::Fit")]
pub enum ImageFit {
    /// All of it is seen, and the box may not be full.
    #[default]
    Contain,
    /// The box is full, and not all of it may be seen.
    Cover,
}

/// What the file of a size is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub enum ImageFormat {
    /// WebP, which is small and which all browsers show.
    #[default]
    Webp,
    /// The format in which the picture was uploaded.
    Original,
}

impl ImageFormat {
    fn kind(self, picture: &Picture) -> Option<Kind> {
        match self {
            Self::Webp => Some(Kind::WebP),
            Self::Original => picture.kind(),
        }
    }
}

impl ImageTransform {
    fn check(self) -> Result<Self> {
        for (name, side) in [("width", self.width), ("height", self.height)] {
            if side.is_some_and(|side| !(1..=MAX_SIDE).contains(&side)) {
                let message = format!("This is from 1 to {MAX_SIDE}.");
                return Err(Error::bad_input(format!("transform.{name}"), message));
            }
        }
        Ok(self)
    }

    /// The size that is large enough; None for the picture itself.
    fn size(self, picture: &Picture) -> Option<Size> {
        let side = |side: i32| u32::try_from(side).ok();
        let want = ladder::Want {
            width: self.width.and_then(side),
            height: self.height.and_then(side),
            fit: self.fit.unwrap_or_default().into(),
        };
        let whole = (side(picture.width)?, side(picture.height)?);
        let width = ladder::pick(whole, want).filter(|_| picture.sized)?;
        let kind = self.format.unwrap_or_default().kind(picture)?;
        Some(Size { width, kind })
    }
}

/// The widths in which a picture is in the store, beside its own.
fn ladder_of(picture: &Picture) -> &'static [u32] {
    if picture.sized {
        ladder::below(u32::try_from(picture.width).unwrap_or_default())
    } else {
        &[]
    }
}

fn address(state: &State, picture: &Picture, size: Option<Size>) -> String {
    let now = state.clock.now();
    match size {
        Some(size) => state.storage.url(&size_key(&picture.key, size), now),
        None => state.storage.url(&picture.key, now),
    }
}
