//! Sessions: listing and revocation.

use std::time::Duration;

use serde_json::{Value, json};
use wares::accounts::user::Role;

use crate::harness::{JSON, PASSWORD, on_both_databases, user_error};

const ANN: &str = "ann@shop.example";

#[tokio::test]
async fn logout_takes_effect_immediately() {
    on_both_databases(async |app| {
        app.user(ANN, Role::Customer).await;
        let device = async || {
            let login = app.anonymous().login(ANN, PASSWORD).await;
            let client = app
                .anonymous()
                .with_token(login["accessToken"].as_str().unwrap());
            (client, json!({"refreshToken": login["refreshToken"]}))
        };
        let logout = "mutation { logout { userErrors { code } } }";
        let ((phone, phone_token), (laptop, laptop_token), (tv, tv_token)) =
            (device().await, device().await, device().await);
        phone.data(logout, json!({})).await;
        assert!(!phone.is_signed_in().await);
        let payload = phone
            .run_mutation("refreshToken", phone_token, "accessToken")
            .await;
        assert_eq!(user_error(&payload), "TOKEN_INVALID");
        // Repeating it succeeds, and other sessions stay.
        phone.data(logout, json!({})).await;
        assert!(laptop.is_signed_in().await && tv.is_signed_in().await);
        // With only the refresh token, after the access token has expired.
        app.anonymous().run_mutation("logout", tv_token, "").await;
        assert!(!tv.is_signed_in().await && laptop.is_signed_in().await);

        let (other, _) = device().await;
        laptop
            .data("mutation { logoutAll { userErrors { code } } }", json!({}))
            .await;
        assert!(!laptop.is_signed_in().await && !other.is_signed_in().await);
        let payload = laptop
            .run_mutation("refreshToken", laptop_token, "accessToken")
            .await;
        assert_eq!(user_error(&payload), "TOKEN_INVALID");
        assert_eq!(app.count("sessions").await, 0);
    })
    .await;
}

#[tokio::test]
async fn sessions_are_listed_and_revoked() {
    on_both_databases(async |app| {
        app.user(ANN, Role::Customer).await;
        let agents = ["Phone/1.0", &"x".repeat(1_000)];
        let mut tokens = Vec::new();
        for (agent, address) in agents.into_iter().zip(["192.0.2.7", "2001:db8::7"]) {
            let query = format!(
                "mutation {{ login(input: {{email: \"{ANN}\", password: \"{PASSWORD}\"}}) {{ accessToken }} }}"
            );
            let headers = [JSON, ("user-agent", agent)];
            let body = json!({"query": query}).to_string();
            let response = app.anonymous().with_address(address).post_with(&headers, body).await;
            let token = response.json["data"]["login"]["accessToken"].clone();
            tokens.push(token.as_str().unwrap().to_owned());
            app.advance(Duration::from_secs(1));
        }
        let client = app.anonymous().with_token(&tokens[0]);
        let query = "{ sessions { id userAgent address createdAt lastUsedAt expiresAt current } }";
        let data = client.data(query, json!({})).await;
        let sessions = data["sessions"].as_array().unwrap();
        assert_eq!(sessions.len(), 2);
        assert_eq!(sessions[0]["userAgent"].as_str().unwrap().len(), 300);
        assert_eq!(sessions[0]["address"], "2001:db8::7");
        assert_eq!(sessions[1]["userAgent"], "Phone/1.0");
        assert_eq!((&sessions[0]["current"], &sessions[1]["current"]), (&json!(false), &json!(true)));
        assert_eq!(sessions[1]["createdAt"], "2026-01-01T00:00:00.000000Z");
        assert_eq!(sessions[1]["expiresAt"], "2026-01-31T00:00:00.000000Z");

        // A session of another user and an unknown one give the same response.
        let other = app.signed_in("bob@shop.example", Role::Admin).await;
        for id in [sessions[0]["id"].as_str().unwrap(), "sess_00000000000000000000000000"] {
            let payload = other.run_mutation("revokeSession", json!({"id": id}), "sessionId").await;
            assert_eq!(payload["userErrors"][0]["code"], "NOT_FOUND");
            assert_eq!(other.data("query($id: ID!) { node(id: $id) { id } }", json!({"id": id})).await["node"], Value::Null);
        }
        let node = client.data("query($id: ID!) { node(id: $id) { ... on Session { current } } }", json!({"id": sessions[0]["id"]})).await;
        assert_eq!(node["node"]["current"], false);
        let payload = client.run_mutation("revokeSession", json!({"id": sessions[0]["id"]}), "sessionId").await;
        assert_eq!(payload["sessionId"], sessions[0]["id"]);
        assert!(!app.anonymous().with_token(&tokens[1]).is_signed_in().await);
        assert!(client.is_signed_in().await);
        let payload = client.run_mutation("revokeSession", json!({"id": "prod_1"}), "sessionId").await;
        assert_eq!(user_error(&payload), "BAD_USER_INPUT");
    })
    .await;
}
