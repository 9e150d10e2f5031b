//! Traces (OpenTelemetry): a span for each request, with a child span for each of its SQL statements.
//!
//! A thread of the library sends them to a collector over OTLP (HTTP, Protobuf). Requests do not wait for it, and
//! spans that the collector does not accept are lost. Without a collector no spans are created.
//!
//! Names and attributes follow the semantic conventions for HTTP, GraphQL and databases. They contain no free input
//! of clients: no values of statements, no query strings, no operation names beyond those in the metrics.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use async_trait::async_trait;
use bytes::Bytes;
use hyper::{HeaderMap, Method, Request, Response};
use opentelemetry::context::{FutureExt, WithContext};
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{Span, SpanKind, Status, TraceContextExt, Tracer, TracerProvider};
use opentelemetry::{Context, Key, KeyValue};
use opentelemetry_http::{HeaderExtractor, HttpClient, HttpError};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tracing::Instrument;

use crate::config::Config;
use crate::core::error::Error;
use crate::infra::http_client::{self, RequestError};
use crate::infra::telemetry::log::LogThrottle;

/// The tracer of the process, if traces are enabled.
static TRACER: OnceLock<SdkTracer> = OnceLock::new();

/// The timeout of a request to the collector.
const COLLECTOR_TIMEOUT: Duration = Duration::from_secs(5);
/// The maximum time that the shutdown waits for the last spans to be sent.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(2);

/// The exporter of traces, if enabled.
#[derive(Debug)]
pub struct Traces(Option<SdkTracerProvider>);

impl Traces {
    /// Enables traces if the settings name a collector.
    ///
    /// # Errors
    /// When the collector's URL is invalid.
    pub fn start(config: &Config) -> anyhow::Result<Self> {
        let Some(collector) = &config.otel_exporter_otlp_endpoint else {
            return Ok(Self(None));
        };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Sender::new(Handle::current()))
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(format!("{collector}/v1/traces"))
            .with_timeout(COLLECTOR_TIMEOUT)
            .build()
            .context("traces can't be sent to OTEL_EXPORTER_OTLP_ENDPOINT")?;
        let provider = SdkTracerProvider::builder()
            .with_resource(resource())
            .with_batch_exporter(exporter)
            .build();
        _ = TRACER.set(provider.tracer("wares"));
        Ok(Self(Some(provider)))
    }

    /// Sends the remaining spans, and waits for up to 2 seconds.
    pub async fn end(self) {
        if let Some(provider) = self.0 {
            let end = move || provider.shutdown_with_timeout(SHUTDOWN_TIMEOUT);
            // Failures have been logged by `Sender`.
            _ = tokio::task::spawn_blocking(end).await;
        }
    }
}

/// Returns the resource: the service name from the library's environment variables, else `wares`.
fn resource() -> Resource {
    const NAME: Key = Key::from_static_str("service.name");
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let builder = || Resource::builder().with_attribute(version.clone());
    let configured = builder().build();
    let name = configured.get_ref(&NAME).map(|name| name.as_str());
    if name.is_some_and(|name| !name.starts_with("unknown_service")) {
        return configured;
    }
    builder().with_service_name("wares").build()
}

/// A traced request.
#[derive(Clone, Debug)]
pub struct Trace(Context);

/// Begins the trace of a request, or continues the one in its headers (W3C Trace Context). Returns `None` when traces
/// are disabled.
pub fn begin(method: &Method, path: &str, headers: &HeaderMap, id: &str) -> Option<Trace> {
    let tracer = TRACER.get()?;
    let caller = TraceContextPropagator::new().extract(&HeaderExtractor(headers));
    let span = tracer
        .span_builder(method.as_str().to_owned())
        .with_kind(SpanKind::Server)
        .with_attributes([
            KeyValue::new("http.request.method", method.as_str().to_owned()),
            KeyValue::new("url.path", path.to_owned()),
            KeyValue::new("wares.request_id", id.to_owned()),
        ])
        .start_with_context(tracer, &caller);
    Some(Trace(caller.with_span(span)))
}

impl Trace {
    /// Runs a future within the span of the request.
    pub fn in_span<F: Future>(&self, work: F) -> WithContext<F> {
        work.with_context(self.0.clone())
    }

    /// Sets the GraphQL attributes: the operation's type, its name in the metrics, and the outcome.
    pub fn set_operation(&self, kind: &'static str, name: &str, outcome: &'static str) {
        let span = self.0.span();
        span.update_name(format!("{kind} {name}"));
        span.set_attributes([
            KeyValue::new("graphql.operation.type", kind),
            KeyValue::new("graphql.operation.name", name.to_owned()),
            KeyValue::new("wares.outcome", outcome),
        ]);
    }

    /// Ends the span with the status of the response.
    pub fn end(self, status: u16) {
        let span = self.0.span();
        span.set_attribute(KeyValue::new(
            "http.response.status_code",
            i64::from(status),
        ));
        if status >= 500 {
            span.set_attribute(KeyValue::new("error.type", status.to_string()));
            span.set_status(Status::error(""));
        }
        span.end();
    }
}

/// Marks the current span as failed because of an internal error, whose cause is in the log.
pub fn fail() {
    if TRACER.get().is_some() {
        Context::current().span().set_status(Status::error(""));
    }
}

/// Runs a future in a task of its own, within the current span of the log and of the trace.
pub fn spawn<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    tokio::spawn(work.in_current_span().with_current_context())
}

/// Logs the cause of an error unless it was logged before, and marks the span of the request as failed.
pub fn log_failure(error: &Error, message: &str) {
    if error.log(message) {
        fail();
    }
}

/// Records the span of an executed statement, if it belongs to a traced request.
pub fn statement<'a>(
    system: &'static str,
    text: impl FnOnce() -> &'a str,
    duration: Duration,
    failed: bool,
) {
    let Some(tracer) = TRACER.get() else {
        return;
    };
    let context = Context::current();
    if !context.span().span_context().is_sampled() {
        return;
    }
    let text = text();
    let verb = text.split_whitespace().next().unwrap_or("SQL");
    #[expect(
        clippy::disallowed_methods,
        reason = "the library uses the system's time as well"
    )]
    let now = SystemTime::now();
    let mut span = tracer
        .span_builder(verb.to_owned())
        .with_kind(SpanKind::Client)
        .with_start_time(now - duration)
        .with_attributes([
            KeyValue::new("db.system.name", system),
            KeyValue::new("db.query.text", text.to_owned()),
        ])
        .start_with_context(tracer, &context);
    if failed {
        span.set_status(Status::error(""));
    }
    span.end_with_timestamp(now);
}

/// Sends spans with our own HTTP client. The library calls it from its own thread.
#[derive(Debug)]
struct Sender {
    http: http_client::HttpClient,
    runtime: Handle,
    log: Mutex<LogThrottle>,
}

impl Sender {
    fn new(runtime: Handle) -> Self {
        Self {
            http: http_client::HttpClient::default(),
            runtime,
            log: Mutex::default(),
        }
    }
}

#[async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (http, request) = (self.http.clone(), request.map(Vec::from));
        let ask = async move { http.send(request, Instant::now() + COLLECTOR_TIMEOUT).await };
        let response = self.runtime.spawn(ask).await;
        let response =
            response.unwrap_or_else(|_| Err(RequestError::new("the server has stopped")));
        let response = response.and_then(|response| match response.status() {
            status if status.is_success() => Ok(response.map(Bytes::from)),
            status => Err(RequestError(format!(
                "unexpected status {}",
                status.as_u16()
            ))),
        });
        response.map_err(|cause| {
            let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
            if log.is_due() {
                tracing::warn!(%cause, "failed to send traces to the collector");
            }
            cause.into()
        })
    }
}
