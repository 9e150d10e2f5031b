//! Wrong passwords from many networks lock an account for attackers, but not for its owner.

use std::time::Duration;

use serde_json::json;
use wares::accounts::user::Role;

use crate::harness::{
    ApiResponse, App, Client, JSON, PASSWORD, on_both_databases_with, user_error,
};

const ANN: &str = "ann@shop.example";
const FIVE: &[&str] = &["--limit-login-account=5/1d"];
const WRONG: &str = "a wrong guess";

fn outcome(response: &ApiResponse) -> String {
    if response.json["errors"].is_array() {
        return response.code().to_owned();
    }
    user_error(&response.json["data"]["login"]).to_owned()
}

/// Signs in. Returns the error code, or an empty string.
async fn attempt(client: &Client, email: &str, password: &str) -> String {
    let input = json!({"email": email, "password": password});
    outcome(&client.mutate("login", input, "accessToken").await)
}

/// Enters wrong passwords from many networks until the account is locked.
async fn lock(app: &App, email: &str) -> Vec<Client> {
    let networks: Vec<_> = (0..5).map(|_| app.anonymous()).collect();
    for network in &networks {
        assert_eq!(attempt(network, email, WRONG).await, "INVALID_CREDENTIALS");
    }
    networks
}

#[tokio::test]
async fn locked_account_refuses_failed_networks_and_accepts_its_owner() {
    on_both_databases_with(FIVE, async |app| {
        app.user(ANN, Role::Customer).await;
        let attackers = lock(app, ANN).await;
        for attacker in &attackers {
            assert_eq!(attempt(attacker, ANN, WRONG).await, "RATE_LIMITED");
            assert_eq!(attempt(attacker, ANN, PASSWORD).await, "RATE_LIMITED");
        }
        // The right password uses up no attempt.
        for _ in 0..10 {
            assert_eq!(attempt(&app.anonymous(), ANN, PASSWORD).await, "");
        }
        for attacker in &attackers {
            assert_eq!(attempt(attacker, ANN, PASSWORD).await, "RATE_LIMITED");
        }
    })
    .await;
}

#[tokio::test]
async fn wrong_passwords_from_new_networks_are_limited_in_total() {
    on_both_databases_with(FIVE, async |app| {
        app.user(ANN, Role::Customer).await;
        let owner = app.anonymous();
        assert_eq!(attempt(&owner, ANN, PASSWORD).await, "");
        for email in [ANN, "nobody@shop.example"] {
            lock(app, email).await;
            for _ in 0..5 {
                let network = app.anonymous();
                assert_eq!(attempt(&network, email, WRONG).await, "INVALID_CREDENTIALS");
            }
            for _ in 0..5 {
                let network = app.anonymous();
                assert_eq!(attempt(&network, email, WRONG).await, "RATE_LIMITED");
                assert_eq!(attempt(&network, email, PASSWORD).await, "RATE_LIMITED");
            }
        }
        // The network of an earlier sign-in is still accepted.
        assert_eq!(attempt(&owner, ANN, WRONG).await, "INVALID_CREDENTIALS");
        assert_eq!(attempt(&owner, ANN, PASSWORD).await, "");
    })
    .await;
}

#[tokio::test]
async fn new_network_has_3_attempts_at_a_locked_account() {
    on_both_databases_with(FIVE, async |app| {
        app.user(ANN, Role::Customer).await;
        lock(app, ANN).await;
        let network = app.anonymous();
        for _ in 0..2 {
            assert_eq!(attempt(&network, ANN, WRONG).await, "INVALID_CREDENTIALS");
        }
        assert_eq!(attempt(&network, ANN, PASSWORD).await, "");
        let network = app.anonymous();
        for _ in 0..3 {
            assert_eq!(attempt(&network, ANN, WRONG).await, "INVALID_CREDENTIALS");
        }
        assert_eq!(attempt(&network, ANN, PASSWORD).await, "RATE_LIMITED");
    })
    .await;
}

#[tokio::test]
async fn network_is_known_for_90_days() {
    on_both_databases_with(FIVE, async |app| {
        app.user(ANN, Role::Customer).await;
        let owner = app.anonymous();
        assert_eq!(attempt(&owner, ANN, PASSWORD).await, "");
        for (days, expected) in [(89, ""), (89, ""), (91, "RATE_LIMITED")] {
            app.advance(Duration::from_hours(days * 24));
            lock(app, ANN).await;
            for _ in 0..5 {
                attempt(&app.anonymous(), ANN, WRONG).await;
            }
            assert_eq!(attempt(&owner, ANN, PASSWORD).await, expected, "{days}");
        }
        assert_eq!(app.count("known_networks").await, 1);
        wares::accounts::auth::service::delete_expired(&app.state)
            .await
            .unwrap();
        assert_eq!(app.count("known_networks").await, 0);
    })
    .await;
}

/// Signs in with a cookie jar. Returns the outcome and the device cookie.
async fn browse(client: &Client, jar: &str, password: &str) -> (String, Option<String>) {
    let query = format!(
        "mutation {{ login(input: {{email: \"{ANN}\", password: \"{password}\", refreshTokenIn: COOKIE}}) {{
            accessToken userErrors {{ code }} }} }}"
    );
    let headers = [JSON, ("apollo-require-preflight", "true"), ("cookie", jar)];
    let response = client
        .post_with(&headers, json!({ "query": query }).to_string())
        .await;
    let cookies = response.headers.get_all("set-cookie").iter();
    let mut cookies = cookies.filter_map(|cookie| cookie.to_str().ok()?.split(';').next());
    let device = cookies.find(|cookie| cookie.starts_with("wares_device="));
    (outcome(&response), device.map(ToOwned::to_owned))
}

#[tokio::test]
async fn known_browser_signs_in_from_a_failed_network() {
    on_both_databases_with(FIVE, async |app| {
        app.user(ANN, Role::Customer).await;
        let (done, device) = browse(&app.anonymous(), "", PASSWORD).await;
        let device = device.unwrap();
        assert_eq!(done, "");
        let attackers = lock(app, ANN).await;
        let cafe = &attackers[0];
        assert_eq!(browse(cafe, "", PASSWORD).await.0, "RATE_LIMITED");
        let other = if device.ends_with('A') { 'B' } else { 'A' };
        let forged = format!("{}{other}", &device[..device.len() - 1]);
        for cookie in [&*forged, "wares_device=", "wares_device=nonsense"] {
            assert_eq!(browse(cafe, cookie, PASSWORD).await.0, "RATE_LIMITED");
        }
        let (done, renewed) = browse(cafe, &device, PASSWORD).await;
        assert_eq!((&*done, renewed.is_some()), ("", true));
        // It has attempts of its own, and then is refused too.
        let thief = &attackers[1];
        for _ in 0..20 {
            assert_eq!(browse(thief, &device, WRONG).await.0, "INVALID_CREDENTIALS");
        }
        assert_eq!(browse(thief, &device, PASSWORD).await.0, "RATE_LIMITED");
        // The cookie is not valid for another account.
        let bob = "bob@shop.example";
        app.user(bob, Role::Customer).await;
        let strangers = lock(app, bob).await;
        let query = format!(
            "mutation {{ login(input: {{email: \"{bob}\", password: \"{PASSWORD}\"}}) {{ accessToken }} }}"
        );
        let headers = [JSON, ("cookie", &*device)];
        let body = json!({ "query": query }).to_string();
        let response = strangers[0].post_with(&headers, body).await;
        assert_eq!(outcome(&response), "RATE_LIMITED");
    })
    .await;
}
