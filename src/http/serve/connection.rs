//! One connection, from its first byte to its end.

use std::convert::Infallible;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, Request, Response, Version};
use futures_util::FutureExt;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use tower_service::Service;

use super::activity::{Activity, Due, InFlight};
use super::stream::Stream;
use crate::config::Connections;
use crate::http::doors::Doors;

/// How large the head of a request may be, in bytes.
const MAX_HEAD: usize = 256 << 10;
/// The same in HTTP/2, where nobody has long addresses.
const MAX_HEAD_2: u32 = 64 << 10;
/// How many requests one connection of HTTP/2 may make at once.
const MAX_STREAMS: u32 = 100;
/// How often a connection of HTTP/2 is asked whether its other end still lives, and how long it may think about it.
const PING_EVERY: Duration = Duration::from_secs(20);
const PING_PATIENCE: Duration = Duration::from_secs(20);
/// How long a connection on which nothing is asked waits for one more request when the server stops. Whoever asks just
/// then would not know whether it was heard.
const LAST_CALL: Duration = Duration::from_secs(2);
/// How long a connection may take to end after it was told so.
const LINGER: Duration = Duration::from_secs(5);

/// What serves connections.
pub struct Server {
    doors: Doors,
    settings: Connections,
    stop: watch::Receiver<bool>,
    protocols: Builder<TokioExecutor>,
}

impl Server {
    /// Answers as these doors do, until it is told to stop.
    pub fn new(doors: Doors, settings: Connections, stop: watch::Receiver<bool>) -> Self {
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
            .keep_alive_interval(PING_EVERY)
            .keep_alive_timeout(PING_PATIENCE);
        Self {
            doors,
            settings,
            stop,
            protocols,
        }
    }

    /// Serves a connection to its end.
    pub async fn serve(&self, stream: TcpStream, peer: SocketAddr) {
        let activity = Activity::new();
        let stream = Stream::new(stream, activity.clone(), self.settings.write_timeout);
        let service = service_fn(|mut request: Request<Incoming>| {
            let version = request.version();
            let in_flight = activity.begin(version);
            request.extensions_mut().insert(ConnectInfo(peer));
            let stopping = self.stop.clone();
            let answer = self.doors.router().call(request.map(Body::new));
            async move {
                let mut answer = answer.await?;
                if *stopping.borrow() && version <= Version::HTTP_11 {
                    let close = HeaderValue::from_static("close");
                    answer.headers_mut().insert(CONNECTION, close);
                }
                Ok::<Response<_>, Infallible>(answer.map(|body| Answer {
                    body,
                    _in_flight: in_flight,
                }))
            }
        });
        let mut connection = pin!(
            self.protocols
                .serve_connection(TokioIo::new(stream), service)
        );
        let mut stop = self.stop.clone();
        // Whether it was sent or dropped, it is time.
        let mut stopped = pin!(stop.wait_for(|stop| *stop).fuse());
        let mut alarm = pin!(sleep_until(Instant::now() + self.settings.header_timeout));
        // When the server was told to stop, and when this must be over after it was told to end.
        let (mut stopping, mut ending) = (None, None);
        poll_fn(|context| {
            loop {
                if let Poll::Ready(ended) = connection.as_mut().poll(context) {
                    if let Err(error) = ended {
                        tracing::debug!(%error, "a connection broke off");
                    }
                    return Poll::Ready(());
                }
                if stopped.as_mut().poll(context).is_ready() {
                    stopping = Some(Instant::now());
                }
                let mut due = activity.due(&self.settings);
                if let Some(stopping) = stopping {
                    // HTTP/2 tells the client which of its requests are still answered; HTTP/1.1 ends with an answer that
                    // says so, and what was asked after one that did not is answered too.
                    if ending.is_none() && activity.is_multiplexed() {
                        connection.as_mut().graceful_shutdown();
                        ending = Some(Instant::now() + LINGER);
                        continue;
                    }
                    due = due.no_later(activity.since().max(stopping) + LAST_CALL);
                }
                // Requests in flight may be answered before.
                if let Some(ending) = ending {
                    due = due.no_sooner(ending);
                }
                if let Some(time) = due.time()
                    && time < alarm.deadline()
                {
                    alarm.as_mut().reset(time);
                }
                ready!(alarm.as_mut().poll(context));
                let now = Instant::now();
                match due {
                    Due::Idle(time) if time <= now && ending.is_none() => {
                        connection.as_mut().graceful_shutdown();
                        ending = Some(now + LINGER);
                    }
                    Due::Idle(time) | Due::Late(time) if time <= now => return Poll::Ready(()),
                    _ => {}
                }
                alarm.as_mut().reset(now + self.settings.header_timeout);
            }
        })
        .await;
    }
}

/// The body of an answer. The request is in flight until it is sent or given up.
struct Answer {
    body: Body,
    _in_flight: InFlight,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
