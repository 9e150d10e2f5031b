//! Two servers on one database: a change by one is effective for the other at once. So are rate limits (`attempts`),
//! idempotency keys (`idempotency`) and the read cache (`read_cache_watch`).

use std::collections::HashSet;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tempfile::TempDir;
use wares::accounts::user::Role;
use wares::platform::jobs::Queue;

use crate::harness::{App, Backend, PASSWORD, fresh_database};

const ADA: &str = "ada@example.com";
/// Servers on one database share this, so that each accepts the other's tokens.
const SECRET: &str = "--jwt-secrets=a secret that all servers know 0123456789";

async fn two(settings: &[&str]) -> (App, App, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let address = fresh_database(Backend::Postgres, folder.path()).await;
    let settings: Vec<_> = [SECRET].iter().chain(settings).copied().collect();
    let first = App::on_database(Backend::Postgres, address.clone(), &settings).await;
    let second = App::on_database(Backend::Postgres, address, &settings).await;
    (first, second, folder)
}

async fn stop(first: App, second: App) {
    first.stop().await;
    second.stop().await;
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value}"))
}

#[tokio::test]
async fn session_is_valid_and_revoked_on_both_servers() {
    let (first, second, _folder) = two(&[]).await;
    first.user(ADA, Role::Customer).await;
    let tokens = first.anonymous().login(ADA, PASSWORD).await;
    let here = first.anonymous().with_token(text(&tokens["accessToken"]));
    let there = second.anonymous().with_token(text(&tokens["accessToken"]));
    assert!(here.is_signed_in().await && there.is_signed_in().await);
    // Tabs that use either server refresh at once: all get the same next token.
    let input = json!({"refreshToken": tokens["refreshToken"]});
    let (one, other) = (first.anonymous(), second.anonymous());
    let refresh = |number: usize| {
        let client = if number.is_multiple_of(2) {
            &one
        } else {
            &other
        };
        client.run_mutation(
            "refreshToken",
            input.clone(),
            "refreshToken userErrors { code }",
        )
    };
    let responses = join_all((0..10).map(refresh)).await;
    let next: HashSet<_> = responses
        .iter()
        .map(|response| text(&response["refreshToken"]))
        .collect();
    assert_eq!(next.len(), 1, "{next:?}");
    assert!(here.is_signed_in().await && there.is_signed_in().await);
    there
        .data("mutation { logoutAll { userErrors { code } } }", json!({}))
        .await;
    assert!(!here.is_signed_in().await && !there.is_signed_in().await);
    stop(first, second).await;
}

#[tokio::test]
async fn each_email_is_sent_once() {
    let (first, second, _folder) = two(&["--limit-codes-client=100/1m"]).await;
    for number in 0..20 {
        first
            .anonymous()
            .register(&format!("reader{number}@example.com"))
            .await;
    }
    let (here, there) = tokio::join!(
        first.run_due_jobs(Queue::EMAILS),
        second.run_due_jobs(Queue::EMAILS)
    );
    assert_eq!(here + there, 20);
    let (here, there) = (first.emails().await, second.emails().await);
    let codes: Vec<_> = here
        .iter()
        .chain(&there)
        .filter_map(|letter| letter.code.clone())
        .collect();
    assert_eq!(codes.len(), 20);
    let to: HashSet<_> = here
        .iter()
        .chain(&there)
        .map(|letter| letter.to.clone())
        .collect();
    assert_eq!(to.len(), 20);
    assert_eq!(first.count("outbox").await, 0);
    stop(first, second).await;
}
