//! Mutations repeated with an `Idempotency-Key`: executed once, with the same response.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use wares::accounts::user::Role;
use wares::platform::idempotency::service;

use crate::harness::{
    ApiResponse, App, Backend, Client, JSON, PASSWORD, on_both_databases, on_both_databases_with,
};

pub const RENAME: &str = "mutation($input: UpdateMeInput!) {
    updateMe(input: $input) { user { name } userErrors { code field } } }";
pub const CHANGE_EMAIL: &str = "mutation($input: ChangeEmailInput!) {
    changeEmail(input: $input) { resendAfterSeconds userErrors { code } } }";
/// Secrets shared by servers on one database, so that each accepts the other's tokens.
const SECRET: &str = "--jwt-secrets=a secret that all servers know 0123456789";

/// Sends an operation with a key.
pub async fn keyed(client: &Client, key: &str, query: &str, variables: Value) -> ApiResponse {
    let body = json!({"query": query, "variables": variables}).to_string();
    let headers = [JSON, ("idempotency-key", key)];
    client.post_with(&headers, body).await
}

/// Changes the name with a key.
pub async fn rename(client: &Client, key: &str, name: &str) -> ApiResponse {
    keyed(client, key, RENAME, json!({"input": {"name": name}})).await
}

pub async fn my_name(client: &Client) -> String {
    let data = client.data("{ me { name } }", json!({})).await;
    data["me"]["name"].as_str().unwrap().to_owned()
}

/// Returns the number of user changes while `work` runs.
pub async fn changes_of_users(app: &App, work: impl Future) -> usize {
    let statements = app.record_statements(work).await;
    let changes = |sql: &str| sql.starts_with("UPDATE \"users\"");
    statements.iter().filter(|one| changes(&one.sql)).count()
}

#[tokio::test]
async fn repeated_key_returns_the_stored_response() {
    on_both_databases(async |app| {
        let customer = app.customer().await;
        let first = rename(&customer, "key-1", "Ann").await;
        assert_eq!(first.header("idempotency-replayed"), "false");
        assert_eq!(first.json["data"]["updateMe"]["user"]["name"], "Ann");
        rename(&customer, "key-2", "Bea").await;

        let changes = changes_of_users(app, async {
            let again = rename(&customer, "key-1", "Ann").await;
            assert_eq!(again.header("idempotency-replayed"), "true");
            assert_eq!((again.status, &again.text), (first.status, &first.text));
            let headers = ["content-type", "cache-control", "vary"];
            for name in headers {
                assert_eq!(again.header(name), first.header(name));
            }
        });
        assert_eq!(changes.await, 0);
        assert_eq!(my_name(&customer).await, "Bea");
        assert_eq!(app.count("idempotency_keys").await, 2);

        // Without a key, or with a new one, it is executed each time.
        let plain = customer.send(RENAME, json!({"input": {"name": "Ann"}}));
        assert_eq!(plain.await.header("idempotency-replayed"), "");
        assert_eq!(my_name(&customer).await, "Ann");
        rename(&customer, "key-3", "Bea").await;
        assert_eq!(my_name(&customer).await, "Bea");
    })
    .await;
}

#[tokio::test]
async fn key_with_a_different_body_is_refused() {
    on_both_databases(async |app| {
        let customer = app.customer().await;
        rename(&customer, "key", "Ann").await;
        let other = rename(&customer, "key", "Bea").await;
        other.assert_refused(422, "IDEMPOTENCY_KEY_REUSED");
        let other_query = RENAME.replace("userErrors", "errors: userErrors");
        let variables = json!({"input": {"name": "Ann"}});
        let other = keyed(&customer, "key", &other_query, variables.clone()).await;
        other.assert_refused(422, "IDEMPOTENCY_KEY_REUSED");
        assert_eq!(my_name(&customer).await, "Ann");

        // One document with two operations.
        let two = format!(
            "{} {}",
            RENAME.replace("mutation", "mutation A"),
            RENAME.replace("mutation", "mutation B")
        );
        let named = async |name: &str| {
            let body = json!({"query": two, "operationName": name, "variables": variables});
            let headers = [JSON, ("idempotency-key", "two")];
            customer.post_with(&headers, body.to_string()).await
        };
        assert_eq!(named("A").await.header("idempotency-replayed"), "false");
        named("B")
            .await
            .assert_refused(422, "IDEMPOTENCY_KEY_REUSED");
    })
    .await;
}

#[tokio::test]
async fn body_is_compared_regardless_of_order_and_whitespace() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let id = admin.data("{ me { id } }", json!({})).await["me"]["id"].clone();
        let query = "mutation($input: UpdateUserInput!) { updateUser(input: $input) { user { name } userErrors { code } } }";
        let send = async |body: String| {
            let headers = [JSON, ("idempotency-key", "key")];
            admin.post_with(&headers, body).await
        };
        let first = send(format!(
            r#"{{"query": "{query}", "variables": {{"input": {{"id": {id}, "name": "Ann", "disabled": false}}}}}}"#
        ));
        let first = first.await;
        assert_eq!(first.json["data"]["updateUser"]["user"]["name"], "Ann");
        let again = send(format!(
            r#"{{"variables":{{"input":{{"disabled":false,"name":"A\u006en","id":{id}}}}},"extensions":{{}},"query":"{query}"}}"#
        ));
        let again = again.await;
        assert_eq!(again.header("idempotency-replayed"), "true");
        assert_eq!(again.text, first.text);
    })
    .await;
}

#[tokio::test]
async fn user_errors_are_stored_and_returned_again() {
    on_both_databases(async |app| {
        let customer = app.customer().await;
        let first = rename(&customer, "key", "").await;
        let errors = &first.json["data"]["updateMe"]["userErrors"];
        assert_eq!(errors[0]["code"], "BAD_USER_INPUT");
        let again = rename(&customer, "key", "").await;
        assert_eq!(again.header("idempotency-replayed"), "true");
        assert_eq!(again.text, first.text);
    })
    .await;
}

#[tokio::test]
async fn keys_are_separate_for_each_user() {
    on_both_databases(async |app| {
        let ann = app.signed_in("ann@shop.example", Role::Customer).await;
        let bea = app.signed_in("bea@shop.example", Role::Customer).await;
        rename(&ann, "key", "Ann").await;
        let other = rename(&bea, "key", "Bea").await;
        assert_eq!(other.header("idempotency-replayed"), "false");
        let same = rename(&bea, "key", "Bea").await;
        assert_eq!(same.header("idempotency-replayed"), "true");
        assert_eq!(
            (&*my_name(&ann).await, &*my_name(&bea).await),
            ("Ann", "Bea")
        );

        // A new token or another session of the same user makes no difference.
        let ann = app.signed_in("ann@shop.example", Role::Customer).await;
        let again = rename(&ann, "key", "Ann").await;
        assert_eq!(again.header("idempotency-replayed"), "true");
    })
    .await;
}

#[tokio::test]
async fn concurrent_requests_with_one_key_execute_once() {
    on_both_databases(async |app| {
        let customer = app.customer().await;
        let changes = changes_of_users(app, async {
            let calls = (0..50).map(|_| rename(&customer, "key", "Ann"));
            let responses = join_all(calls).await;
            for response in &responses {
                assert_eq!(response.status, 200, "{}", response.text);
                assert_eq!(response.text, responses[0].text);
            }
            let first =
                |response: &&ApiResponse| response.header("idempotency-replayed") == "false";
            assert_eq!(responses.iter().filter(first).count(), 1);
        });
        assert_eq!(changes.await, 1);
        assert_eq!(app.count("idempotency_keys").await, 1);
    })
    .await;
}

#[tokio::test]
async fn keys_are_shared_by_servers_and_survive_a_restart() {
    on_both_databases_with(&[SECRET], async |app| {
        let other = App::on_database(app.backend, app.address.clone(), &[SECRET]).await;
        let login = app.customer().await;
        let token = login.login("customer@shop.example", PASSWORD).await;
        let token = token["accessToken"].as_str().unwrap();
        let here = app.anonymous().with_token(token);
        let there = other.anonymous().with_token(token);
        for key in ["1", "2", "3", "4", "5"] {
            let mut there_done = 0;
            let here_done = changes_of_users(app, async {
                there_done = changes_of_users(&other, async {
                    let calls = (0..6).map(|number| {
                        let client = if number % 2 == 0 { &here } else { &there };
                        rename(client, key, "Ann")
                    });
                    for response in join_all(calls).await {
                        assert_eq!(response.status, 200, "{}", response.text);
                        assert_eq!(response.json["data"]["updateMe"]["user"]["name"], "Ann");
                    }
                })
                .await;
            })
            .await;
            assert_eq!(here_done + there_done, 1);
        }
        other.state.db.close().await.unwrap();

        let restarted = App::on_database(app.backend, app.address.clone(), &[SECRET]).await;
        let client = restarted.anonymous().with_token(token);
        let again = rename(&client, "1", "Ann").await;
        assert_eq!(again.header("idempotency-replayed"), "true");
        let other = rename(&client, "1", "Bea").await;
        other.assert_refused(422, "IDEMPOTENCY_KEY_REUSED");
        restarted.state.db.close().await.unwrap();

        // The same body is recognized after a rotation of the secrets.
        let turned = format!(
            "--jwt-secrets=another secret 0123456789 abcdefgh,{}",
            &SECRET[14..]
        );
        let turned = App::on_database(app.backend, app.address.clone(), &[&turned]).await;
        let client = turned.anonymous().with_token(token);
        let again = rename(&client, "1", "Ann").await;
        assert_eq!(again.header("idempotency-replayed"), "true");
        turned.state.db.close().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn key_expires_after_a_day() {
    on_both_databases(async |app| {
        rename(&app.customer().await, "key", "Ann").await;
        app.advance(Duration::from_hours(24) - Duration::from_secs(1));
        service::delete_expired(&app.state).await.unwrap();
        let customer = app.customer().await;
        let again = rename(&customer, "key", "Ann").await;
        assert_eq!(again.header("idempotency-replayed"), "true");
        app.advance(Duration::from_secs(1));
        let new = rename(&customer, "key", "Bea").await;
        assert_eq!(new.header("idempotency-replayed"), "false");
        assert_eq!(my_name(&customer).await, "Bea");

        app.advance(Duration::from_hours(24));
        service::delete_expired(&app.state).await.unwrap();
        assert_eq!(app.count("idempotency_keys").await, 0);
    })
    .await;
}

#[tokio::test]
async fn malformed_repeated_and_upload_keys_are_refused() {
    on_both_databases(async |app| {
        let customer = app.customer().await;
        let body = json!({"query": RENAME, "variables": {"input": {"name": "Ann"}}}).to_string();
        let send = async |keys: &[&str]| {
            let keys = keys.iter().map(|key| ("idempotency-key", *key));
            let headers: Vec<_> = [JSON].into_iter().chain(keys).collect();
            customer.post_with(&headers, body.clone()).await
        };
        let long = "x".repeat(256);
        for keys in [&[""][..], &["a b"], &["ü"], &["a", "a"], &[&long]] {
            let response = send(keys).await;
            response.assert_refused(400, "BAD_REQUEST");
            assert!(
                response.text.contains("Idempotency-Key"),
                "{}",
                response.text
            );
        }
        assert_eq!(
            send(&["\"8e03978e-40d5-43dd-bc93-6894a57f9324\""])
                .await
                .status,
            200
        );
        assert_eq!(send(&[&long[1..]]).await.status, 200);

        let upload = [
            ("content-type", "multipart/form-data; boundary=x"),
            ("apollo-require-preflight", "true"),
            ("idempotency-key", "key"),
        ];
        let response = customer.post_with(&upload, "--x--").await;
        response.assert_refused(400, "BAD_REQUEST");
        assert!(response.text.contains("upload"), "{}", response.text);
    })
    .await;
}

#[tokio::test]
async fn key_is_ignored_for_responses_that_are_not_stored() {
    on_both_databases(async |app| {
        let customer = app.customer().await;
        let unused = async |client: &Client, query: &str, variables: Value| {
            let response = keyed(client, "key", query, variables).await;
            assert_eq!(response.header("idempotency-replayed"), "", "{query}");
            response
        };
        unused(&customer, "{ me { name } }", json!({})).await;
        let login = "mutation($input: LoginInput!) { login(input: $input) { accessToken userErrors { code } } }";
        let input = json!({"input": {"email": "customer@shop.example", "password": PASSWORD}});
        for client in [&customer, &app.anonymous()] {
            let response = unused(client, login, input.clone()).await;
            assert!(response.json["data"]["login"]["accessToken"].is_string());
        }
        // One field that returns a token is enough.
        let mixed = "mutation($input: LoginInput!) { updateMe(input: {name: \"Ann\"}) { user { name } } ...on Mutation { login(input: $input) { accessToken } } }";
        unused(&customer, mixed, input).await;
        let response = unused(&app.anonymous(), RENAME, json!({"input": {"name": "Ann"}})).await;
        assert_eq!(response.code(), "UNAUTHENTICATED");

        let password = "mutation($input: ChangePasswordInput!) { changePassword(input: $input) { accessToken userErrors { code } } }";
        let input = json!({"input": {"currentPassword": PASSWORD, "newPassword": "a new day for rowing"}});
        let response = unused(&customer, password, input).await;
        assert!(response.json["data"]["changePassword"]["accessToken"].is_string());
        assert_eq!(app.count("idempotency_keys").await, 0);
    })
    .await;
}

/// Mutations that return a secret, whose responses are not stored. New mutations that return a text are listed here
/// by default; add their type to the harmless ones if they return no secret.
#[test]
fn mutations_with_secret_responses_are_listed() {
    let schema = async_graphql::parser::parse_schema(wares::api::schema::sdl()).unwrap();
    let mut secret: Vec<_> = wares::api::secret_fields::secret_mutations(&schema)
        .into_iter()
        .collect();
    secret.sort_unstable();
    assert_eq!(
        secret,
        [
            "changePassword",
            "createCart",
            // The URL allows anyone to upload the file.
            "createImageUpload",
            "deleteUser",
            "exchangeOAuthCode",
            "login",
            // The cart and the order are its key.
            "placeOrder",
            "refreshToken",
            "signInWithGoogle"
        ]
    );
}

#[tokio::test]
async fn keys_and_bodies_are_stored_as_hashes() {
    on_both_databases(async |app| {
        let customer = app.customer().await;
        let input = json!({"input": {"newEmail": "new@shop.example", "password": PASSWORD}});
        keyed(&customer, "my-very-own-key", CHANGE_EMAIL, input).await;
        assert_eq!(app.count("idempotency_keys").await, 1);
        let row = match app.backend {
            Backend::Sqlite => {
                "hex(key_hash) || hex(fingerprint) || answer || hex(CAST(answer AS BLOB))"
            }
            Backend::Postgres => {
                "CAST(idempotency_keys AS text) || upper(CAST(idempotency_keys AS text)) || answer || upper(encode(convert_to(answer, 'UTF8'), 'hex'))"
            }
        };
        let holds = async |text: &str| {
            let digits = text.bytes().flat_map(|byte| [byte >> 4, byte & 15]);
            let hex: String = digits
                .filter_map(|digit| char::from_digit(digit.into(), 16))
                .map(|digit| digit.to_ascii_uppercase())
                .collect();
            let sql = format!(
                "SELECT count(*) FROM idempotency_keys WHERE {row} LIKE '%{text}%' OR {row} LIKE '%{hex}%'"
            );
            app.sql_number(&sql).await == 1
        };
        assert!(holds("resendAfterSeconds").await);
        for secret in ["my-very-own-key", PASSWORD, "new@shop.example"] {
            assert!(!holds(secret).await, "{secret}");
        }
    })
    .await;
}
