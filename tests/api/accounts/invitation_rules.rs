//! Invitations: invalid input, repetition, limits, disabled and deleted users.

use std::time::Duration;

use serde_json::{Value, json};
use wares::accounts::auth::service::create_admin;
use wares::accounts::user::Role;

use super::invitations::{ANN, ann, invite, invite_ann, set_password, signed_in};
use crate::harness::{App, PASSWORD, on_both_databases, on_both_databases_with, user_error};

const MINUTE: Duration = Duration::from_secs(61);

async fn rows(app: &App) -> Vec<i64> {
    let mut counts = Vec::new();
    for table in [
        "users",
        "registrations",
        "one_time_codes",
        "outbox",
        "audit_log",
        "throttles",
    ] {
        counts.push(app.count(table).await);
    }
    counts
}

#[tokio::test]
async fn invalid_invitations_change_nothing() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        app.user("bob@corp.example", Role::Customer).await;
        app.anonymous().register(ANN).await;
        app.emails().await;
        let before = rows(app).await;
        let long = format!("{}@corp.example", "x".repeat(65));
        for (email, name, expected) in [
            ("", "Ann", vec![("BAD_USER_INPUT", "email")]),
            ("ann", "Ann", vec![("BAD_USER_INPUT", "email")]),
            ("ann@corp", "Ann", vec![("BAD_USER_INPUT", "email")]),
            (
                "ann@corp.example, b@corp.example",
                "Ann",
                vec![("BAD_USER_INPUT", "email")],
            ),
            (
                "ann@corp.example\r\nBcc: x@corp.example",
                "Ann",
                vec![("BAD_USER_INPUT", "email")],
            ),
            (
                "Ann <ann@corp.example>",
                "Ann",
                vec![("BAD_USER_INPUT", "email")],
            ),
            (
                "an\u{200b}n@corp.example",
                "Ann",
                vec![("BAD_USER_INPUT", "email")],
            ),
            (&long, "Ann", vec![("BAD_USER_INPUT", "email")]),
            (ANN, "", vec![("BAD_USER_INPUT", "name")]),
            (ANN, " \u{202e} ", vec![("BAD_USER_INPUT", "name")]),
            (ANN, "Ann\0Lee", vec![("BAD_USER_INPUT", "name")]),
            (ANN, &"x".repeat(201), vec![("BAD_USER_INPUT", "name")]),
            (
                "ann@",
                "",
                vec![("BAD_USER_INPUT", "email"), ("BAD_USER_INPUT", "name")],
            ),
            ("BOB@corp.example", "Bob", vec![("CONFLICT", "email")]),
            (
                "\u{ff42}ob@corp.example",
                "Bob",
                vec![("CONFLICT", "email")],
            ),
            ("admin@shop.example", "Me", vec![("CONFLICT", "email")]),
        ] {
            let input = json!({"email": email, "name": name, "role": "ADMIN"});
            let payload = admin.run_mutation("inviteUser", input, "user { id }").await;
            let errors = payload["userErrors"].as_array().unwrap();
            let errors: Vec<_> = errors
                .iter()
                .map(|error| {
                    (
                        error["code"].as_str().unwrap(),
                        error["field"].as_str().unwrap(),
                    )
                })
                .collect();
            assert_eq!(
                (errors, &payload["user"]),
                (expected, &Value::Null),
                "{email:?} {name:?}"
            );
        }
        for (input, code) in [
            ("{email: \"x@corp.example\"}", "GRAPHQL_VALIDATION_FAILED"),
            ("{name: \"X\"}", "GRAPHQL_VALIDATION_FAILED"),
            (
                "{email: \"x@corp.example\", name: null}",
                "GRAPHQL_VALIDATION_FAILED",
            ),
            (
                "{email: \"x@corp.example\", name: \"X\", role: OWNER}",
                "GRAPHQL_VALIDATION_FAILED",
            ),
            (
                "{email: \"x@corp.example\", name: \"X\", role: null}",
                "GRAPHQL_VALIDATION_FAILED",
            ),
            (
                "{email: \"x@corp.example\", name: \"X\", password: \"a fine day\"}",
                "GRAPHQL_VALIDATION_FAILED",
            ),
        ] {
            let query = format!("mutation {{ inviteUser(input: {input}) {{ user {{ id }} }} }}");
            assert_eq!(admin.send(&query, json!({})).await.code(), code, "{input}");
        }
        assert_eq!(rows(app).await, before);
        assert_eq!(app.emails().await.len(), 0);
    })
    .await;
}

#[tokio::test]
async fn repeated_invitation_replaces_the_code_the_name_and_the_role() {
    on_both_databases(async |app| {
        let first = invite_ann(app, "CUSTOMER").await;
        let admin = app.admin().await;
        let again = async || {
            let input = json!({"email": "ANN@corp.example", "name": "Anna", "role": "ADMIN"});
            admin
                .mutate("inviteUser", input, "user { name role emailVerified }")
                .await
        };
        let refused = again().await;
        assert_eq!(refused.code(), "RATE_LIMITED");
        let wait = &refused.json["errors"][0]["extensions"]["retryAfterSeconds"];
        assert_eq!(wait, &json!(60), "{}", refused.text);
        assert_eq!(
            (ann(app).await["role"].clone(), app.emails().await.len()),
            (json!("CUSTOMER"), 0)
        );

        app.advance(MINUTE);
        let payload = again().await.json["data"]["inviteUser"].clone();
        let user = json!({"name": "Anna", "role": "ADMIN", "emailVerified": false});
        assert_eq!((&payload["user"], user_error(&payload)), (&user, ""));
        assert_eq!(ann(app).await["email"], "ANN@corp.example");
        let second = app.code().await;
        assert_eq!(app.count("users").await, 2);
        assert_eq!(set_password(app, ANN, &first).await, "OTP_INVALID");

        // Three an hour to one address, also by different admins.
        app.advance(MINUTE);
        assert_eq!(again().await.json["errors"], Value::Null);
        let third = app.code().await;
        app.advance(MINUTE);
        let other = app.signed_in("other@shop.example", Role::Admin).await;
        let input = json!({"email": ANN, "name": "Ann"});
        let refused = other.mutate("inviteUser", input, "user { id }").await;
        assert_eq!(refused.code(), "RATE_LIMITED");
        assert_eq!(set_password(app, ANN, &second).await, "OTP_INVALID");
        assert_eq!(set_password(app, ANN, &third).await, "");
        app.advance(Duration::from_mins(20));
        // Accepted: not invited again.
        let admin = app.admin().await;
        let payload = invite(&admin, ANN).await;
        assert_eq!(
            (user_error(&payload), &payload["userErrors"][0]["field"]),
            ("CONFLICT", &json!("email"))
        );
        assert_eq!(ann(app).await["name"], "Anna");
        assert!(signed_in(app, ANN).await.is_some());
    })
    .await;
}

#[tokio::test]
async fn unsent_invitation_is_replaced_by_the_next() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        for _ in 0..2 {
            assert_eq!(user_error(&invite(&admin, ANN).await), "");
            app.advance(MINUTE);
        }
        let code = app.code().await;
        assert_eq!(set_password(app, ANN, &code).await, "");
    })
    .await;
}

#[tokio::test]
async fn invitations_of_one_admin_are_limited() {
    on_both_databases_with(&["--limit-invitations-admin=2/1h"], async |app| {
        let admin = app.admin().await;
        let (first, second) = ("a@corp.example", "b@corp.example");
        // Refused ones do not count.
        for email in [
            "a@",
            "admin@shop.example",
            first,
            "admin@shop.example",
            second,
        ] {
            invite(&admin, email).await;
        }
        assert_eq!(app.emails().await.len(), 2);
        let input = json!({"email": ANN, "name": "Ann"});
        let refused = admin.mutate("inviteUser", input, "user { id }").await;
        assert_eq!(refused.code(), "RATE_LIMITED");
        let other = app.signed_in("other@shop.example", Role::Admin).await;
        assert_eq!(user_error(&invite(&other, ANN).await), "");
        app.advance(Duration::from_mins(31));
        let admin = app.admin().await;
        assert_eq!(user_error(&invite(&admin, "c@corp.example").await), "");
    })
    .await;
}

#[tokio::test]
async fn disabled_and_deleted_users_cannot_accept() {
    on_both_databases(async |app| {
        let code = invite_ann(app, "CUSTOMER").await;
        let admin = app.admin().await;
        let id = ann(app).await["id"].clone();
        let input = json!({"id": id, "disabled": true});
        admin.run_mutation("updateUser", input, "").await;
        app.advance(MINUTE);
        let payload = invite(&admin, ANN).await;
        assert_eq!(
            (user_error(&payload), &payload["userErrors"][0]["field"]),
            ("CONFLICT", &json!("email"))
        );
        assert_eq!(set_password(app, ANN, &code).await, "OTP_INVALID");
        assert_eq!(app.emails().await.len(), 0);
        let input = json!({"id": id, "disabled": false});
        admin.run_mutation("updateUser", input, "").await;
        assert_eq!(user_error(&invite(&admin, ANN).await), "");
        let code = app.code().await;

        let payload = admin
            .run_mutation("deleteUser", json!({"id": id}), "user { email }")
            .await;
        assert_eq!(payload["user"]["email"], ANN);
        assert!(app.emails().await[0].subject.contains("deleted"));
        assert_eq!(set_password(app, ANN, &code).await, "OTP_INVALID");
        app.advance(MINUTE);
        let again = invite(&admin, ANN).await;
        assert_ne!(again["user"]["id"], id);
        assert_eq!(set_password(app, ANN, &app.code().await).await, "");
    })
    .await;
}

#[tokio::test]
async fn invitation_by_an_admin_who_lost_access_is_refused_and_earlier_ones_stay() {
    on_both_databases(async |app| {
        let chief = app.admin().await;
        let mut codes = Vec::new();
        for (email, change, code) in [
            (
                "demoted@shop.example",
                json!({"role": "CUSTOMER"}),
                "FORBIDDEN",
            ),
            (
                "disabled@shop.example",
                json!({"disabled": true}),
                "UNAUTHENTICATED",
            ),
            ("deleted@shop.example", json!({}), "UNAUTHENTICATED"),
        ] {
            let admin = app.signed_in(email, Role::Admin).await;
            let me = admin.data("{ me { id } }", json!({})).await["me"].clone();
            let invited = format!("by-{email}");
            assert_eq!(user_error(&invite(&admin, &invited).await), "");
            codes.push((invited, app.code().await));
            if change == json!({}) {
                chief.run_mutation("deleteUser", me.clone(), "").await;
                app.emails().await;
            } else {
                let mut input = change;
                input["id"] = me["id"].clone();
                chief.run_mutation("updateUser", input, "").await;
            }
            let input = json!({"email": ANN, "name": "Ann"});
            let refused = admin.mutate("inviteUser", input, "user { id }").await;
            assert_eq!(refused.code(), code, "{email}");
        }
        for (email, code) in codes {
            assert_eq!(set_password(app, &email, &code).await, "", "{email}");
        }
    })
    .await;
}

#[tokio::test]
async fn operator_ends_an_invitation_with_a_password() {
    on_both_databases(async |app| {
        let code = invite_ann(app, "CUSTOMER").await;
        let password = PASSWORD.to_owned().into();
        let is_new = create_admin(&app.state, ANN, None, &password)
            .await
            .unwrap();
        assert!(!is_new);
        assert_eq!(set_password(app, ANN, &code).await, "OTP_INVALID");
        let ann = ann(app).await;
        assert_eq!(
            (&ann["emailVerified"], &ann["role"], &ann["name"]),
            (&json!(true), &json!("ADMIN"), &json!("Ann Lee"))
        );
        assert!(app.anonymous().login(ANN, PASSWORD).await["accessToken"].is_string());
    })
    .await;
}

#[tokio::test]
async fn invited_admin_does_not_replace_the_last_admin() {
    on_both_databases(async |app| {
        let code = invite_ann(app, "ADMIN").await;
        let admin = app.admin().await;
        let leave = async || {
            let input = json!({ "password": PASSWORD });
            let payload = admin.run_mutation("deleteMe", input, "").await;
            user_error(&payload).to_owned()
        };
        assert_eq!(leave().await, "CONFLICT");
        // The invited admin can be removed, and can become a customer.
        let input = json!({"id": ann(app).await["id"], "role": "CUSTOMER"});
        let payload = admin.run_mutation("updateUser", input.clone(), "").await;
        assert_eq!(user_error(&payload), "");
        let input = json!({"id": input["id"], "role": "ADMIN"});
        admin.run_mutation("updateUser", input, "").await;
        assert_eq!(set_password(app, ANN, &code).await, "");
        assert_eq!(leave().await, "");
    })
    .await;
}
