//! Knows pictures: JPEG, PNG and WebP, from strangers.
//!
//! A picture is cleaned while it comes in ([`Cleaner`]), looked at as a whole once it is stored ([`examine`]), and made
//! smaller for storefronts ([`make_sizes`]) in the widths of the [`ladder`]. The last two take a processor for a while and
//! belong into the [`Pool`].

mod clean;
mod colour;
mod decode;
mod encode;
mod exif;
mod follow;
pub mod ladder;
mod pool;
mod raster;
mod reduce;
mod restored;
mod sizes;
mod source;
mod unsupported;

use std::borrow::Cow;
use std::io;

use serde::{Deserialize, Serialize};

pub use clean::{Cleaned, Cleaner};
pub use exif::Orientation;
pub use follow::Follower;
pub use pool::Pool;
pub use sizes::{Made, Shrunk, examine, make_sizes};

/// Pixels that a side may have at most.
pub const MAX_SIDE: u32 = 16_384;

/// What a picture is, by its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Kind {
    Jpeg,
    Png,
    WebP,
}

impl Kind {
    /// The media type, such as `image/jpeg`.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
        }
    }

    /// The ending of a file's name, without the dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::WebP => "webp",
        }
    }

    /// Returns the kind of a media type in any of the forms that clients write: other names of a type, upper case and
    /// parameters are allowed, such as in `image/jpg` and `IMAGE/JPEG; charset=binary`.
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

/// A media type without its parameters, in lower case.
fn essence(text: &str) -> String {
    let name = text.split(';').next().unwrap_or_default();
    name.trim().to_ascii_lowercase()
}

/// Returns why a media type that is no [`Kind`] is refused.
pub fn refuse_content_type(text: &str) -> Refusal {
    let unknown = || refusal("This is none of image/jpeg, image/png and image/webp.");
    unsupported::refuse_type(&essence(text)).unwrap_or_else(unknown)
}

/// How large a picture may be. A side has at most [`MAX_SIDE`] pixels besides.
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
                "The picture has {width} x {height} pixels. A side may have at most {MAX_SIDE}."
            ))));
        }
        if u64::from(width) * u64::from(height) > u64::from(self.pixels) {
            return Err(Refusal(Cow::Owned(format!(
                "The picture has {width} x {height} pixels, which is more than {} in all.",
                self.pixels
            ))));
        }
        Ok(())
    }
}

/// Why a picture is refused: a sentence for its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(pub Cow<'static, str>);

const fn refusal(sentence: &'static str) -> Refusal {
    Refusal(Cow::Borrowed(sentence))
}

const EMPTY: Refusal = refusal("The file is empty.");
const CUT_OFF: Refusal = refusal("The picture is cut off.");
const DAMAGED: Refusal = refusal("The picture is damaged.");
const ANIMATED: Refusal = refusal("Animated pictures are not taken.");

/// The maximum size of a colour profile in bytes. Larger ones are left out.
const MAX_PROFILE: usize = 4 << 20;

/// Why work on a picture failed.
#[derive(Debug)]
pub enum Failure {
    /// The picture is at fault.
    Refused(Refusal),
    /// The reader, or an encoder of ours, is at fault.
    Io(io::Error),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// What a picture says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    pub kind: Kind,
    /// In pixels, as the picture is shown: upright.
    pub width: u32,
    /// In pixels, as the picture is shown: upright.
    pub height: u32,
    /// How the stored pixels are turned to be upright.
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

    /// Width times height.
    pub fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// Width and height of the pixels as they are stored.
    fn stored(&self) -> (u32, u32) {
        self.orientation.turn((self.width, self.height))
    }

    /// The height of this picture when it is made this wide.
    pub fn height_of(&self, width: u32) -> u32 {
        ladder::height_of((self.width, self.height), width)
    }
}
