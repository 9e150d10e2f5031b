//! Traces that a server sends to an OpenTelemetry collector.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;

use crate::harness::{Backend, Process, database_flag, fresh_database, http_get, http_post_with};

/// The timeout of each step of a test.
const TIMEOUT: Duration = Duration::from_secs(30);
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CALLER: &str = "b7ad6b7169203331";
const PASSWORD: &str = "a-password-that-nobody-tells";

/// A span and the resource that sent it.
struct Sent {
    of: Vec<KeyValue>,
    span: Span,
}

/// The spans that a collector has received.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<Sent>>>);

impl Collector {
    /// Starts listening. Returns the address as well.
    async fn open() -> (Self, String) {
        let collector = Self::default();
        let taker = collector.clone();
        let take = async move |headers: HeaderMap, body: Bytes| taker.take(&headers, body);
        let router = Router::new().route("/of/mine/v1/traces", post(take));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        (collector, format!("http://{address}/of/mine/"))
    }

    fn take(&self, headers: &HeaderMap, body: Bytes) {
        assert_eq!(headers["content-type"], "application/x-protobuf");
        assert_eq!(headers["x-of"], "the-operator");
        let sent = ExportTraceServiceRequest::decode(body).unwrap();
        let mut spans = self.0.lock().unwrap();
        for part in sent.resource_spans {
            let of = part.resource.unwrap().attributes;
            let all = part.scope_spans.into_iter().flat_map(|scope| scope.spans);
            spans.extend(all.map(|span| Sent {
                of: of.clone(),
                span,
            }));
        }
    }

    fn spans(&self) -> Vec<Span> {
        let spans = self.0.lock().unwrap();
        spans.iter().map(|sent| sent.span.clone()).collect()
    }

    fn span_named(&self, name: &str) -> Span {
        let spans = self.spans();
        let names: Vec<_> = spans.iter().map(|span| &span.name).collect();
        let found = spans.iter().find(|span| span.name == name);
        found.unwrap_or_else(|| panic!("{name}: {names:?}")).clone()
    }

    /// Returns the child spans.
    fn children(&self, parent: &Span) -> Vec<Span> {
        let spans = self.spans().into_iter();
        spans
            .filter(|span| span.parent_span_id == parent.span_id)
            .collect()
    }
}

/// Returns the value of an attribute.
fn attribute(attributes: &[KeyValue], name: &str) -> String {
    let found = attributes.iter().find(|attribute| attribute.key == name);
    let Some(AnyValue { value: Some(value) }) = found.and_then(|found| found.value.clone()) else {
        panic!("{name}: {attributes:?}");
    };
    match value {
        Value::StringValue(text) => text,
        Value::IntValue(number) => number.to_string(),
        other => panic!("{name}: {other:?}"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

fn ask(server: &Process, more: &str, query: &str) {
    let body = serde_json::json!({ "query": query }).to_string();
    let response = http_post_with(&server.address, more, &body);
    assert!(response.starts_with("HTTP/1.1 200"), "{response}");
    assert!(
        response.contains("\"data\":{") || query.contains("nothing"),
        "{response}"
    );
}

async fn each_request_is_a_trace(backend: Backend, system: &str) {
    let folder = tempfile::tempdir().unwrap();
    let (collector, address) = Collector::open().await;
    let flags = [
        "--demo=off".to_owned(),
        format!("--otel-exporter-otlp-endpoint={address}"),
        database_flag(&fresh_database(backend, folder.path()).await),
    ];
    let flags: Vec<_> = flags.iter().map(String::as_str).collect();
    let mut command = Process::command(folder.path(), &flags);
    command.env("OTEL_EXPORTER_OTLP_HEADERS", "x-of=the-operator");
    command.env(
        "OTEL_RESOURCE_ATTRIBUTES",
        "deployment.environment.name=test",
    );
    let mut server = Process::serve_command(folder.path(), command);
    let parent = format!("traceparent: 00-{TRACE}-{CALLER}-01\r\nX-Request-Id: mine\r\n");
    ask(
        &server,
        &parent,
        "query Shelf { categories { totalCount } }",
    );
    let register = format!(
        "mutation Enter {{ register(input: {{email: \"nobody@example.com\", password: \"{PASSWORD}\", name: \"Jo\"}}) {{ userErrors {{ code }} }} }}"
    );
    ask(&server, "Idempotency-Key: once\r\n", &register);
    ask(&server, "", "{ nothingOfThatName }");
    http_get(&server.address, "/health/ready");
    http_get(&server.address, "/no-such-place?key=secret-of-an-address");
    server.signal("TERM");
    assert!(server.wait());

    let shelf = collector.span_named("query Shelf");
    assert_eq!(hex(&shelf.trace_id), TRACE);
    assert_eq!(hex(&shelf.parent_span_id), CALLER);
    assert_eq!(attribute(&shelf.attributes, "wares.request_id"), "mine");
    assert_eq!(
        attribute(&shelf.attributes, "http.response.status_code"),
        "200"
    );
    assert_eq!(
        attribute(&shelf.attributes, "graphql.operation.name"),
        "Shelf"
    );
    assert_eq!(attribute(&shelf.attributes, "wares.outcome"), "ok");
    let statements = collector.children(&shelf);
    assert!(!statements.is_empty());
    for statement in &statements {
        assert_eq!(attribute(&statement.attributes, "db.system.name"), system);
        assert!(attribute(&statement.attributes, "db.query.text").starts_with(&statement.name));
        assert!(statement.start_time_unix_nano >= shelf.start_time_unix_nano);
        assert!(statement.end_time_unix_nano <= shelf.end_time_unix_nano);
    }
    // In a separate task, because of the idempotency key.
    let enter = collector.span_named("mutation Enter");
    assert_ne!(hex(&enter.trace_id), TRACE);
    assert!(collector.children(&enter).len() > 2);
    let refused = collector.span_named("query (none)");
    assert_eq!(attribute(&refused.attributes, "wares.outcome"), "refused");
    let lost = collector.span_named("GET");
    assert_eq!(attribute(&lost.attributes, "url.path"), "/no-such-place");
    assert_eq!(
        attribute(&lost.attributes, "http.response.status_code"),
        "404"
    );
    let spans = collector.spans();
    let roots = spans.iter().filter(|span| span.kind == 2);
    assert_eq!(
        roots.count(),
        4,
        "no span for probes, nor for what is done without being asked"
    );
    let told = format!("{spans:?}");
    assert!(!told.contains(PASSWORD) && !told.contains("nobody@example.com"));
    assert!(!told.contains("secret-of-an-address"));
    let of = &collector.0.lock().unwrap()[0].of;
    assert_eq!(attribute(of, "service.name"), "wares");
    assert_eq!(attribute(of, "deployment.environment.name"), "test");
    assert!(!server.log().contains("collector"), "{}", server.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_request_is_a_trace_with_its_statements() {
    each_request_is_a_trace(Backend::Sqlite, "sqlite").await;
    each_request_is_a_trace(Backend::Postgres, "postgresql").await;
}

#[test]
fn unavailable_collector_is_logged_and_does_not_affect_requests() {
    let folder = tempfile::tempdir().unwrap();
    // Accepted, and never answered.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = silent.local_addr().unwrap();
    for address in ["http://127.0.0.1:1".to_owned(), format!("http://{silent}")] {
        let flag = format!("--otel-exporter-otlp-endpoint={address}");
        let mut command = Process::command(folder.path(), &["--demo=off", &flag]);
        command.env("OTEL_BSP_SCHEDULE_DELAY", "100");
        let mut server = Process::serve_command(folder.path(), command);
        let begun = Instant::now();
        while !server
            .log()
            .contains("failed to send traces to the collector")
        {
            assert!(begun.elapsed() < TIMEOUT, "{}", server.log());
            ask(&server, "", "query Shelf { categories { totalCount } }");
            std::thread::sleep(Duration::from_millis(20));
        }
        for _ in 0..200 {
            ask(&server, "", "query Shelf { categories { totalCount } }");
        }
        let stopping = Instant::now();
        server.signal("TERM");
        assert!(server.wait());
        assert!(stopping.elapsed() < TIMEOUT / 2);
        let lines = server.log();
        assert_eq!(
            lines
                .matches("failed to send traces to the collector")
                .count(),
            1
        );
    }
}
