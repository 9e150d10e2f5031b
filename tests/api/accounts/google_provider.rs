//! Browser sign-in with an independent, certified OpenID provider.

use serde_json::{Value, json};
use wares::accounts::user::Role;
use wares::platform::jobs::Queue;

use crate::harness::google_claims::{client_of, exchange};
use crate::harness::{
    App, Browser, Oidc, ProviderBrowser, on_both_databases_with_oidc, user_error,
};

const SHOP: &str = "https://shop.example/";

/// Signs in as far as a browser can. Returns the final URL.
async fn end(app: &App, person: &mut ProviderBrowser, email: &str, response: &str) -> String {
    let mut browser = Browser::new(app);
    let start = browser.open("/auth/google/login").await;
    assert_eq!(start.status, 302, "{}", start.text);
    let back = person
        .sign_in(start.header("location"), email, response)
        .await;
    let path = back.strip_prefix("http://localhost:8000").unwrap();
    let response = browser.open(path).await;
    assert_eq!(response.status, 302, "{}", response.text);
    assert!(browser.cookies.is_empty());
    response.header("location").to_owned()
}

async fn code(app: &App, person: &mut ProviderBrowser, email: &str) -> String {
    let end = end(app, person, email, "allow").await;
    let code = end.strip_prefix(&format!("{SHOP}#code="));
    code.unwrap_or_else(|| panic!("{end}")).to_owned()
}

async fn users(app: &App) -> i64 {
    app.count("users").await
}

#[tokio::test]
async fn new_user_signs_in_and_each_code_works_once() {
    on_both_databases_with_oidc(async |app, _: &Oidc| {
        let mut ann = ProviderBrowser::default();
        let first = code(app, &mut ann, "ann@gmail.com").await;
        assert_eq!(users(app).await, 0);
        let payload = exchange(&app.anonymous(), &first).await;
        let user = &payload["user"];
        assert_eq!(
            (&user["email"], &user["name"], &user["role"]),
            (
                &json!("ann@gmail.com"),
                &json!("Ann Lee"),
                &json!("CUSTOMER")
            ),
            "{payload}"
        );
        let client = client_of(app, &payload);
        assert!(client.is_signed_in().await);
        // A code can't be used twice.
        let again = exchange(&app.anonymous(), &first).await;
        assert_eq!(user_error(&again), "TOKEN_INVALID");
        assert_eq!(again["accessToken"], Value::Null);
        // The picture is fetched.
        app.run_due_jobs(Queue::FETCHES).await;
        let me = client
            .data("{ me { avatar { width height } } }", json!({}))
            .await;
        assert_eq!(me["me"]["avatar"], json!({"width": 64, "height": 64}));
        // A second sign-in returns the same user.
        let second = code(app, &mut ann, "ann@gmail.com").await;
        let payload = exchange(&app.anonymous(), &second).await;
        assert_eq!(payload["user"]["id"], user["id"]);
        assert_eq!(users(app).await, 1);
    })
    .await;
}

#[tokio::test]
async fn unverified_email_redirects_with_an_error() {
    on_both_databases_with_oidc(async |app, _: &Oidc| {
        let mut eve = ProviderBrowser::default();
        let end = end(app, &mut eve, "eve@corp.example", "allow").await;
        assert_eq!(end, format!("{SHOP}#error=email_not_verified"));
        for table in ["users", "identities", "oauth_codes"] {
            assert_eq!(app.count(table).await, 0, "{table}");
        }
    })
    .await;
}

#[tokio::test]
async fn denied_consent_redirects_with_an_error() {
    on_both_databases_with_oidc(async |app, _: &Oidc| {
        let mut ann = ProviderBrowser::default();
        let end = end(app, &mut ann, "ann@gmail.com", "refuse").await;
        assert_eq!(end, format!("{SHOP}#error=access_denied"));
        assert_eq!(users(app).await, 0);
    })
    .await;
}

#[tokio::test]
async fn account_is_not_linked_if_the_provider_does_not_host_the_address() {
    on_both_databases_with_oidc(async |app, _: &Oidc| {
        app.user("ann@gmail.com", Role::Customer).await;
        app.user("bob@corp.example", Role::Customer).await;
        for email in ["ann@gmail.com", "bob@corp.example"] {
            let end = end(app, &mut ProviderBrowser::default(), email, "allow").await;
            assert_eq!(end, format!("{SHOP}#error=link_required"));
        }
        assert_eq!((users(app).await, app.count("identities").await), (2, 0));
    })
    .await;
}
