//! The simulated Stripe: the steps of buyers and banks, expiry, and faults that its own client does not notice.

use std::time::Duration;

use serde_json::{Value, json};
use url::form_urlencoded;
use wares::core::clock::Clock;

use crate::harness::{Fault, FaultKind, HttpResponse, Outcome, RefundOutcome, StripeServer, fetch};

const INTENTS: &str = "/v1/payment_intents";
const EVENTS: &str = "/v1/events";

/// Sends a request, with an idempotency key unless it is empty.
async fn send(
    server: &StripeServer,
    method: &str,
    path: &str,
    params: &[(&str, &str)],
    key: &str,
) -> HttpResponse {
    let secret = &server.settings()[0];
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(params)
        .finish();
    let mut headers = vec![
        ("Authorization".to_owned(), format!("Bearer {}", secret.1)),
        ("Stripe-Version".to_owned(), "2026-10-28.endive".to_owned()),
        ("Content-Length".to_owned(), body.len().to_string()),
    ];
    if !key.is_empty() {
        headers.push(("Idempotency-Key".to_owned(), key.to_owned()));
    }
    let url = format!("{}{path}", server.url());
    fetch(method, &url, &headers, body.as_bytes()).await
}

fn json_of(response: &HttpResponse) -> Value {
    serde_json::from_slice(&response.body).unwrap()
}

async fn get(server: &StripeServer, path: &str) -> Value {
    json_of(&send(server, "GET", path, &[], "").await)
}

/// Creates an intent of 19.99 EUR. Returns its ID.
async fn create(server: &StripeServer, key: &str) -> String {
    let params = [("amount", "1999"), ("currency", "eur")];
    let created = send(server, "POST", INTENTS, &params, key).await;
    assert_eq!(created.status, 200, "{}", created.head);
    json_of(&created)["id"].as_str().unwrap().to_owned()
}

async fn types(server: &StripeServer) -> Vec<String> {
    let events = get(server, "/v1/events?limit=100").await;
    let events = events["data"].as_array().unwrap().clone();
    let name = |event: &Value| event["type"].as_str().unwrap().to_owned();
    events.iter().rev().map(name).collect()
}

#[tokio::test]
async fn a_slow_payment_fails_and_then_succeeds() {
    let server = StripeServer::start().await;
    let intent = create(&server, "").await;
    assert!(server.play(&intent, Outcome::Process));
    assert!(!server.play(&intent, Outcome::Succeed));
    let canceled = send(
        &server,
        "POST",
        &format!("{INTENTS}/{intent}/cancel"),
        &[],
        "",
    )
    .await;
    assert_eq!(canceled.status, 400);
    assert!(server.play(&intent, Outcome::FinishProcessing(false)));
    assert_eq!(server.intents()[0].status, "requires_payment_method");
    assert!(server.play(&intent, Outcome::Decline("expired_card")));
    let open = get(&server, &format!("{INTENTS}/{intent}")).await;
    assert_eq!(open["last_payment_error"]["code"], "expired_card");
    assert!(server.play(&intent, Outcome::Process));
    assert!(server.play(&intent, Outcome::FinishProcessing(true)));
    assert_eq!(server.intents()[0].captured, 1_999);
    let kinds = types(&server).await;
    assert_eq!(kinds.last().unwrap(), "payment_intent.succeeded");
    assert_eq!(
        kinds.iter().filter(|kind| *kind == "charge.failed").count(),
        2
    );
}

#[tokio::test]
async fn refunds_fail_late_and_disputes_are_lost() {
    let server = StripeServer::start().await;
    let intent = create(&server, "").await;
    assert!(server.play(&intent, Outcome::Succeed));
    server.set_refund_outcome(RefundOutcome::Fail);
    server.refund_in_dashboard(&intent, 1_999);
    assert_eq!(server.intents()[0].refunded, 0);
    server.set_refund_outcome(RefundOutcome::Pend);
    let pending = server.refund_in_dashboard(&intent, 999);
    server.finish_refund(&pending, true);
    assert_eq!(server.refunds(&intent).len(), 2);
    assert_eq!(server.intents()[0].refunded, 999);
    let dispute = server.dispute(&intent, 1_000);
    let refused = [("payment_intent", intent.as_str())];
    let refused = send(&server, "POST", "/v1/refunds", &refused, "").await;
    assert_eq!(json_of(&refused)["error"]["code"], "charge_disputed");
    server.close_dispute(&dispute, false);
    let disputes = get(&server, &format!("/v1/disputes?payment_intent={intent}")).await;
    assert_eq!(disputes["data"][0]["status"], "lost");
    assert_eq!(
        types(&server).await.last().unwrap(),
        "charge.dispute.closed"
    );
}

#[tokio::test]
async fn keys_expire_after_a_day_and_events_after_a_month() {
    let server = StripeServer::start().await;
    let clock = Clock::Manual(std::sync::Arc::new(1_800_000_000_000_000_i64.into()));
    server.use_clock(clock.clone());
    let Clock::Manual(time) = clock else {
        unreachable!()
    };
    let hours =
        |hours: i64| time.fetch_add(hours * 3_600_000_000, std::sync::atomic::Ordering::SeqCst);
    let first = create(&server, "key").await;
    hours(23);
    assert_eq!(create(&server, "key").await, first);
    hours(1);
    assert_ne!(create(&server, "key").await, first);
    assert_eq!(types(&server).await.len(), 2);
    server.delay_events(Duration::from_hours(2));
    assert_eq!(types(&server).await.len(), 1);
    server.delay_events(Duration::ZERO);
    hours(24 * 29);
    assert_eq!(types(&server).await.len(), 1);
    hours(24);
    assert_eq!(types(&server).await, [""; 0]);
}

#[tokio::test]
async fn faults_apply_to_the_next_matching_requests() {
    let server = StripeServer::start().await;
    let intent = create(&server, "").await;
    server.play(&intent, Outcome::Succeed);
    server.inject(Fault::new(FaultKind::Repeat).on("GET", EVENTS));
    server.inject(Fault::new(FaultKind::Reverse).on("GET", EVENTS));
    let twice = types(&server).await;
    assert_eq!(twice[..2], ["payment_intent.created"; 2]);
    assert_eq!(types(&server).await[0], "payment_intent.succeeded");

    let capture = Fault::new(FaultKind::Status(503)).on("POST", INTENTS);
    server.inject(capture.ending("/capture").times(2));
    create(&server, "").await;
    let path = format!("{INTENTS}/{intent}/capture");
    for status in [503, 503, 400] {
        let captured = send(&server, "POST", &path, &[], "").await;
        assert_eq!(captured.status, status);
    }

    let path = format!("{INTENTS}/{intent}");
    server.inject(Fault::new(FaultKind::Change("/currency", json!("usd"))));
    assert_eq!(get(&server, &path).await["currency"], "usd");
    assert_eq!(get(&server, &path).await["currency"], "eur");
    server.inject(Fault::new(FaultKind::Huge(1 << 20)));
    let huge = send(&server, "GET", &path, &[], "").await;
    assert!(huge.body.len() > 1 << 20);
    server.inject(Fault::new(FaultKind::Truncate(20)));
    assert_eq!(send(&server, "GET", &path, &[], "").await.body.len(), 20);
    let delay = Duration::from_millis(200);
    server.inject(Fault::new(FaultKind::DelayResponse(delay)));
    let started = std::time::Instant::now();
    get(&server, &path).await;
    assert!(started.elapsed() >= delay);
    server.inject(Fault::new(FaultKind::Status(500)));
    server.clear_faults();
    get(&server, &path).await;

    let requests = server.requests();
    let created = &requests[0];
    assert_eq!(
        (created.method.as_str(), created.path.as_str()),
        ("POST", INTENTS)
    );
    assert_eq!(created.params[0], ("amount".to_owned(), "1999".to_owned()));
    assert_eq!(created.idempotency_key, None);
    assert_eq!(created.headers["stripe-version"], "2026-10-28.endive");
    assert_eq!(server.intents()[0].currency, "eur");
}
