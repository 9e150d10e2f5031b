//! The simulated Stripe compared with Stripe's own client: the package `stripe` of npm drives it, and the types of that
//! package, which Stripe generates from its API, describe its objects.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::json;

use crate::harness::{
    Fault, FaultKind, Outcome, RefundOutcome, StripeServer, npm_packages_of, run, write_atomically,
};

const PACKAGE: &str = include_str!("../../stripe/package.json");
const LOCK: &str = include_str!("../../stripe/package-lock.json");
const CLIENT: &str = include_str!("../../stripe/client.mjs");
const SHAPES: &str = include_str!("../../stripe/shapes.mjs");
const CREATE: &str = "/v1/payment_intents";

#[test]
fn lock_file_contains_no_registry_addresses() {
    assert!(
        !LOCK.contains("\"resolved\""),
        "run `npm config set omit-lockfile-registry-resolved true`, and create the file again"
    );
}

#[tokio::test]
async fn stripes_client_pays_refunds_and_reads_events() {
    let server = StripeServer::start().await;
    drive(&server, "client.mjs", CLIENT, &["payments"]).await;
    let paid = &server.intents()[0];
    assert_eq!(
        (paid.amount, paid.captured, paid.refunded, paid.status),
        (1_999, 1_999, 1_999, "succeeded")
    );
    assert_eq!(paid.metadata["order"], "o1");
    let creations: Vec<_> = server.intents().iter().map(|one| one.creations).collect();
    assert_eq!(creations[..2], [1, 2]);
}

#[tokio::test]
async fn stripes_client_sees_the_faults_it_would_see_at_stripe() {
    let server = StripeServer::start().await;
    let faults = [
        FaultKind::Status(500),
        FaultKind::LoseResponse,
        FaultKind::Status(429),
        FaultKind::Status(409),
        FaultKind::StoredStatus(500),
    ];
    // Faults are applied in this order, and the second attempt of a retried request has none.
    let retried = [true, true, false, true, true];
    for (fault, is_retried) in faults.into_iter().zip(retried) {
        inject(&server, fault);
        if is_retried {
            inject(&server, FaultKind::Delay(Duration::ZERO));
        }
    }
    inject(&server, FaultKind::StatusAfterwards(500));
    inject(&server, FaultKind::Delay(Duration::from_secs(1)));
    for _ in 0..2 {
        inject(&server, FaultKind::Delay(Duration::ZERO));
    }
    inject(&server, FaultKind::Html(502));
    inject(&server, FaultKind::Hang(Duration::from_secs(2)));
    inject(&server, FaultKind::Change("/amount", json!(1)));
    drive(&server, "client.mjs", CLIENT, &["faults"]).await;

    let intents = server.intents();
    let created: Vec<_> = intents
        .iter()
        .map(|intent| (intent.metadata["order"].as_str(), intent.creations))
        .collect();
    let expected = [
        ("status-500", 1),
        ("lost-response", 2),
        ("status-409", 1),
        ("500-afterwards", 1),
        ("slow", 2),
        ("changed", 1),
    ];
    assert_eq!(created, expected);
    assert!(intents.iter().all(|intent| intent.amount == 1_999));
    assert_eq!(server.max_concurrent_requests(), 2);
}

fn inject(server: &StripeServer, kind: FaultKind) {
    server.inject(Fault::new(kind).on("POST", CREATE));
}

#[tokio::test]
async fn objects_have_the_fields_that_stripe_publishes() {
    let server = StripeServer::start().await;
    drive(&server, "client.mjs", CLIENT, &["payments"]).await;
    let intents = server.intents();
    let mut open = intents.iter();
    let open = open.find(|intent| intent.status == "requires_payment_method");
    assert!(server.play(&open.unwrap().id, Outcome::RequireAction));
    let captured = intents
        .iter()
        .find(|intent| intent.captured > intent.refunded);
    let captured = &captured.unwrap().id;
    server.set_refund_outcome(RefundOutcome::Pend);
    let refund = server.refund_in_dashboard(captured, 100);
    server.finish_refund(&refund, false);
    let won = server.dispute(captured, 500);
    server.close_dispute(&won, true);
    drive(&server, "shapes.mjs", SHAPES, &[]).await;
}

/// Installs the packages.
async fn packages() -> std::path::PathBuf {
    let install = || npm_packages_of(&["node", "npm"], PACKAGE, LOCK);
    tokio::task::spawn_blocking(install).await.unwrap()
}

/// Runs a script with the URL and the keys of the server.
async fn drive(server: &StripeServer, name: &str, script: &str, arguments: &[&str]) {
    let folder = packages().await;
    let path = write_atomically(&folder, name, script.as_bytes());
    let [(_, secret), (_, publishable), _] = server.settings().try_into().unwrap();
    let mut node = Command::new("node");
    node.arg(Path::new(&path)).arg(server.url());
    node.args([secret, publishable]).args(arguments);
    let advice = "Stripe's client failed at the simulated Stripe.";
    tokio::task::spawn_blocking(move || run(&mut node, advice))
        .await
        .unwrap();
}
