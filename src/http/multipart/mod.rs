//! Requests with files, by the [multipart request specification][spec]: `operations` first, then `map`, then the files,
//! which are left on the wire until a resolver asks for them.
//!
//! [spec]: https://github.com/jaydenseric/graphql-multipart-request-spec

mod map;

use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONNECTION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, Version};
use axum::response::Response;

use self::map::FileMap;
use super::reply::Refusal;
use super::request::{self, GraphqlRequest};
use crate::config::{self, Config};
use crate::upload::{Limits, Parts, Source, Uploads, too_many};

/// How large `operations` may be, in bytes.
const MAX_OPERATIONS: usize = 100_000;
/// How large `map` may be, in bytes.
const MAX_MAP: usize = 10_000;
/// How long a boundary may be (RFC 2046, 5.1.1).
const MAX_BOUNDARY: usize = 70;
/// How much of a body is read and thrown away so that a client that is still sending reads its answer, in bytes.
const MAX_REST: usize = 256 << 10;
/// How long the rest of a body may take before the answer is given.
const MOMENT: Duration = Duration::from_millis(100);
/// How long it may take after that.
const LINGER: Duration = Duration::from_secs(1);

/// The body of a request with files.
pub struct Incoming {
    source: Source,
    parts: Parts,
    limits: Limits,
    /// The bounds of what stands before the files.
    bounds: config::Limits,
}

/// What is left of a body when the request has been answered.
pub struct Rest(Source);

impl Incoming {
    /// Takes the body of a request. What is left of it is for [`Rest::end`].
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
            parts: Parts::new(source.clone(), &boundary, &limits),
            source,
            limits,
            bounds: config.limits,
        })
    }

    /// What will be left of the body.
    pub fn rest(&self) -> Rest {
        Rest(self.source.clone())
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

impl Rest {
    /// Reads and throws away what is left, as far as it is bounded. When there is more, the connection is closed, a little
    /// after the answer was given: a client that is still sending would lose it.
    pub async fn end(self, version: Version, answer: &mut Response) {
        if self.0.drain(MAX_REST, MOMENT).await {
            return;
        }
        if version < Version::HTTP_2 {
            let close = HeaderValue::from_static("close");
            answer.headers_mut().insert(CONNECTION, close);
        }
        tokio::spawn(async move { self.0.drain(MAX_REST, LINGER).await });
    }
}

fn boundary(headers: &HeaderMap) -> Option<String> {
    let boundary = multer::parse_boundary(headers.get(CONTENT_TYPE)?.to_str().ok()?).ok()?;
    (1..=MAX_BOUNDARY)
        .contains(&boundary.len())
        .then_some(boundary)
}
