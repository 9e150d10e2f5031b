//! HTTP of the embedded server.

use std::convert::Infallible;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, CONTENT_SECURITY_POLICY, HeaderName,
    HeaderValue, X_CONTENT_TYPE_OPTIONS,
};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use s3s::Body;
use s3s::service::S3Service;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// The timeout for receiving the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// The delay after a failed accept, for example because too many files are open.
const ACCEPT_DELAY: Duration = Duration::from_millis(100);

/// Serves until the future is dropped.
pub(super) async fn serve(listener: TcpListener, s3: S3Service) {
    // Dropping the set closes its connections.
    let mut connections = JoinSet::new();
    loop {
        let connection = tokio::select! {
            connection = listener.accept() => connection,
            Some(_) = connections.join_next() => continue,
        };
        let Ok((connection, _)) = connection else {
            sleep(ACCEPT_DELAY).await;
            continue;
        };
        _ = connection.set_nodelay(true);
        let s3 = s3.clone();
        let service = service_fn(move |request| respond(s3.clone(), request));
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT);
        let connection = http.serve_connection(TokioIo::new(connection), service);
        // Connection errors are the client's.
        connections.spawn(async move { _ = connection.await });
    }
}

async fn respond(s3: S3Service, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let mut response = if request.method() == Method::OPTIONS {
        Response::new(Body::empty())
    } else {
        s3.call(request.map(Body::from))
            .await
            .unwrap_or_else(|error| {
                tracing::error!(?error, "embedded object store failed");
                let mut failed = Response::new(Body::empty());
                *failed.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                failed
            })
    };
    // CORS for any site, for display and presigned uploads: no cookies are involved.
    for (name, value) in HEADERS {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
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
