//! Files that come with a request, by the [multipart request specification][spec], and go to the resolvers while they
//! are on the wire: not a file is in memory or on the disk as a whole.
//!
//! A [`Source`] is the body of a request, [`Parts`] are its parts, [`Uploads`] the files among them. `http` reads what
//! stands before the files, and puts an [`Upload`] into the variables for each. A resolver [opens](Upload::open) it, once,
//! with a limit on its size, and reads the [`FileStream`].
//!
//! Who reads, reads the body: there is no task that reads ahead. So a resolver that does not read makes the client wait,
//! and one that fails ends the upload. Files are best read in the order in which they come. Who asks for a later one
//! makes the earlier ones be kept in memory, up to a limit, unless somebody reads them at the same time; who waits for a
//! later one with an earlier one in hand, half read, waits for ever.
//!
//! [spec]: https://github.com/jaydenseric/graphql-multipart-request-spec

mod file;
mod intake;
mod pace;
mod parts;
mod sharing;
mod slot;
mod source;

use async_graphql::{Context, InputValueError, InputValueResult, Scalar, ScalarType, Value};

pub use self::file::{FileStream, Uploads};
pub use self::intake::too_many;
pub use self::parts::{Head, Limits, Parts};
pub use self::source::{BoxError, Source};
use crate::core::error::{Error, Result};

/// A file that comes with the request. Its content is what a resolver [opens](Self::open).
#[derive(Clone, Copy, Debug)]
pub struct Upload(u8);

/// A file, sent as a part of a `multipart/form-data` request by the GraphQL multipart request specification: the variable
/// is null, and `map` names the part that takes its place. Send the header `apollo-require-preflight: true` too. `map`
/// may name several variables for a file of less than 8 MiB; each variable is used once.
#[Scalar(specified_by_url = "https://github.com/jaydenseric/graphql-multipart-request-spec")]
impl ScalarType for Upload {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::Binary(bytes) if bytes.len() == 1 => Ok(Self(bytes[0])),
            _ => Err(InputValueError::custom(NOT_A_FILE)),
        }
    }

    fn is_valid(value: &Value) -> bool {
        matches!(value, Value::Binary(_))
    }

    fn to_value(&self) -> Value {
        Value::Null
    }
}

/// What a client is told that sends something else in the place of a file.
pub const NOT_A_FILE: &str = "A file must be sent as a part of a multipart request.";

impl Upload {
    /// The value of the variable whose place the file takes. Neither JSON nor a document can spell it, so no client can
    /// make one up.
    pub fn variable(index: u8) -> Value {
        Value::Binary(vec![index].into())
    }

    /// Begins to read the file, for the argument `field`, up to `most` bytes. Waits until its part has begun.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` when it was opened before; `BAD_REQUEST`, `REQUEST_TIMEOUT` and `PAYLOAD_TOO_LARGE` when the body
    /// is malformed, breaks off, comes too slowly, or has too many files. The stream itself gives those too, and
    /// `PAYLOAD_TOO_LARGE` when the file is too large.
    pub async fn open(
        self,
        ctx: &Context<'_>,
        field: &'static str,
        most: u64,
    ) -> Result<FileStream> {
        let uploads = ctx.data_opt::<Uploads>();
        let uploads = uploads.ok_or_else(|| Error::bad_input(field, NOT_A_FILE))?;
        uploads.open(self.0.into(), field, most).await
    }
}
