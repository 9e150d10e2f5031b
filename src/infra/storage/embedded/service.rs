//! The S3 service of the embedded store.

use std::error::Error;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use hyper::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, CONTENT_SECURITY_POLICY, HeaderName,
    HeaderValue, X_CONTENT_TYPE_OPTIONS,
};
use hyper::{Method, Request, Response, StatusCode};
use s3s::Body;
use s3s::auth::SimpleAuth;
use s3s::config::{S3Config, StaticConfigProvider};
use s3s::service::{S3Service, S3ServiceBuilder};

use super::access::Access;
use super::files::Files;
use super::folder::Keys;

/// The maximum size of the fields of an HTML form, in bytes. Forms are read before their signature is checked, and no
/// client of ours sends one.
const MAX_FORM: usize = 8 << 10;
/// The maximum size of an XML document in a request, in bytes: the list of 10,000 parts takes about 1 MB.
const MAX_XML: usize = 2 << 20;

/// Responds to S3 requests for one bucket. Clones share it.
#[derive(Clone)]
pub struct ObjectService {
    s3: S3Service,
    bucket: Arc<str>,
}

impl ObjectService {
    pub(super) fn new(folder: &Path, bucket: &str, keys: &Keys) -> Self {
        let mut config = S3Config::default();
        config.form_max_field_size = MAX_FORM;
        config.form_max_fields_size = MAX_FORM;
        config.post_object_max_file_size = 0;
        config.xml_max_body_size = MAX_XML;
        let mut builder = S3ServiceBuilder::new(Files::new(folder, bucket));
        builder.set_config(Arc::new(StaticConfigProvider::new(Arc::new(config))));
        builder.set_auth(SimpleAuth::from_single(
            keys.id.as_str(),
            keys.secret.as_str(),
        ));
        builder.set_access(Access);
        Self {
            s3: builder.build(),
            bucket: bucket.into(),
        }
    }

    /// Returns the name of the bucket, which is the first segment of the path of all requests.
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// Responds to a request. Its path, query and headers must be those that the client sent, because they are signed.
    pub async fn respond<B>(&self, request: Request<B>) -> Response<Body>
    where
        B: hyper::body::Body<Data = Bytes> + Send + 'static,
        Box<dyn Error + Send + Sync>: From<B::Error>,
    {
        let mut response = if request.method() == Method::OPTIONS {
            Response::new(Body::empty())
        } else {
            let called = self.s3.call(request.map(Body::http_body_unsync)).await;
            called.unwrap_or_else(|error| {
                tracing::error!(?error, "embedded object store failed");
                let mut failed = Response::new(Body::empty());
                *failed.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                failed
            })
        };
        if response.status() == StatusCode::NOT_MODIFIED {
            *response.body_mut() = Body::empty();
        }
        // CORS for any site, for display and presigned uploads: no cookies are involved.
        for (name, value) in HEADERS {
            let value = HeaderValue::from_static(value);
            response.headers_mut().insert(name, value);
        }
        response
    }
}

impl fmt::Debug for ObjectService {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("ObjectService")
            .field(&self.bucket)
            .finish()
    }
}

const HEADERS: [(HeaderName, &str); 7] = [
    (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    (ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, PUT"),
    (ACCESS_CONTROL_ALLOW_HEADERS, "*"),
    (ACCESS_CONTROL_EXPOSE_HEADERS, "ETag"),
    (ACCESS_CONTROL_MAX_AGE, "600"),
    // Objects are images: a browser must not render one as a page and run scripts in it.
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
];
