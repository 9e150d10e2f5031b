//! Sign-in with verified Google claims: resolution to users, and the codes.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::join_all;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use wares::accounts::identity::service::{
    Intent, Offer, Refusal, delete_expired, mark_flow_used, offer,
};
use wares::accounts::user::Role;
use wares::infra::oidc::{Claims, GOOGLE};
use wares::platform::jobs::Queue;

use crate::harness::sample_image::png;
use crate::harness::{
    App, Client, PASSWORD, WebServer, on_both_databases, on_both_databases_with, user_error,
};

/// Fields of the payload that tests select.
const TOKENS: &str = "accessToken refreshToken user { id email name role emailVerified hasPassword
    identities { id provider email } }";
/// Verifier of the client.
pub const VERIFIER: &str = "a-verifier-of-forty-three-characters-at-least";

/// Claims with a verified email address.
pub fn claims(subject: &str, email: &str) -> Claims {
    Claims {
        issuer: GOOGLE.to_owned(),
        subject: subject.to_owned(),
        email: Some(email.to_owned()),
        email_verified: true,
        name: Some("Ann Lee".to_owned()),
        picture: None,
        hosted_domain: None,
    }
}

/// Returns the challenge of the verifier.
pub fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))
}

/// Returns the code of a browser sign-in without a challenge.
pub async fn issue_code(app: &App, claims: Claims) -> Result<String, Refusal> {
    let start = Offer {
        intent: Intent::SignIn,
        challenge: None,
    };
    let code = offer(&app.state, claims, start).await.unwrap();
    code.map(|code| code.expose().to_owned())
}

/// Returns the code for a client that has sent a challenge.
pub async fn issue_code_with_challenge(app: &App, intent: Intent, claims: Claims) -> String {
    let start = Offer {
        intent,
        challenge: Some(challenge()),
    };
    let code = offer(&app.state, claims, start).await.unwrap().unwrap();
    code.expose().to_owned()
}

/// Exchanges a code. Returns the payload.
pub async fn exchange(client: &Client, code: &str) -> Value {
    let input = json!({ "code": code });
    client
        .run_mutation("exchangeOAuthCode", input, TOKENS)
        .await
}

/// Signs in with these claims. Returns the payload.
pub async fn sign_in(app: &App, claims: Claims) -> Value {
    let code = issue_code(app, claims).await.unwrap();
    let payload = exchange(&app.anonymous(), &code).await;
    assert_eq!(payload["userErrors"], json!([]));
    payload
}

/// Returns a client that is signed in by this payload.
pub fn client_of(app: &App, payload: &Value) -> Client {
    let token = payload["accessToken"].as_str().unwrap();
    app.anonymous().with_token(token)
}

async fn assert_nothing_stored(app: &App) {
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
async fn code_is_valid_once_for_a_minute() {
    on_both_databases(async |app| {
        let code = issue_code(app, claims("1", "ann@shop.example")).await;
        let code = code.unwrap();
        assert_eq!(code.len(), 43);
        let (one, other) = (app.anonymous(), app.anonymous());
        let both = join_all([exchange(&one, &code), exchange(&other, &code)]).await;
        let mut codes: Vec<_> = both.iter().map(user_error).collect();
        codes.sort_unstable();
        assert_eq!(codes, ["", "TOKEN_INVALID"]);
        let again = exchange(&one, &code).await;
        assert_eq!(user_error(&again), "TOKEN_INVALID");
        let error = &again["userErrors"][0];
        assert_eq!(
            (&error["field"], &again["user"]),
            (&json!("code"), &Value::Null)
        );
        for (wait, expected) in [(59, ""), (60, "TOKEN_INVALID")] {
            let code = issue_code(app, claims("1", "ann@shop.example")).await;
            app.advance(Duration::from_secs(wait));
            let payload = exchange(&app.anonymous(), &code.unwrap()).await;
            assert_eq!(user_error(&payload), expected, "after {wait} seconds");
        }
        for nonsense in ["", "x", &*"\u{fffd}".repeat(5_000)] {
            let payload = exchange(&app.anonymous(), nonsense).await;
            assert_eq!(user_error(&payload), "TOKEN_INVALID");
        }
    })
    .await;
}

#[tokio::test]
async fn code_requires_its_verifier_and_purpose() {
    on_both_databases(async |app| {
        let ann = || claims("1", "ann@shop.example");
        let client = app.anonymous();
        let bring = async |code: &str, verifier: Option<&str>| {
            let input = json!({ "code": code, "verifier": verifier });
            let payload = client
                .run_mutation("exchangeOAuthCode", input, TOKENS)
                .await;
            user_error(&payload).to_owned()
        };
        for wrong in [None, Some(""), Some("another"), Some(&*challenge())] {
            let code = issue_code_with_challenge(app, Intent::SignIn, ann()).await;
            assert_eq!(bring(&code, wrong).await, "TOKEN_INVALID", "{wrong:?}");
            // The code is void now.
            assert_eq!(bring(&code, Some(VERIFIER)).await, "TOKEN_INVALID");
            app.advance(Duration::from_mins(4));
        }
        // Another client may have started without a challenge.
        let code = issue_code(app, ann()).await.unwrap();
        assert_eq!(bring(&code, Some(VERIFIER)).await, "TOKEN_INVALID");
        let code = issue_code_with_challenge(app, Intent::Link, ann()).await;
        assert_eq!(bring(&code, Some(VERIFIER)).await, "TOKEN_INVALID");
        assert_nothing_stored(app).await;
        let code = issue_code_with_challenge(app, Intent::SignIn, ann()).await;
        assert_eq!(bring(&code, Some(VERIFIER)).await, "");
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
async fn changes_before_the_code_exchange_are_respected() {
    on_both_databases(async |app| {
        let early = issue_code(app, claims("1", "ann@corp.example")).await;
        let shut = issue_code(app, claims("2", "bob@corp.example")).await;
        app.user("ann@corp.example", Role::Customer).await;
        let payload = exchange(&app.anonymous(), &early.unwrap()).await;
        assert_eq!(user_error(&payload), "LINK_REQUIRED");
        let bob = exchange(&app.anonymous(), &shut.unwrap()).await;
        let later = issue_code(app, claims("2", "bob@corp.example")).await;
        let input = json!({"id": bob["user"]["id"], "disabled": true});
        app.admin()
            .await
            .run_mutation("updateUser", input, "")
            .await;
        assert!(!client_of(app, &bob).is_signed_in().await);
        let payload = exchange(&app.anonymous(), &later.unwrap()).await;
        assert_eq!(user_error(&payload), "ACCOUNT_DISABLED");
        assert_eq!(payload["user"], Value::Null);
        let refused = issue_code(app, claims("2", "bob@corp.example")).await;
        assert_eq!(refused, Err(Refusal::AccountDisabled));
        // Nor by another subject with the address, even if the provider hosts it.
        let claims = Claims {
            hosted_domain: Some("corp.example".to_owned()),
            ..claims("3", "bob@corp.example")
        };
        assert_eq!(issue_code(app, claims).await, Err(Refusal::AccountDisabled));
    })
    .await;
}

#[tokio::test]
async fn pending_registration_password_is_discarded() {
    on_both_databases(async |app| {
        let (mallory, victim) = (app.anonymous(), "ann@gmail.com");
        mallory.register(victim).await;
        let otp = app.code().await;
        app.advance(Duration::from_secs(61));
        // A second email, which is not sent yet.
        mallory
            .run_mutation("resendOtp", json!({"email": victim}), "")
            .await;
        let payload = sign_in(app, claims("1", victim)).await;
        assert_eq!(payload["user"]["hasPassword"], false);
        for table in ["registrations", "one_time_codes"] {
            assert_eq!(app.count(table).await, 0, "{table}");
        }
        assert_eq!(app.emails().await.len(), 0);
        let login = mallory.login(victim, "correct horse 9").await;
        assert_eq!(user_error(&login), "INVALID_CREDENTIALS");
        assert_eq!(
            user_error(&mallory.verify(victim, &otp).await),
            "OTP_INVALID"
        );
        let login = mallory.login(victim, "correct horse 9").await;
        assert_eq!(user_error(&login), "INVALID_CREDENTIALS");
    })
    .await;
}

#[tokio::test]
async fn concurrent_registration_sets_no_password() {
    on_both_databases(async |app| {
        for round in 0..5 {
            let email = format!("ann{round}@gmail.com");
            let code = issue_code(app, claims(&round.to_string(), &email)).await;
            let (mallory, ann, code) = (app.anonymous(), app.anonymous(), code.unwrap());
            let (_, payload) = tokio::join!(mallory.register(&email), exchange(&ann, &code));
            assert_eq!(payload["user"]["hasPassword"], false, "{payload}");
            for letter in app.emails().await {
                let otp = letter.code.unwrap_or_default();
                let tried = mallory.verify(&email, &otp).await;
                assert_eq!(user_error(&tried), "OTP_INVALID");
            }
            let login = mallory.login(&email, "correct horse 9").await;
            assert_eq!(login["accessToken"], Value::Null);
        }
        assert_eq!(app.count("users").await, 5);
    })
    .await;
}

#[tokio::test]
async fn concurrent_verifications_create_one_user() {
    on_both_databases(async |app| {
        for round in 0..5 {
            let email = format!("ann{round}@gmail.com");
            app.anonymous().register(&email).await;
            let otp = app.code().await;
            let code = issue_code(app, claims(&round.to_string(), &email)).await;
            let (one, other, code) = (app.anonymous(), app.anonymous(), code.unwrap());
            let (verified, payload) =
                tokio::join!(one.verify(&email, &otp), exchange(&other, &code));
            assert_eq!(payload["user"]["email"], email, "{payload}");
            let login = one.login(&email, "correct horse 9").await;
            // The order decides whether the password is discarded.
            let expected = if user_error(&verified).is_empty() {
                ""
            } else {
                "INVALID_CREDENTIALS"
            };
            assert_eq!(user_error(&login), expected);
        }
        assert_eq!(app.count("users").await, 5);
        assert_eq!(app.count("identities").await, 5);
    })
    .await;
}

#[tokio::test]
async fn concurrent_first_sign_ins_create_one_user() {
    on_both_databases(async |app| {
        let mut codes = Vec::new();
        for number in 0..8 {
            // Some with another address, so that only the subject identifies the user.
            let email = format!("ann{}@gmail.com", number % 2);
            codes.push(issue_code(app, claims("1", &email)).await.unwrap());
        }
        let works = codes.iter().map(async |code| {
            let client = app.anonymous();
            exchange(&client, code).await
        });
        let payloads = join_all(works).await;
        for payload in &payloads {
            assert_eq!(payload["userErrors"], json!([]));
            assert_eq!(payload["user"]["id"], payloads[0]["user"]["id"]);
        }
        assert_eq!(app.count("users").await, 1);
        assert_eq!(app.count("identities").await, 1);
        assert_eq!(app.count("sessions").await, 8);
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
async fn exchange_sets_the_refresh_cookie() {
    on_both_databases(async |app| {
        let code = issue_code(app, claims("1", "ann@gmail.com")).await.unwrap();
        let client = app.anonymous();
        let query = format!(
            "mutation {{ exchangeOAuthCode(input: {{ code: \"{code}\", refreshTokenIn: COOKIE }}) {{
                accessToken refreshToken userErrors {{ code field }} }} }}"
        );
        let body = json!({ "query": query }).to_string();
        let response = client.post(&body).await;
        let refused = &response.json["data"]["exchangeOAuthCode"]["userErrors"];
        assert_eq!(
            *refused,
            json!([{"code": "BAD_USER_INPUT", "field": "refreshTokenIn"}])
        );
        // The code is not used up.
        let headers = [crate::harness::JSON, ("apollo-require-preflight", "true")];
        let response = client.post_with(&headers, body).await;
        let payload = &response.json["data"]["exchangeOAuthCode"];
        assert!(payload["accessToken"].is_string(), "{}", response.text);
        assert_eq!(payload["refreshToken"], Value::Null);
        let cookie = response.header("set-cookie");
        assert!(
            cookie.starts_with("wares_refresh=") && cookie.contains("HttpOnly"),
            "{cookie}"
        );
    })
    .await;
}

#[tokio::test]
async fn code_exchanges_share_the_login_rate_limit() {
    on_both_databases(async |app| {
        let client = app.anonymous();
        for _ in 0..10 {
            let payload = exchange(&client, "nonsense").await;
            assert_eq!(user_error(&payload), "TOKEN_INVALID");
        }
        let input = json!({"code": "nonsense"});
        let response = client.mutate("exchangeOAuthCode", input, "").await;
        assert_eq!(response.code(), "RATE_LIMITED");
        let input = json!({"idToken": "nonsense", "nonce": "0123456789abcdef"});
        let response = client.mutate("signInWithGoogle", input, "").await;
        assert_eq!(response.code(), "RATE_LIMITED");
    })
    .await;
}

#[tokio::test]
async fn sign_in_with_google_returns_not_configured() {
    on_both_databases(async |app| {
        let input = json!({"idToken": "nonsense", "nonce": "0123456789abcdef"});
        let payload = app
            .anonymous()
            .run_mutation("signInWithGoogle", input, "")
            .await;
        assert_eq!(user_error(&payload), "NOT_CONFIGURED");
    })
    .await;
}

#[tokio::test]
async fn used_flows_are_rejected_and_expired_rows_deleted() {
    on_both_databases(async |app| {
        let state = &app.state;
        let expires = state.clock.now().after(Duration::from_mins(10));
        let use_it = |byte: u8| mark_flow_used(state, [byte; 32], expires);
        let (one, other) = tokio::join!(use_it(1), use_it(1));
        assert_ne!(one.unwrap(), other.unwrap());
        assert!(!use_it(1).await.unwrap());
        assert!(use_it(2).await.unwrap());
        issue_code(app, claims("1", "ann@gmail.com")).await.unwrap();
        delete_expired(state).await.unwrap();
        assert_eq!(app.count("used_oauth_flows").await, 2);
        assert_eq!(app.count("oauth_codes").await, 1);
        app.advance(Duration::from_mins(1));
        delete_expired(state).await.unwrap();
        assert_eq!(app.count("oauth_codes").await, 0);
        app.advance(Duration::from_mins(9));
        delete_expired(state).await.unwrap();
        assert_eq!(app.count("used_oauth_flows").await, 0);
    })
    .await;
}

/// Signs in with an avatar at this URL. Returns the client.
async fn sign_in_with_avatar(app: &App, subject: &str, url: &str) -> Client {
    let claims = Claims {
        picture: Some(url.to_owned()),
        ..claims(subject, &format!("ann{subject}@gmail.com"))
    };
    client_of(app, &sign_in(app, claims).await)
}

#[tokio::test]
async fn avatar_of_a_new_user_is_downloaded() {
    on_both_databases_with(&["--fetch-private-addresses=on"], async |app| {
        let web = WebServer::start("127.0.0.1").await;
        web.respond_with_file("/ann.png", &png(40, 30));
        web.respond_with("/none", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
        let width = async |client: &Client| {
            let data = client.data("{ me { avatar { width } } }", json!({})).await;
            data["me"]["avatar"]["width"].clone()
        };
        let ann = sign_in_with_avatar(app, "1", &web.url("/ann.png")).await;
        let none = sign_in_with_avatar(app, "2", &web.url("/none")).await;
        assert_eq!(width(&ann).await, Value::Null);
        // Deleted before the download.
        let gone = sign_in_with_avatar(app, "3", &web.url("/ann.png")).await;
        gone.run_mutation("deleteMe", json!({}), "").await;
        app.run_due_jobs(Queue::FETCHES).await;
        assert_eq!(width(&ann).await, 40);
        assert_eq!(width(&none).await, Value::Null);
        assert_eq!(web.connection_count(), 2);
        app.run_all_image_jobs().await;
        assert_eq!(
            (
                app.original_image_keys().len(),
                app.count_image_jobs().await
            ),
            (1, 0)
        );
        // A known user keeps the present avatar.
        sign_in_with_avatar(app, "1", &web.url("/other.png")).await;
        assert_eq!(app.count_image_jobs().await, 0);
        // An invalid URL queues no job.
        sign_in_with_avatar(app, "4", "javascript:alert(1)").await;
        assert_eq!(app.count_image_jobs().await, 0);
    })
    .await;
}

#[tokio::test]
async fn avatar_is_not_downloaded_from_private_addresses() {
    on_both_databases(async |app| {
        let web = WebServer::start("127.0.0.1").await;
        web.respond_with_file("/ann.png", &png(40, 30));
        sign_in_with_avatar(app, "1", &web.url("/ann.png")).await;
        app.run_due_jobs(Queue::FETCHES).await;
        assert_eq!(web.connection_count(), 0);
        app.assert_no_image().await;
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
