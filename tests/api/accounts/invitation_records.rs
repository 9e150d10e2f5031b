//! Invitations: records, idempotency keys, and concurrency.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use wares::accounts::user::Role;

use super::invitations::{ANN, ann, invite_ann, set_password};
use crate::harness::{JSON, Log, on_both_databases, user_error};

const MINUTE: Duration = Duration::from_secs(61);

#[tokio::test]
async fn invitation_is_recorded_without_personal_data() {
    on_both_databases(async |app| {
        let log = Log::capture();
        let code = invite_ann(app, "ADMIN").await;
        app.advance(MINUTE);
        let admin = app.admin().await;
        let input = json!({"email": ANN, "name": "Anna"});
        admin.run_mutation("inviteUser", input, "").await;
        let id = ann(app).await["id"].clone();
        let query = "{ auditLog { nodes { action actor { email } subjectId subjectName
            changes { field before after } } } }";
        let data = admin.data(query, json!({})).await;
        let entry = |changes: Value| {
            json!({"action": "inviteUser", "actor": {"email": "admin@shop.example"},
                "subjectId": id, "subjectName": null, "changes": changes})
        };
        let changed = |field: &str| json!({"field": field, "before": null, "after": null});
        let role =
            |before: Value, after: &str| json!({"field": "role", "before": before, "after": after});
        assert_eq!(
            data["auditLog"]["nodes"],
            json!([
                entry(json!([changed("name"), role(json!("ADMIN"), "CUSTOMER")])),
                entry(json!([
                    changed("email"),
                    changed("name"),
                    role(Value::Null, "ADMIN")
                ])),
            ])
        );
        let second = app.code().await;
        assert_eq!(set_password(app, ANN, &code).await, "OTP_INVALID");
        assert_eq!(set_password(app, ANN, &second).await, "");
        let lines = log.lines_with("wares::security");
        let find = |parts: &[&str]| {
            let all = |line: &&String| parts.iter().all(|part| line.contains(part));
            assert!(
                lines.iter().any(|line| all(&line)),
                "{parts:?} in {lines:?}"
            );
        };
        let account = format!("account={id}");
        find(&[
            "event=\"user_invited\"",
            &account,
            "admin=\"user_",
            "reason=\"as_admin\"",
        ]);
        find(&["event=\"user_invited\"", &account, "reason=\"as_customer\""]);
        find(&[
            "event=\"password_reset\"",
            &account,
            "reason=\"invitation\"",
        ]);
        for secret in ["@", "Ann Lee", &code, &second] {
            assert!(lines.iter().all(|line| !line.contains(secret)), "{lines:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn invitation_with_an_idempotency_key_is_sent_once() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let query = "mutation { inviteUser(input: {email: \"ann@corp.example\", name: \"Ann\"}) {
            user { id email } userErrors { code } } }";
        let send = async || {
            let body = json!({ "query": query }).to_string();
            let headers = [JSON, ("idempotency-key", "key-1")];
            admin.post_with(&headers, body).await
        };
        let first = send().await;
        assert_eq!(first.json["data"]["inviteUser"]["user"]["email"], ANN);
        let again = send().await;
        assert_eq!(again.header("idempotency-replayed"), "true");
        assert_eq!(again.text, first.text);
        assert_eq!(set_password(app, ANN, &app.code().await).await, "");
    })
    .await;
}

#[tokio::test]
async fn concurrent_invitations_create_one_user() {
    on_both_databases(async |app| {
        let mut admins = Vec::new();
        for number in 0..4 {
            let email = format!("admin{number}@shop.example");
            admins.push(app.signed_in(&email, Role::Admin).await);
        }
        let invite = async |place: usize| {
            let input = json!({"email": ANN, "name": "Ann"});
            let client = &admins[place];
            let response = client.mutate("inviteUser", input, "user { id }").await;
            if response.json["errors"].is_null() {
                user_error(&response.json["data"]["inviteUser"]).to_owned()
            } else {
                response.code().to_owned()
            }
        };
        let mut done = join_all((0..4).map(invite)).await;
        done.sort();
        assert_eq!(done, ["", "RATE_LIMITED", "RATE_LIMITED", "RATE_LIMITED"]);
        assert_eq!(app.count("users").await, 5);
        assert_eq!(set_password(app, ANN, &app.code().await).await, "");
    })
    .await;
}
