//! Traces (OpenTelemetry): a span for each request, and below it one for each of its statements.
//!
//! They are sent to a collector over OTLP (HTTP, Protobuf), by a thread of the library: whoever is answered does not wait
//! for that, and what the collector does not take is lost. Without a collector none is made.
//!
//! Names and attributes are those of the semantic conventions for HTTP, GraphQL and databases. None is anything that a
//! client says freely: no value of a statement, no query of an address, no name of an operation beyond those that are
//! counted.

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
use tokio::time::Instant;

use crate::config::Config;
use crate::core::error::Error;
use crate::infra::http_client::{self, RequestError};
use crate::infra::telemetry::log::LogThrottle;

/// What makes spans, if anybody wants them. One for the process, as the log is.
static TRACER: OnceLock<SdkTracer> = OnceLock::new();

/// How long the collector may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long the end waits for the last spans to be sent.
const LAST: Duration = Duration::from_secs(2);

/// What sends traces, where that is wanted.
#[derive(Debug)]
pub struct Traces(Option<SdkTracerProvider>);

impl Traces {
    /// Makes traces from here on, if the settings name a collector for them.
    ///
    /// # Errors
    /// When the address makes no sense to the library.
    pub fn start(config: &Config) -> anyhow::Result<Self> {
        let Some(collector) = &config.otel_exporter_otlp_endpoint else {
            return Ok(Self(None));
        };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Sender::new(Handle::current()))
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(format!("{collector}/v1/traces"))
            .with_timeout(PATIENCE)
            .build()
            .context("traces can't be sent to OTEL_EXPORTER_OTLP_ENDPOINT")?;
        let provider = SdkTracerProvider::builder()
            .with_resource(resource())
            .with_batch_exporter(exporter)
            .build();
        _ = TRACER.set(provider.tracer("wares"));
        Ok(Self(Some(provider)))
    }

    /// Sends what was not sent yet, as far as the collector takes it at once.
    pub async fn end(self) {
        if let Some(provider) = self.0 {
            let end = move || provider.shutdown_with_timeout(LAST);
            // What it fails by was told by who sends.
            _ = tokio::task::spawn_blocking(end).await;
        }
    }
}

/// Who says all this: what the operator calls this process by the variables of the library, else Wares.
fn resource() -> Resource {
    const NAME: Key = Key::from_static_str("service.name");
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let builder = || Resource::builder().with_attribute(version.clone());
    let given = builder().build();
    let name = given.get_ref(&NAME).map(|name| name.as_str());
    if name.is_some_and(|name| !name.starts_with("unknown_service")) {
        return given;
    }
    builder().with_service_name("wares").build()
}

/// A request that is traced.
#[derive(Clone, Debug)]
pub struct Trace(Context);

/// Begins the trace of a request, or goes on with that which its headers tell of (W3C Trace Context). Nothing when traces
/// are off.
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
    /// Does this as a part of it.
    pub fn around<F: Future>(&self, work: F) -> WithContext<F> {
        work.with_context(self.0.clone())
    }

    /// Says what GraphQL was asked: the kind of operation, the name it is counted under, and what became of it.
    pub fn tell(&self, kind: &'static str, name: &str, outcome: &'static str) {
        let span = self.0.span();
        span.update_name(format!("{kind} {name}"));
        span.set_attributes([
            KeyValue::new("graphql.operation.type", kind),
            KeyValue::new("graphql.operation.name", name.to_owned()),
            KeyValue::new("wares.outcome", outcome),
        ]);
    }

    /// Ends it with the status of its answer.
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

/// Says that the request which this is a part of met a fault of ours. The log has the cause.
pub fn fail() {
    if TRACER.get().is_some() {
        Context::current().span().set_status(Status::error(""));
    }
}

/// Does this, in a task of its own perhaps, as a part of the request that asks for it.
pub fn within<F: Future>(work: F) -> WithContext<F> {
    work.with_current_context()
}

/// Logs the cause of an error, unless it was logged before, and marks the span of the request as failed.
pub fn log_failure(error: &Error, message: &str) {
    if error.log(message) {
        fail();
    }
}

/// Tells of a statement that this database has just executed, if that was for a request.
pub fn statement<'a>(
    system: &'static str,
    text: impl FnOnce() -> &'a str,
    took: Duration,
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
        reason = "what the library tells is the system's time too"
    )]
    let now = SystemTime::now();
    let mut span = tracer
        .span_builder(verb.to_owned())
        .with_kind(SpanKind::Client)
        .with_start_time(now - took)
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

/// Sends spans by our own client. The library asks from a thread of its own.
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
        let ask = async move { http.send(request, Instant::now() + PATIENCE).await };
        let answer = self.runtime.spawn(ask).await;
        let answer = answer.unwrap_or_else(|_| Err(RequestError::new("the server has ended")));
        let answer = answer.and_then(|answer| match answer.status() {
            status if status.is_success() => Ok(answer.map(Bytes::from)),
            status => Err(RequestError(format!("it said {}", status.as_u16()))),
        });
        answer.map_err(|cause| {
            let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
            if log.is_due() {
                tracing::warn!(%cause, "the collector takes no traces");
            }
            cause.into()
        })
    }
}
