//! A single connection from its first to its last byte.

use std::convert::Infallible;
use std::future::poll_fn;
use std::net::{IpAddr, SocketAddr};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::http::header::{CONNECTION, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, Request, Response, StatusCode, Version};
use axum::{Extension, Router, middleware};
use futures_util::FutureExt;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use hyper::service::{Service as HttpService, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::{Builder, Connection as HyperConnection};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use tower_service::Service;

use super::activity::{Activity, Deadline, InFlight};
use super::protocols::protocols;
use super::request_body::RequestBody;
use super::stream::Stream;
use crate::api::http::memory::MemoryPool;
use crate::api::http::negotiation::MediaType;
use crate::api::http::reply::Refusal;
use crate::api::http::{host, request_id};
use crate::config::Connections;
use crate::core::error::Code;
use crate::infra::server_status::{self, ServerStatus};
use crate::server::startup_gate::StartupGate;

/// The time that an idle connection waits for one more request on shutdown. A client that sends a request at the
/// moment of closing can't know whether it was processed.
const LAST_REQUEST_TIMEOUT: Duration = Duration::from_secs(2);
/// The timeout for a connection to end after its graceful shutdown began.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// The timeout for receiving a request on a connection above the limits.
const PROBE_TIMEOUT: Duration = Duration::from_secs(2);
/// The `Retry-After` of a client with too many connections, in seconds.
const RETRY_AFTER: i32 = 5;

/// Serves connections.
pub struct Server {
    gate: StartupGate,
    /// The router for refused requests.
    refusing: Router,
    settings: Connections,
    memory: MemoryPool,
    status: ServerStatus,
    stop: watch::Receiver<bool>,
    protocols: Builder<TokioExecutor>,
    /// The protocols of connections above the limits.
    probe_protocols: Builder<TokioExecutor>,
}

impl Server {
    /// Creates a server of the gate's routers, which runs until `stop`.
    pub fn new(
        gate: StartupGate,
        settings: Connections,
        status: ServerStatus,
        stop: watch::Receiver<bool>,
    ) -> Self {
        Self {
            gate,
            refusing: refusing(),
            settings,
            memory: MemoryPool::new(status.clone()),
            status,
            stop,
            protocols: protocols(),
            probe_protocols: protocols().http1_only(),
        }
    }

    /// Returns whether an address belongs to a trusted proxy.
    pub fn is_proxy(&self, address: IpAddr) -> bool {
        self.settings.is_trusted_proxy(address)
    }

    /// Serves a connection until it ends.
    pub async fn serve(&self, stream: TcpStream, peer: SocketAddr) {
        self.run(
            stream,
            peer,
            (&self.protocols, self.settings.header_timeout),
            false,
        )
        .await;
    }

    /// Serves one request on a connection above the limits: health probes are served, others refused.
    pub async fn serve_probe(&self, stream: TcpStream, peer: SocketAddr) {
        let timeout = PROBE_TIMEOUT.min(self.settings.header_timeout);
        self.run(stream, peer, (&self.probe_protocols, timeout), true)
            .await;
    }

    async fn run(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        (protocols, header_timeout): (&Builder<TokioExecutor>, Duration),
        only_probes: bool,
    ) {
        let activity = Activity::new();
        let memory = self.memory.connection(peer.ip());
        let timeout = self.settings.write_timeout;
        let stream = Stream::new(stream, activity.clone(), memory.clone(), timeout);
        let service = service_fn(|mut request: Request<Incoming>| {
            let version = request.version();
            let in_flight = activity.begin(version);
            let extensions = request.extensions_mut();
            extensions.insert(ConnectInfo(peer));
            extensions.insert(memory.clone());
            let mut router = self.route(&mut request, only_probes);
            let (request, body) = RequestBody::share(request);
            let response = router.call(request);
            let stopping = self.stop.clone();
            async move {
                let mut response = response.await?;
                let is_read = match body {
                    Some(body) => body.discard(version, response.status()).await,
                    None => true,
                };
                let is_last = only_probes || !is_read || *stopping.borrow();
                if is_last && version <= Version::HTTP_11 {
                    let close = HeaderValue::from_static("close");
                    response.headers_mut().insert(CONNECTION, close);
                }
                Ok::<Response<_>, Infallible>(response.map(|body| ResponseBody {
                    body,
                    _in_flight: in_flight,
                }))
            }
        });
        let connection = protocols.serve_connection(TokioIo::new(stream), service);
        self.drive(connection, &activity, header_timeout).await;
    }

    /// Returns the router of a request: the server's, or the one that refuses.
    fn route(&self, request: &mut Request<Incoming>, only_probes: bool) -> Router {
        let refusal = match host::check(request) {
            Err(refusal) => {
                self.status
                    .refuse(server_status::RefusalReason::InvalidHost);
                refusal
            }
            Ok(()) if only_probes && !request_id::is_probe(request.uri().path()) => {
                too_many_connections()
            }
            Ok(()) => return self.gate.router(),
        };
        request.extensions_mut().insert(refusal);
        self.refusing.clone()
    }

    /// Polls a connection until it ends, and closes it if it is idle for too long or the server stops.
    async fn drive<S>(
        &self,
        connection: HyperConnection<'_, TokioIo<Stream>, S, TokioExecutor>,
        activity: &Activity,
        header_timeout: Duration,
    ) where
        S: HttpService<Request<Incoming>, Response = Response<ResponseBody>, Error = Infallible>,
        S::Future: Send + 'static,
    {
        let settings = Connections {
            header_timeout,
            ..self.settings.clone()
        };
        let mut connection = pin!(connection);
        let mut stop = self.stop.clone();
        // A dropped sender also stops the server.
        let mut stopped = pin!(stop.wait_for(|stop| *stop).fuse());
        let mut timer = pin!(sleep_until(Instant::now() + settings.header_timeout));
        // The time of the stop signal, and the deadline after the graceful shutdown began.
        let (mut stopping, mut ending) = (None, None);
        poll_fn(|context| {
            loop {
                if let Poll::Ready(ended) = connection.as_mut().poll(context) {
                    if let Err(error) = ended {
                        tracing::debug!(%error, "connection error");
                    }
                    return Poll::Ready(());
                }
                if stopped.as_mut().poll(context).is_ready() {
                    stopping = Some(Instant::now());
                }
                let mut deadline = activity.deadline(&settings);
                if let Some(stopping) = stopping {
                    // HTTP/2 reports which requests are still served. HTTP/1.1 ends with a response with `Connection:
                    // close`; a request sent after a response without it is served too.
                    if ending.is_none() && activity.is_multiplexed() {
                        connection.as_mut().graceful_shutdown();
                        ending = Some(Instant::now() + CLOSE_TIMEOUT);
                        continue;
                    }
                    deadline = deadline
                        .no_later_than(activity.since().max(stopping) + LAST_REQUEST_TIMEOUT);
                }
                // Requests in flight may complete earlier.
                if let Some(ending) = ending {
                    deadline = deadline.no_earlier_than(ending);
                }
                if let Some(time) = deadline.time()
                    && time < timer.deadline()
                {
                    timer.as_mut().reset(time);
                }
                ready!(timer.as_mut().poll(context));
                let now = Instant::now();
                match deadline {
                    Deadline::Idle(time) if time <= now && ending.is_none() => {
                        connection.as_mut().graceful_shutdown();
                        ending = Some(now + CLOSE_TIMEOUT);
                    }
                    Deadline::Idle(time) | Deadline::Incomplete(time) if time <= now => {
                        return Poll::Ready(());
                    }
                    _ => {}
                }
                timer.as_mut().reset(now + settings.header_timeout);
            }
        })
        .await;
    }
}

/// Creates the router that responds with the refusal in a request's extensions.
fn refusing() -> Router {
    let refuse = async |Extension(refusal): Extension<Refusal>| {
        let nosniff = [(X_CONTENT_TYPE_OPTIONS, "nosniff")];
        (nosniff, refusal.reply(MediaType::Json))
    };
    Router::new()
        .fallback(refuse)
        .layer(middleware::from_fn(request_id::assign_request_id))
}

fn too_many_connections() -> Refusal {
    let message = "There are too many connections. Close idle ones, or try again later.";
    Refusal {
        retry_after: Some(RETRY_AFTER),
        ..Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            Code::ServiceUnavailable,
            message,
        )
    }
}

/// The body of a response. The request is in flight until the body is sent or dropped.
struct ResponseBody {
    body: Body,
    _in_flight: InFlight,
}

impl HttpBody for ResponseBody {
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
