//! Requests with files, by the [multipart request specification][spec]: `operations` first, then `map`, then the files,
//! which are left on the wire until a resolver asks for them.
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

/// How large `operations` may be, in bytes.
const MAX_OPERATIONS: usize = 100_000;
/// How large `map` may be, in bytes.
const MAX_MAP: usize = 10_000;
/// How long a boundary may be (RFC 2046, 5.1.1).
const MAX_BOUNDARY: usize = 70;
/// The body of a request with files.
pub struct Incoming {
    parts: Parts,
    limits: Limits,
    /// The bounds of what stands before the files.
    bounds: config::Limits,
}

impl Incoming {
    /// How much of a request is held in memory before its files, in bytes.
    pub const MAX_HELD: usize = MAX_OPERATIONS + MAX_MAP;

    /// Takes the body of a request.
    pub fn new(config: &Config, headers: &HeaderMap, body: Body) -> Result<Self, Refusal> {
        let boundary = boundary(headers).ok_or_else(|| {
            Refusal::bad_request("The Content-Type names no boundary of 1 to 70 characters.")
        })?;
        let limits = Limits {
            patience: config.uploads.upload_patience,
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

    /// Reads what stands before the files. In the variables each file has its place.
    pub async fn read(mut self) -> Result<(GraphqlRequest, Uploads), Refusal> {
        let operations = self.parts.text("operations", MAX_OPERATIONS).await?;
        let mut graphql = request::from_json(&operations, &self.bounds)?;
        let map = FileMap::parse(&self.parts.text("map", MAX_MAP).await?)?;
        if map.len() > self.limits.files {
            return Err(too_many(self.limits.files).into());
        }
        let names = map.place(&mut graphql.variables)?;
        let uploads = Uploads::new(self.parts, names, self.limits);
        uploads.expect_nothing().await?;
        Ok((graphql, uploads))
    }
}

fn boundary(headers: &HeaderMap) -> Option<String> {
    let boundary = multer::parse_boundary(headers.get(CONTENT_TYPE)?.to_str().ok()?).ok()?;
    (1..=MAX_BOUNDARY)
        .contains(&boundary.len())
        .then_some(boundary)
}
