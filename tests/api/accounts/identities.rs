//! Sign-in with verified Google claims: resolution to users.

use serde_json::json;
use wares::accounts::identity::service::Refusal;
use wares::accounts::user::Role;
use wares::infra::oidc::{Claims, GOOGLE};

use crate::harness::google_claims::{claims, client_of, exchange, issue_code, sign_in};
use crate::harness::{App, PASSWORD, on_both_databases, user_error};

pub async fn assert_nothing_stored(app: &App) {
    for table in ["users", "identities", "oauth_codes"] {
        assert_eq!(app.count(table).await, 0, "{table}");
    }
}

#[tokio::test]
async fn new_subject_becomes_a_verified_customer_without_password() {
    on_both_databases(async |app| {
        let payload = sign_in(app, claims("1", "Ann@Corp.example")).await;
        let user = &payload["user"];
        assert_eq!(
            (&user["email"], &user["name"], &user["role"]),
            (
                &json!("Ann@Corp.example"),
                &json!("Ann Lee"),
                &json!("CUSTOMER")
            )
        );
        assert_eq!(
            (&user["emailVerified"], &user["hasPassword"]),
            (&json!(true), &json!(false))
        );
        let linked = user["identities"].as_array().unwrap();
        assert_eq!(
            (linked.len(), &linked[0]["provider"], &linked[0]["email"]),
            (1, &json!("GOOGLE"), &json!("Ann@Corp.example"))
        );
        let client = client_of(app, &payload);
        assert!(client.is_signed_in().await);
        // The session behaves like any other.
        let input = json!({"refreshToken": payload["refreshToken"]});
        let again = app
            .anonymous()
            .run_mutation("refreshToken", input, "accessToken")
            .await;
        assert_eq!(user_error(&again), "");
        assert_eq!(app.emails().await.len(), 0);
        assert_eq!(app.count("oauth_codes").await, 0);
    })
    .await;
}

#[tokio::test]
async fn invalid_name_is_replaced_by_the_local_part() {
    on_both_databases(async |app| {
        for (number, (given, expected)) in [
            (None, "ann0"),
            (Some(" \u{200b} "), "ann1"),
            (Some(" Ann\n\u{202e}Lee "), "AnnLee"),
            (Some(&*"x".repeat(500)), &*"x".repeat(200)),
        ]
        .into_iter()
        .enumerate()
        {
            let mut claims = claims(&number.to_string(), &format!("ann{number}@shop.example"));
            claims.name = given.map(ToOwned::to_owned);
            let payload = sign_in(app, claims).await;
            assert_eq!(payload["user"]["name"], expected);
        }
    })
    .await;
}

#[tokio::test]
async fn unverified_email_is_refused() {
    on_both_databases(async |app| {
        let good = claims("1", "ann@gmail.com");
        for claims in [
            Claims {
                email_verified: false,
                ..good.clone()
            },
            Claims {
                email: None,
                ..good.clone()
            },
            claims("1", "ann"),
            claims("1", ""),
        ] {
            let refused = issue_code(app, claims).await;
            assert_eq!(refused, Err(Refusal::EmailNotVerified));
        }
        assert_nothing_stored(app).await;
        // Also for a known subject.
        sign_in(app, good.clone()).await;
        let claims = Claims {
            email_verified: false,
            ..good
        };
        let refused = issue_code(app, claims).await;
        assert_eq!(refused, Err(Refusal::EmailNotVerified));
    })
    .await;
}

#[tokio::test]
async fn subject_identifies_the_user_after_an_email_change() {
    on_both_databases(async |app| {
        let first = sign_in(app, claims("1", "ann@gmail.com")).await;
        app.user("bob@gmail.com", Role::Customer).await;
        // Not Bob, although the address is his.
        let second = sign_in(app, claims("1", "bob@gmail.com")).await;
        assert_eq!(first["user"]["id"], second["user"]["id"]);
        assert_eq!(second["user"]["email"], "ann@gmail.com");
        assert_eq!(second["user"]["identities"][0]["email"], "bob@gmail.com");
        // Another subject is not Ann, although the address is hers.
        let refused = issue_code(app, claims("2", "ann@gmail.com")).await;
        assert_eq!(refused, Err(Refusal::LinkRequired));
        assert_eq!(app.count("identities").await, 1);
    })
    .await;
}

#[tokio::test]
async fn account_is_linked_automatically_only_for_addresses_hosted_by_google() {
    on_both_databases(async |app| {
        for (number, (email, hosted, role, linked)) in [
            ("ann@gmail.com", None, Role::Customer, true),
            ("bea@googlemail.com", None, Role::Customer, true),
            (
                "cid@corp.example",
                Some("CORP.example"),
                Role::Customer,
                true,
            ),
            ("dan@corp.example", None, Role::Customer, false),
            (
                "eve@corp.example",
                Some("other.example"),
                Role::Customer,
                false,
            ),
            ("fay@corp.example", Some(""), Role::Customer, false),
            ("gus@notgmail.com", None, Role::Customer, false),
            ("hal@gmail.com.example", None, Role::Customer, false),
            (
                "ivy@sub.corp.example",
                Some("corp.example"),
                Role::Customer,
                false,
            ),
            ("jon@gmail.com", None, Role::Admin, false),
            ("kim@corp.example", Some("corp.example"), Role::Admin, false),
        ]
        .into_iter()
        .enumerate()
        {
            app.user(email, role).await;
            let claims = Claims {
                hosted_domain: hosted.map(ToOwned::to_owned),
                ..claims(&number.to_string(), email)
            };
            let code = issue_code(app, claims).await;
            if !linked {
                assert_eq!(code, Err(Refusal::LinkRequired), "{email}");
                assert_eq!(app.emails().await.len(), 0);
                continue;
            }
            let payload = exchange(&app.anonymous(), &code.unwrap()).await;
            assert_eq!(
                (&payload["user"]["email"], &payload["user"]["name"]),
                (&json!(email), &json!("Some Body"))
            );
            let letters = app.emails().await;
            assert_eq!((letters.len(), letters[0].to.as_str()), (1, email));
            assert!(letters[0].subject.contains("Google"));
            // The password still works.
            let login = app.anonymous().login(email, PASSWORD).await;
            assert_eq!(login["user"]["id"], payload["user"]["id"]);
        }
        assert_eq!(app.count("identities").await, 3);
    })
    .await;
}

#[tokio::test]
async fn deleting_a_user_deletes_identities() {
    on_both_databases(async |app| {
        let first = sign_in(app, claims("1", "ann@gmail.com")).await;
        let client = client_of(app, &first);
        assert_eq!(
            user_error(&client.run_mutation("deleteMe", json!({}), "").await),
            ""
        );
        for table in ["users", "identities", "oauth_codes"] {
            assert_eq!(app.count(table).await, 0, "{table}");
        }
        let second = sign_in(app, claims("1", "ann@gmail.com")).await;
        assert_ne!(first["user"]["id"], second["user"]["id"]);
    })
    .await;
}

#[tokio::test]
async fn subjects_are_unique_per_issuer_and_gmail_belongs_to_google() {
    on_both_databases(async |app| {
        let elsewhere = |subject: &str, email: &str| Claims {
            issuer: "https://id.example".to_owned(),
            ..claims(subject, email)
        };
        let ann = sign_in(app, claims("1", "ann@gmail.com")).await;
        let bob = sign_in(app, elsewhere("1", "bob@corp.example")).await;
        assert_ne!(ann["user"]["id"], bob["user"]["id"]);
        let again = sign_in(app, claims("1", "ann@gmail.com")).await;
        assert_eq!(ann["user"]["id"], again["user"]["id"]);
        // No other issuer hosts these addresses or can vouch for a domain.
        app.signed_in("cid@gmail.com", Role::Customer).await;
        app.signed_in("dan@corp.example", Role::Customer).await;
        let hosted = Claims {
            hosted_domain: Some("corp.example".to_owned()),
            ..elsewhere("3", "dan@corp.example")
        };
        for claims in [elsewhere("2", "cid@gmail.com"), hosted.clone()] {
            let refused = issue_code(app, claims).await;
            assert_eq!(refused.unwrap_err(), Refusal::LinkRequired);
        }
        let googles = Claims {
            issuer: GOOGLE.to_owned(),
            ..hosted
        };
        let dan = sign_in(app, googles).await;
        assert_eq!(dan["user"]["email"], "dan@corp.example");
    })
    .await;
}
