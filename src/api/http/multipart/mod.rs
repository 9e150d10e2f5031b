//! [Multipart requests][spec] with files: `operations` first, then `map`, then the files, which are not read until a
//! resolver opens them.
//!
//! [spec]: https://github.com/jaydenseric/graphql-multipart-request-spec

mod map;

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;

use self::map::FileMap;
use super::reply::Refusal;
use super::request::{self, GraphqlRequest};
use crate::config::{self, Config};
use crate::graphql::upload::{Limits, Parts, Source, Uploads, too_many};

/// The maximum size of `operations`, in bytes.
const MAX_OPERATIONS: usize = 100_000;
/// The maximum size of `map`, in bytes.
const MAX_MAP: usize = 10_000;
/// The maximum length of a boundary (RFC 2046, 5.1.1).
const MAX_BOUNDARY: usize = 70;
/// The body of a request with files.
pub struct Incoming {
    parts: Parts,
    limits: Limits,
    /// The limits of the parts before the files.
    bounds: config::Limits,
}

impl Incoming {
    /// The maximum number of bytes of a request that are in memory before its files.
    pub const MAX_HELD: usize = MAX_OPERATIONS + MAX_MAP;

    /// Creates a reader of a request body.
    pub fn new(config: &Config, headers: &HeaderMap, body: Body) -> Result<Self, Refusal> {
        let boundary = boundary(headers).ok_or_else(|| {
            Refusal::bad_request("The Content-Type must have a boundary of 1 to 70 characters.")
        })?;
        let limits = Limits {
            initial_timeout: config.uploads.upload_patience,
            min_rate: config.uploads.upload_min_rate,
            ..Limits::default()
        };
        let source = Source::new(body.into_data_stream());
        Ok(Self {
            parts: Parts::new(source, &boundary, &limits),
            limits,
            bounds: config.limits,
        })
    }

    /// Reads the parts before the files, and assigns the files to the variables.
    pub async fn read(mut self) -> Result<(GraphqlRequest, Uploads), Refusal> {
        let operations = self.parts.text("operations", MAX_OPERATIONS).await?;
        let mut graphql = request::from_json(&operations, &self.bounds)?;
        let map = FileMap::parse(&self.parts.text("map", MAX_MAP).await?)?;
        if map.len() > self.limits.files {
            return Err(too_many(self.limits.files).into());
        }
        let names = map.place(&mut graphql.variables)?;
        let uploads = Uploads::new(self.parts, names, self.limits);
        uploads.expect_no_files().await?;
        Ok((graphql, uploads))
    }
}

fn boundary(headers: &HeaderMap) -> Option<String> {
    let boundary = multer::parse_boundary(headers.get(CONTENT_TYPE)?.to_str().ok()?).ok()?;
    (1..=MAX_BOUNDARY)
        .contains(&boundary.len())
        .then_some(boundary)
}
