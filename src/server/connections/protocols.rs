//! The settings of HTTP/1.1 and HTTP/2.

use std::time::Duration;

use hyper_util::rt::{TokioExecutor, TokioTimer};
use hyper_util::server::conn::auto::Builder;

use super::head::MAX_HEAD;

/// The maximum size of a head in HTTP/2, in bytes.
const MAX_HEAD_2: u32 = 32 << 10;
/// The maximum number of bytes of one request, and of all requests of a connection, that wait in HTTP/2 to be read by the
/// handlers.
const STREAM_WINDOW: u32 = 64 << 10;
const CONNECTION_WINDOW: u32 = 256 << 10;
/// How many requests one connection of HTTP/2 may make at once.
const MAX_STREAMS: u32 = 100;
/// How often a connection of HTTP/2 is asked whether its other end still lives, and how long it may think about it.
const PING_EVERY: Duration = Duration::from_secs(20);
const PING_PATIENCE: Duration = Duration::from_secs(20);
/// Returns what speaks the protocols.
pub fn protocols() -> Builder<TokioExecutor> {
    let mut protocols = Builder::new(TokioExecutor::new());
    protocols
        .http1()
        .timer(TokioTimer::new())
        // The library would count the time between requests too. See `Activity`.
        .header_read_timeout(None)
        .max_buf_size(MAX_HEAD);
    protocols
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(MAX_HEAD_2)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .keep_alive_interval(PING_EVERY)
        .keep_alive_timeout(PING_PATIENCE);
    protocols
}
