//! Image processing: JPEG, PNG and WebP from untrusted sources.
//!
//! An image is cleaned while it is received ([`Cleaner`]), decoded as a whole once it is stored ([`examine`]), and
//! resized for storefronts ([`make_sizes`]) to the widths of the [`ladder`]. The last two are CPU-bound and must run
//! in the [`Pool`].

mod clean;
mod colour;
mod decode;
mod encode;
mod exif;
pub mod ladder;
mod pool;
mod raster;
mod reduce;
mod restored;
mod sizes;
mod source;
mod streaming_decoder;
mod unsupported;

use std::borrow::Cow;
use std::io;

use serde::{Deserialize, Serialize};

pub use clean::{Cleaned, Cleaner};
pub use exif::Orientation;
pub use pool::Pool;
pub use sizes::{Downscaled, GeneratedSize, examine, make_sizes};
pub use streaming_decoder::StreamingDecoder;

/// The maximum width and height in pixels.
pub const MAX_SIDE: u32 = 16_384;

/// The format of an image, detected from its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Kind {
    Jpeg,
    Png,
    WebP,
}

impl Kind {
    /// Returns the media type, such as `image/jpeg`.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
        }
    }

    /// Returns the file extension, without the dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::WebP => "webp",
        }
    }

    /// Returns the kind of a file extension, without the dot.
    pub fn from_extension(text: &str) -> Option<Self> {
        let all = [Self::Jpeg, Self::Png, Self::WebP];
        all.into_iter().find(|kind| kind.extension() == text)
    }

    /// Returns the kind of a media type. Aliases, upper case and parameters are accepted, such as in `image/jpg` and
    /// `IMAGE/JPEG; charset=binary`.
    pub fn from_content_type(text: &str) -> Option<Self> {
        match essence(text).as_str() {
            "image/jpeg"
            | "image/jpg"
            | "image/jpe"
            | "image/jfif"
            | "image/pjpeg"
            | "image/pjp"
            | "image/x-jpeg"
            | "image/x-jpg"
            | "image/x-citrix-jpeg" => Some(Self::Jpeg),
            "image/png"
            | "image/x-png"
            | "image/apng"
            | "image/vnd.mozilla.apng"
            | "image/x-citrix-png" => Some(Self::Png),
            "image/webp" | "image/x-webp" => Some(Self::WebP),
            _ => None,
        }
    }
}

/// Returns a media type without its parameters, in lower case.
fn essence(text: &str) -> String {
    let name = text.split(';').next().unwrap_or_default();
    name.trim().to_ascii_lowercase()
}

/// Returns the refusal of a media type that is not a [`Kind`].
pub fn refuse_content_type(text: &str) -> Refusal {
    let unknown =
        || refusal("The media type is not supported. Use image/jpeg, image/png or image/webp.");
    unsupported::refuse_type(&essence(text)).unwrap_or_else(unknown)
}

/// The maximum number of pixels of an image. Each side is also limited to [`MAX_SIDE`].
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Width times height.
    pub pixels: u32,
}

impl Limits {
    fn check(self, width: u32, height: u32) -> Result<(), Refusal> {
        if width == 0 || height == 0 {
            return Err(DAMAGED);
        }
        if width > MAX_SIDE || height > MAX_SIDE {
            return Err(Refusal(Cow::Owned(format!(
                "The image has {width} x {height} pixels. The maximum width and height is {MAX_SIDE}."
            ))));
        }
        if u64::from(width) * u64::from(height) > u64::from(self.pixels) {
            return Err(Refusal(Cow::Owned(format!(
                "The image has {width} x {height} pixels. The maximum in total is {}.",
                self.pixels
            ))));
        }
        Ok(())
    }
}

/// The reason why an image is refused, as a sentence for its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(pub Cow<'static, str>);

const fn refusal(sentence: &'static str) -> Refusal {
    Refusal(Cow::Borrowed(sentence))
}

const EMPTY: Refusal = refusal("The file is empty.");
const TRUNCATED: Refusal = refusal("The image is truncated.");
const DAMAGED: Refusal = refusal("The image is damaged.");
const ANIMATED: Refusal = refusal("Animated images are not supported.");

/// The maximum size of a colour profile in bytes. Larger ones are removed.
const MAX_PROFILE: usize = 4 << 20;

/// The reason why processing an image failed.
#[derive(Debug)]
pub enum Failure {
    /// The image is invalid or not supported.
    Refused(Refusal),
    /// Reading the image or encoding a result failed.
    Io(io::Error),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// The properties of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    pub kind: Kind,
    /// In pixels, after applying the orientation.
    pub width: u32,
    /// In pixels, after applying the orientation.
    pub height: u32,
    /// How the stored pixels are rotated and mirrored for display.
    pub orientation: Orientation,
}

impl Header {
    fn new(kind: Kind, stored: (u32, u32), orientation: Orientation) -> Self {
        let (width, height) = orientation.turn(stored);
        Self {
            kind,
            width,
            height,
            orientation,
        }
    }

    /// Returns width times height.
    pub fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// Returns width and height of the stored pixels.
    fn stored(&self) -> (u32, u32) {
        self.orientation.turn((self.width, self.height))
    }

    /// Returns the height of this image when it is resized to this width.
    pub fn height_of(&self, width: u32) -> u32 {
        ladder::height_of((self.width, self.height), width)
    }
}
