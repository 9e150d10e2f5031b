//! Settings of HTTP/1.1 and HTTP/2.

use std::time::Duration;

use hyper_util::rt::{TokioExecutor, TokioTimer};
use hyper_util::server::conn::auto::Builder;

use super::head::MAX_HEAD;

/// The maximum size of a request head in HTTP/2, in bytes.
const MAX_HEAD_2: u32 = 32 << 10;
/// The maximum number of unread body bytes of one request, and of all requests of a connection, in HTTP/2.
const STREAM_WINDOW: u32 = 64 << 10;
const CONNECTION_WINDOW: u32 = 256 << 10;
/// The maximum number of concurrent requests of an HTTP/2 connection.
const MAX_STREAMS: u32 = 100;
/// The interval and the timeout of HTTP/2 pings.
const PING_INTERVAL: Duration = Duration::from_secs(20);
const PING_TIMEOUT: Duration = Duration::from_secs(20);
/// Returns the protocol configuration.
pub fn protocols() -> Builder<TokioExecutor> {
    let mut protocols = Builder::new(TokioExecutor::new());
    protocols
        .http1()
        .timer(TokioTimer::new())
        // The library's timeout includes the time between requests. See `Activity`.
        .header_read_timeout(None)
        .max_buf_size(MAX_HEAD);
    protocols
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(MAX_HEAD_2)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_TIMEOUT);
    protocols
}
