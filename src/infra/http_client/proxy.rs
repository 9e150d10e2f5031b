//! HTTP proxies from `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, and connections through them.

use std::env;
use std::io;
use std::pin::Pin;
use std::sync::OnceLock;
use std::task::{Context, Poll};

use anyhow::ensure;
use hyper::Uri;
use hyper::header::HeaderValue;
use hyper::http::uri::Scheme;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

/// The variables that name a proxy. Of two spellings the first that is set takes precedence.
const VARIABLES: [[&str; 2]; 3] = [
    ["HTTPS_PROXY", "https_proxy"],
    ["HTTP_PROXY", "http_proxy"],
    ["ALL_PROXY", "all_proxy"],
];

static PROXIES: OnceLock<Matcher> = OnceLock::new();

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Loads the proxies at start.
///
/// # Errors
/// When a variable is not the URL of an HTTP proxy. The error names the variable but not its value, which may contain
/// a password.
pub(super) fn load() -> anyhow::Result<()> {
    for names in VARIABLES {
        let set = names
            .iter()
            .find_map(|name| Some((name, env::var(name).ok()?)));
        let Some((name, value)) = set.filter(|(_, value)| !value.is_empty()) else {
            continue;
        };
        let proxy = Matcher::builder().all(value).build();
        let proxy = proxy.intercept(&Uri::from_static("http://shop.invalid"));
        let is_http = proxy.is_some_and(|proxy| proxy.uri().scheme() == Some(&Scheme::HTTP));
        ensure!(
            is_http,
            "{name} is not the address of an HTTP proxy, such as http://proxy.example.com:3128"
        );
    }
    _ = PROXIES.set(Matcher::from_env());
    Ok(())
}

fn proxies() -> &'static Matcher {
    PROXIES.get_or_init(Matcher::from_env)
}

/// Returns the `Proxy-Authorization` of a request that a proxy forwards. Tunnels are authorized when they are
/// created.
pub(super) fn authorization(uri: &Uri) -> Option<HeaderValue> {
    if uri.scheme() != Some(&Scheme::HTTP) {
        return None;
    }
    proxies().intercept(uri)?.basic_auth().cloned()
}

/// Connects directly or through the proxy for the URL. HTTPS uses a tunnel; HTTP requests are forwarded by the proxy.
#[derive(Clone, Debug)]
pub struct ProxyConnector {
    pub(super) http: HttpConnector,
}

impl Service<Uri> for ProxyConnector {
    type Response = ProxyStream;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<ProxyStream, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.http.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, destination: Uri) -> Self::Future {
        let mut http = self.http.clone();
        let Some(proxy) = proxies().intercept(&destination) else {
            return Box::pin(
                async move { Ok(ProxyStream::new(http.call(destination).await?, false)) },
            );
        };
        if destination.scheme() != Some(&Scheme::HTTPS) {
            let address = proxy.uri().clone();
            return Box::pin(async move { Ok(ProxyStream::new(http.call(address).await?, true)) });
        }
        let mut tunnel = Tunnel::new(proxy.uri().clone(), http);
        if let Some(authorization) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(authorization.clone());
        }
        Box::pin(async move {
            let stream = tunnel.call(destination).await;
            let stream = stream.map_err(|error| ProxyError(error.into()))?;
            Ok(ProxyStream::new(stream, false))
        })
    }
}

/// The proxy can't be reached, or refused a tunnel.
#[derive(Debug)]
pub(super) struct ProxyError(BoxError);

impl std::fmt::Display for ProxyError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "the proxy: {}", self.0)
    }
}

impl std::error::Error for ProxyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

/// A connection to a server, or to a proxy that forwards requests to it.
#[derive(Debug)]
pub struct ProxyStream {
    inner: TokioIo<TcpStream>,
    forwards: bool,
}

impl ProxyStream {
    const fn new(inner: TokioIo<TcpStream>, forwards: bool) -> Self {
        Self { inner, forwards }
    }
}

impl Connection for ProxyStream {
    fn connected(&self) -> Connected {
        self.inner.connected().proxy(self.forwards)
    }
}

impl Read for ProxyStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(context, buffer)
    }
}

impl Write for ProxyStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(context, buffers)
    }
}
