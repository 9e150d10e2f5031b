//! The files of GraphiQL, under a path that changes with their content, so that browsers store them for good.

use std::io::Read;
use std::sync::{LazyLock, OnceLock};

use axum::body::Bytes;
use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use flate2::read::GzDecoder;
use sha2::{Digest, Sha256};

use crate::api::http::cached::accepts_gzip;
use crate::api::http::not_found;

/// The route of [`file()`].
pub const PATH: &str = "/graphiql/{version}/{name}";

struct File {
    name: &'static str,
    content: Content,
}

enum Content {
    /// A file of ours.
    Text(&'static str),
    /// A file of a package, compressed with gzip. Decompressed for the first client that does not accept gzip.
    Gzip(&'static [u8], OnceLock<Bytes>),
}

const fn ours(name: &'static str, text: &'static str) -> File {
    let content = Content::Text(text);
    File { name, content }
}

const fn packaged(name: &'static str, gzip: &'static [u8]) -> File {
    let content = Content::Gzip(gzip, OnceLock::new());
    File { name, content }
}

static FILES: [File; 12] = [
    ours("account.js", include_str!("account.js")),
    ours("google.js", include_str!("google.js")),
    ours("main.js", include_str!("main.js")),
    ours("page.css", include_str!("page.css")),
    ours("session.js", include_str!("session.js")),
    ours("tabs.js", include_str!("tabs.js")),
    packaged("explorer.css", include_bytes!("packages/explorer.css.gz")),
    packaged("explorer.js", include_bytes!("packages/explorer.js.gz")),
    packaged("graphiql.css", include_bytes!("packages/graphiql.css.gz")),
    packaged("graphiql.js", include_bytes!("packages/graphiql.js.gz")),
    packaged("react-dom.js", include_bytes!("packages/react-dom.js.gz")),
    packaged("react.js", include_bytes!("packages/react.js.gz")),
];

/// A hash of all files.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Sha256::new();
    for file in &FILES {
        hash.update(file.name);
        match file.content {
            Content::Text(text) => hash.update(text),
            Content::Gzip(gzip, _) => hash.update(gzip),
        }
    }
    let hash: [u8; 32] = hash.finalize().into();
    let mut start = [0; 8];
    start.copy_from_slice(&hash[..8]);
    format!("{:016x}", u64::from_be_bytes(start))
});

/// Returns the path of the folder with the files.
pub fn folder() -> String {
    format!("/graphiql/{}", *VERSION)
}

/// Responds with a file.
pub async fn file(Path((version, name)): Path<(String, String)>, request: HeaderMap) -> Response {
    let file = FILES.iter().find(|file| file.name == name);
    let Some(file) = file.filter(|_| version == *VERSION) else {
        return not_found();
    };
    let mut response = match &file.content {
        Content::Text(text) => text.into_response(),
        Content::Gzip(gzip, plain) => gzipped(gzip, plain, accepts_gzip(&request)),
    };
    let content_type = match name.rsplit_once('.') {
        Some((_, "css")) => "text/css; charset=utf-8",
        _ => "text/javascript; charset=utf-8",
    };
    let forever = "public, max-age=31536000, immutable";
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(forever));
    response
}

fn gzipped(gzip: &'static [u8], plain: &OnceLock<Bytes>, is_accepted: bool) -> Response {
    let mut response = if is_accepted {
        let encoding = (CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        ([encoding], gzip).into_response()
    } else {
        plain
            .get_or_init(|| decompress(gzip))
            .clone()
            .into_response()
    };
    let vary = HeaderValue::from_static("accept-encoding");
    response.headers_mut().insert(VARY, vary);
    response
}

fn decompress(gzip: &[u8]) -> Bytes {
    let mut plain = Vec::new();
    // A file of the program is never truncated.
    _ = GzDecoder::new(gzip).read_to_end(&mut plain);
    plain.into()
}
