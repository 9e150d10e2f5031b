//! Files of [multipart requests][spec], streamed to resolvers while they are received: no file is buffered as a
//! whole, neither in memory nor on disk.
//!
//! A [`Source`] is the body of a request, [`Parts`] are its parts, [`Uploads`] the files among them. `http` reads the
//! parts before the files, and puts an [`Upload`] into the variable of each file. A resolver [opens](Upload::open) it
//! once, with a size limit, and reads the [`FileStream`].
//!
//! The reader of a file polls the body: no task reads ahead. So a resolver that does not read makes the client wait,
//! and one that fails ends the upload. Read files in the order of the body: opening file N+1 buffers file N in
//! memory, up to a limit, unless another resolver reads it concurrently. Opening file N+1 while holding a half-read
//! file N deadlocks.
//!
//! [spec]: https://github.com/jaydenseric/graphql-multipart-request-spec

mod buffer_limit;
mod file;
mod file_distributor;
mod parts;
mod source;
mod transfer_timeout;
mod variable;

use async_graphql::{Context, InputValueError, InputValueResult, Scalar, ScalarType, Value};

pub use self::file::{FileStream, Uploads};
pub use self::file_distributor::too_many;
pub use self::parts::{Limits, PartHeaders, Parts};
pub use self::source::{BoxError, Source};
pub use self::transfer_timeout::TransferTimeout;
use crate::core::error::{Error, Result};

/// A file of the request. [`open`](Self::open) gives access to its content.
#[derive(Clone, Copy, Debug)]
pub struct Upload(u8);

/// A file, sent as a part of a `multipart/form-data` request according to the GraphQL multipart request
/// specification: the variable is null, and `map` assigns the part to it. The request must have the header
/// `apollo-require-preflight: true`. `map` may assign a file of less than 8 MiB to several variables. Each variable
/// can be used once.
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

/// The error for a value that is not a file.
pub const NOT_A_FILE: &str = "A file must be sent as a part of a multipart request.";

impl Upload {
    /// Returns the value of a variable that stands for a file. Neither JSON nor a document can express it, so clients
    /// can't forge it.
    pub fn variable(index: u8) -> Value {
        Value::Binary(vec![index].into())
    }

    /// Opens the file for the argument `field`, with a limit of `max` bytes. Waits until its part begins.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` if it was already opened; `BAD_REQUEST`, `REQUEST_TIMEOUT` and `PAYLOAD_TOO_LARGE` if the
    /// body is malformed, incomplete, too slow, or has too many files. The stream returns these errors too, and
    /// `PAYLOAD_TOO_LARGE` if the file is too large.
    pub async fn open(
        self,
        ctx: &Context<'_>,
        field: &'static str,
        max: u64,
    ) -> Result<FileStream> {
        let uploads = ctx.data_opt::<Uploads>();
        let uploads = uploads.ok_or_else(|| Error::bad_input(field, NOT_A_FILE))?;
        uploads.open(self.0.into(), field, max).await
    }
}
