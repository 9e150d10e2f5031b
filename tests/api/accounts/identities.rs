//! Sign-in with verified Google claims: resolution to users, and the codes.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::join_all;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use wares::accounts::identity::service::{Intent, Offer, Refusal, delete_expired, offer, use_flow};
use wares::accounts::user::Role;
use wares::infra::oidc::{Claims, GOOGLE};
use wares::platform::jobs::Queue;

use crate::harness::picture::png;
use crate::harness::{App, Client, PASSWORD, Web, on_both, on_both_with, user_error};

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
pub async fn offered(app: &App, claims: Claims) -> Result<String, Refusal> {
    let start = Offer {
        intent: Intent::SignIn,
        challenge: None,
    };
    let code = offer(&app.state, claims, start).await.unwrap();
    code.map(|code| code.expose().to_owned())
}

/// Returns the code for a client that has sent a challenge.
pub async fn bound(app: &App, intent: Intent, claims: Claims) -> String {
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
    client.done("exchangeOAuthCode", input, TOKENS).await
}

/// Signs in with these claims. Returns the payload.
pub async fn sign_in(app: &App, claims: Claims) -> Value {
    let code = offered(app, claims).await.unwrap();
    let payload = exchange(&app.anonymous(), &code).await;
    assert_eq!(payload["userErrors"], json!([]));
    payload
}

/// Returns a client that is signed in by this payload.
pub fn client_of(app: &App, payload: &Value) -> Client {
    let token = payload["accessToken"].as_str().unwrap();
    app.anonymous().with_token(token)
}

async fn no_trace(app: &App) {
    for table in ["users", "identities", "oauth_codes"] {
        assert_eq!(app.count(table).await, 0, "{table}");
    }
}

#[tokio::test]
async fn who_is_new_becomes_a_verified_customer_without_a_password() {
    on_both(async |app| {
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
            .done("refreshToken", input, "accessToken")
            .await;
        assert_eq!(user_error(&again), "");
        assert_eq!(app.letters().await.len(), 0);
        assert_eq!(app.count("oauth_codes").await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_name_that_is_none_is_made_of_the_address() {
    on_both(async |app| {
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
async fn an_address_that_google_has_not_verified_is_worth_nothing() {
    on_both(async |app| {
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
            let refused = offered(app, claims).await;
            assert_eq!(refused, Err(Refusal::EmailNotVerified));
        }
        no_trace(app).await;
        // Also for a known subject.
        sign_in(app, good.clone()).await;
        let claims = Claims {
            email_verified: false,
            ..good
        };
        let refused = offered(app, claims).await;
        assert_eq!(refused, Err(Refusal::EmailNotVerified));
    })
    .await;
}

#[tokio::test]
async fn a_code_is_good_once_and_for_a_minute() {
    on_both(async |app| {
        let code = offered(app, claims("1", "ann@shop.example")).await;
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
            let code = offered(app, claims("1", "ann@shop.example")).await;
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
async fn a_code_is_good_with_its_verifier_and_for_its_purpose_alone() {
    on_both(async |app| {
        let ann = || claims("1", "ann@shop.example");
        let client = app.anonymous();
        let bring = async |code: &str, verifier: Option<&str>| {
            let input = json!({ "code": code, "verifier": verifier });
            let payload = client.done("exchangeOAuthCode", input, TOKENS).await;
            user_error(&payload).to_owned()
        };
        for wrong in [None, Some(""), Some("another"), Some(&*challenge())] {
            let code = bound(app, Intent::SignIn, ann()).await;
            assert_eq!(bring(&code, wrong).await, "TOKEN_INVALID", "{wrong:?}");
            // The code is void now.
            assert_eq!(bring(&code, Some(VERIFIER)).await, "TOKEN_INVALID");
            app.advance(Duration::from_mins(4));
        }
        // Another client may have started without a challenge.
        let code = offered(app, ann()).await.unwrap();
        assert_eq!(bring(&code, Some(VERIFIER)).await, "TOKEN_INVALID");
        let code = bound(app, Intent::Link, ann()).await;
        assert_eq!(bring(&code, Some(VERIFIER)).await, "TOKEN_INVALID");
        no_trace(app).await;
        let code = bound(app, Intent::SignIn, ann()).await;
        assert_eq!(bring(&code, Some(VERIFIER)).await, "");
    })
    .await;
}

#[tokio::test]
async fn a_subject_stays_who_it_is_whatever_its_address() {
    on_both(async |app| {
        let first = sign_in(app, claims("1", "ann@gmail.com")).await;
        app.user("bob@gmail.com", Role::Customer).await;
        // Not Bob, although the address is his.
        let second = sign_in(app, claims("1", "bob@gmail.com")).await;
        assert_eq!(first["user"]["id"], second["user"]["id"]);
        assert_eq!(second["user"]["email"], "ann@gmail.com");
        assert_eq!(second["user"]["identities"][0]["email"], "bob@gmail.com");
        // Another subject is not Ann, although the address is hers.
        let refused = offered(app, claims("2", "ann@gmail.com")).await;
        assert_eq!(refused, Err(Refusal::LinkRequired));
        assert_eq!(app.count("identities").await, 1);
    })
    .await;
}

#[tokio::test]
async fn an_account_is_linked_by_itself_only_when_google_gives_its_address_out() {
    on_both(async |app| {
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
            let code = offered(app, claims).await;
            if !linked {
                assert_eq!(code, Err(Refusal::LinkRequired), "{email}");
                assert_eq!(app.letters().await.len(), 0);
                continue;
            }
            let payload = exchange(&app.anonymous(), &code.unwrap()).await;
            assert_eq!(
                (&payload["user"]["email"], &payload["user"]["name"]),
                (&json!(email), &json!("Some Body"))
            );
            let letters = app.letters().await;
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
async fn what_happens_before_the_code_is_brought_counts() {
    on_both(async |app| {
        let early = offered(app, claims("1", "ann@corp.example")).await;
        let shut = offered(app, claims("2", "bob@corp.example")).await;
        app.user("ann@corp.example", Role::Customer).await;
        let payload = exchange(&app.anonymous(), &early.unwrap()).await;
        assert_eq!(user_error(&payload), "LINK_REQUIRED");
        let bob = exchange(&app.anonymous(), &shut.unwrap()).await;
        let later = offered(app, claims("2", "bob@corp.example")).await;
        let input = json!({"id": bob["user"]["id"], "disabled": true});
        app.admin().await.done("updateUser", input, "").await;
        assert!(!client_of(app, &bob).is_signed_in().await);
        let payload = exchange(&app.anonymous(), &later.unwrap()).await;
        assert_eq!(user_error(&payload), "ACCOUNT_DISABLED");
        assert_eq!(payload["user"], Value::Null);
        let refused = offered(app, claims("2", "bob@corp.example")).await;
        assert_eq!(refused, Err(Refusal::AccountDisabled));
        // Nor by another subject with the address, even if the provider hosts it.
        let claims = Claims {
            hosted_domain: Some("corp.example".to_owned()),
            ..claims("3", "bob@corp.example")
        };
        assert_eq!(offered(app, claims).await, Err(Refusal::AccountDisabled));
    })
    .await;
}

#[tokio::test]
async fn a_password_that_waited_for_its_code_does_not_come_along() {
    on_both(async |app| {
        let (mallory, victim) = (app.anonymous(), "ann@gmail.com");
        mallory.register(victim).await;
        let otp = app.code().await;
        app.advance(Duration::from_secs(61));
        // A second email, which is not sent yet.
        mallory
            .done("resendOtp", json!({"email": victim}), "")
            .await;
        let payload = sign_in(app, claims("1", victim)).await;
        assert_eq!(payload["user"]["hasPassword"], false);
        for table in ["registrations", "one_time_codes"] {
            assert_eq!(app.count(table).await, 0, "{table}");
        }
        assert_eq!(app.letters().await.len(), 0);
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
async fn a_registration_at_the_same_moment_gives_nobody_a_password() {
    on_both(async |app| {
        for round in 0..5 {
            let email = format!("ann{round}@gmail.com");
            let code = offered(app, claims(&round.to_string(), &email)).await;
            let (mallory, ann, code) = (app.anonymous(), app.anonymous(), code.unwrap());
            let (_, payload) = tokio::join!(mallory.register(&email), exchange(&ann, &code));
            assert_eq!(payload["user"]["hasPassword"], false, "{payload}");
            for letter in app.letters().await {
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
async fn an_address_that_is_proved_twice_at_once_is_one_user() {
    on_both(async |app| {
        for round in 0..5 {
            let email = format!("ann{round}@gmail.com");
            app.anonymous().register(&email).await;
            let otp = app.code().await;
            let code = offered(app, claims(&round.to_string(), &email)).await;
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
async fn first_sign_ins_at_once_are_one_user() {
    on_both(async |app| {
        let mut codes = Vec::new();
        for number in 0..8 {
            // Some with another address, so that only the subject identifies the user.
            let email = format!("ann{}@gmail.com", number % 2);
            codes.push(offered(app, claims("1", &email)).await.unwrap());
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
async fn with_a_user_their_identities_go() {
    on_both(async |app| {
        let first = sign_in(app, claims("1", "ann@gmail.com")).await;
        let client = client_of(app, &first);
        assert_eq!(
            user_error(&client.done("deleteMe", json!({}), "").await),
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
async fn a_browser_keeps_its_refresh_token_in_the_cookie() {
    on_both(async |app| {
        let code = offered(app, claims("1", "ann@gmail.com")).await.unwrap();
        let client = app.anonymous();
        let query = format!(
            "mutation {{ exchangeOAuthCode(input: {{ code: \"{code}\", refreshTokenIn: COOKIE }}) {{
                accessToken refreshToken userErrors {{ code field }} }} }}"
        );
        let body = json!({ "query": query }).to_string();
        let answer = client.post(&body).await;
        let refused = &answer.json["data"]["exchangeOAuthCode"]["userErrors"];
        assert_eq!(
            *refused,
            json!([{"code": "BAD_USER_INPUT", "field": "refreshTokenIn"}])
        );
        // The code is not used up.
        let headers = [crate::harness::JSON, ("apollo-require-preflight", "true")];
        let answer = client.post_with(&headers, body).await;
        let payload = &answer.json["data"]["exchangeOAuthCode"];
        assert!(payload["accessToken"].is_string(), "{}", answer.text);
        assert_eq!(payload["refreshToken"], Value::Null);
        let cookie = answer.header("set-cookie");
        assert!(
            cookie.starts_with("wares_refresh=") && cookie.contains("HttpOnly"),
            "{cookie}"
        );
    })
    .await;
}

#[tokio::test]
async fn codes_are_tried_as_often_as_passwords() {
    on_both(async |app| {
        let client = app.anonymous();
        for _ in 0..10 {
            let payload = exchange(&client, "nonsense").await;
            assert_eq!(user_error(&payload), "TOKEN_INVALID");
        }
        let input = json!({"code": "nonsense"});
        let answer = client.mutate("exchangeOAuthCode", input, "").await;
        assert_eq!(answer.code(), "RATE_LIMITED");
        let input = json!({"idToken": "nonsense", "nonce": "0123456789abcdef"});
        let answer = client.mutate("signInWithGoogle", input, "").await;
        assert_eq!(answer.code(), "RATE_LIMITED");
    })
    .await;
}

#[tokio::test]
async fn without_settings_there_is_no_signing_in_with_a_token() {
    on_both(async |app| {
        let input = json!({"idToken": "nonsense", "nonce": "0123456789abcdef"});
        let payload = app.anonymous().done("signInWithGoogle", input, "").await;
        assert_eq!(user_error(&payload), "NOT_CONFIGURED");
    })
    .await;
}

#[tokio::test]
async fn what_was_used_is_used_once_and_nothing_stays() {
    on_both(async |app| {
        let state = &app.state;
        let expires = state.clock.now().after(Duration::from_mins(10));
        let use_it = |byte: u8| use_flow(state, [byte; 32], expires);
        let (one, other) = tokio::join!(use_it(1), use_it(1));
        assert_ne!(one.unwrap(), other.unwrap());
        assert!(!use_it(1).await.unwrap());
        assert!(use_it(2).await.unwrap());
        offered(app, claims("1", "ann@gmail.com")).await.unwrap();
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
async fn pictured(app: &App, subject: &str, url: &str) -> Client {
    let claims = Claims {
        picture: Some(url.to_owned()),
        ..claims(subject, &format!("ann{subject}@gmail.com"))
    };
    client_of(app, &sign_in(app, claims).await)
}

#[tokio::test]
async fn the_picture_of_who_is_new_is_fetched() {
    on_both_with(&["--fetch-private-addresses=on"], async |app| {
        let web = Web::start("127.0.0.1").await;
        web.picture("/ann.png", &png(40, 30));
        web.answer("/none", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
        let width = async |client: &Client| {
            let data = client.data("{ me { avatar { width } } }", json!({})).await;
            data["me"]["avatar"]["width"].clone()
        };
        let ann = pictured(app, "1", &web.url("/ann.png")).await;
        let none = pictured(app, "2", &web.url("/none")).await;
        assert_eq!(width(&ann).await, Value::Null);
        // Deleted before the download.
        let gone = pictured(app, "3", &web.url("/ann.png")).await;
        gone.done("deleteMe", json!({}), "").await;
        app.do_due(Queue::FETCHES).await;
        assert_eq!(width(&ann).await, 40);
        assert_eq!(width(&none).await, Value::Null);
        assert_eq!(web.visits(), 2);
        app.settle().await;
        assert_eq!(
            (app.whole_pictures().len(), app.picture_tasks().await),
            (1, 0)
        );
        // A known user keeps the present avatar.
        pictured(app, "1", &web.url("/other.png")).await;
        assert_eq!(app.picture_tasks().await, 0);
        // An invalid URL queues no job.
        pictured(app, "4", "javascript:alert(1)").await;
        assert_eq!(app.picture_tasks().await, 0);
    })
    .await;
}

#[tokio::test]
async fn no_picture_is_fetched_from_the_network_of_the_server() {
    on_both(async |app| {
        let web = Web::start("127.0.0.1").await;
        web.picture("/ann.png", &png(40, 30));
        pictured(app, "1", &web.url("/ann.png")).await;
        app.do_due(Queue::FETCHES).await;
        assert_eq!(web.visits(), 0);
        app.assert_no_picture().await;
    })
    .await;
}

#[tokio::test]
async fn a_subject_is_somebody_with_one_issuer_only_and_gmail_is_googles() {
    on_both(async |app| {
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
            let refused = offered(app, claims).await;
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
