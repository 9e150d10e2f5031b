//! Signing in, the tokens one gets, and the end of sessions.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use wares::user::Role;

use crate::harness::{App, Backend, Client, Log, PASSWORD, on_both};

const ANN: &str = "ann@shop.example";
const ME: &str = "{ me { email role } }";

async fn is_signed_in(client: &Client) -> bool {
    let answer = client.send(ME, json!({})).await;
    if answer.status == 200 {
        assert!(
            answer.json["data"]["me"]["email"].is_string(),
            "{}",
            answer.text
        );
        return true;
    }
    answer.assert_refused(401, "UNAUTHENTICATED");
    assert!(answer.header("www-authenticate").starts_with("Bearer"));
    false
}

fn code(payload: &Value) -> &str {
    payload["userErrors"][0]["code"]
        .as_str()
        .unwrap_or_default()
}

#[tokio::test]
async fn whatever_is_wrong_with_a_sign_in_is_told_alike() {
    on_both(async |app| {
        app.user(ANN, Role::Customer).await;
        app.user("shut@shop.example", Role::Customer).await;
        app.sql("UPDATE users SET disabled_at = 1 WHERE email LIKE 'shut%'")
            .await;
        app.user("new@shop.example", Role::Customer).await;
        app.sql("UPDATE users SET verified_at = NULL WHERE email LIKE 'new%'")
            .await;
        app.user("google@shop.example", Role::Customer).await;
        app.sql("UPDATE users SET password_hash = NULL WHERE email LIKE 'google%'")
            .await;
        let long = "x".repeat(900_000);
        let mut answers = Vec::new();
        for (email, password) in [
            (ANN, "not the password"),
            ("nobody@shop.example", PASSWORD),
            ("shut@shop.example", PASSWORD),
            ("new@shop.example", "not the password"),
            ("google@shop.example", PASSWORD),
            (ANN, ""),
            (ANN, &long),
            ("no address", PASSWORD),
        ] {
            answers.push(app.anonymous().login(email, password).await);
        }
        assert_eq!(code(&answers[0]), "INVALID_CREDENTIALS");
        assert!(
            answers.iter().all(|answer| *answer == answers[0]),
            "{answers:#?}"
        );
        // Only who knows the password learns that the address was not proved.
        let payload = app.anonymous().login("new@shop.example", PASSWORD).await;
        assert_eq!(code(&payload), "EMAIL_NOT_VERIFIED");
        assert_eq!(app.count("sessions").await, 0);
    })
    .await;
}

#[tokio::test]
async fn who_is_signed_in_is_told_in_a_header_and_a_bad_one_is_refused() {
    on_both(async |app| {
        let ann = app.signed_in(ANN, Role::Customer).await;
        let data = ann.data(ME, json!({})).await;
        assert_eq!(data["me"], json!({"email": ANN, "role": "CUSTOMER"}));
        assert_eq!(
            ann.send(ME, json!({})).await.header("cache-control"),
            "no-store"
        );
        for header in [
            "Bearer",
            "Bearer ",
            "Bearer x",
            "Basic YTpi",
            "x",
            "bearer a.b.c",
            "Bearer \u{fc}",
        ] {
            let headers = [crate::harness::JSON, ("authorization", header)];
            let body = r#"{"query":"{ products { totalCount } }"}"#;
            let answer = app.anonymous().post_with(&headers, body).await;
            answer.assert_refused(401, "UNAUTHENTICATED");
        }
        // Nobody in particular gets null for an answer, and the rest of what was asked.
        let query = "{ me { email } products { totalCount } }";
        let answer = app.anonymous().send(query, json!({})).await;
        assert_eq!(answer.code(), "UNAUTHENTICATED");
        assert_eq!(
            answer.json["data"],
            json!({"me": null, "products": {"totalCount": 0}})
        );
    })
    .await;
}

#[tokio::test]
async fn a_token_that_is_over_does_not_stand_in_the_way_of_the_next_one() {
    on_both(async |app| {
        app.user(ANN, Role::Customer).await;
        let stale = app.anonymous().with_token("x.y.z");
        let login = stale.login(ANN, PASSWORD).await;
        let input = json!({"refreshToken": login["refreshToken"]});
        let payload = stale.done("refreshToken", input, "accessToken").await;
        assert!(payload["accessToken"].is_string());
        assert_eq!(
            stale
                .data("mutation { logout { userErrors { code } } }", json!({}))
                .await["logout"]["userErrors"],
            json!([])
        );
        assert!(
            stale
                .data("{ __typename __schema { queryType { name } } }", json!({}))
                .await
                .is_object()
        );
        for query in [
            "mutation { logout { userErrors { code } } logoutAll { userErrors { code } } }",
            "mutation { ...F } fragment F on Mutation { logoutAll { userErrors { code } } }",
            "mutation { ... { ... { logoutAll { userErrors { code } } } } }",
            "{ products { totalCount } }",
            "{ login: me { id } }",
        ] {
            stale
                .send(query, json!({}))
                .await
                .assert_refused(401, "UNAUTHENTICATED");
        }
    })
    .await;
}

/// A token with these parts, signed with this secret as HS256 has it.
fn forge(header: &Value, claims: &Value, secret: &[u8]) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encode(header), encode(claims));
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret).unwrap();
    mac.update(signed.as_bytes());
    format!(
        "{signed}.{}",
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    )
}

#[tokio::test]
async fn a_token_is_held_to_every_rule() {
    const SECRET: &str = "zVq3gX0v5cQ8sY2kL7mN4bR9tH1wJ6pF";
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let app = App::start(
            backend,
            &[&format!(
                "--jwt-secrets=another-secret-Q8sY2kL7mN4bR9tH1wJ6pF,{SECRET}"
            )],
        )
        .await;
        app.user(ANN, Role::Customer).await;
        let login = app.anonymous().login(ANN, PASSWORD).await;
        let token = login["accessToken"].as_str().unwrap();
        let part = |index: usize| {
            let part = token.split('.').nth(index).unwrap();
            serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
        };
        let (header, claims) = (part(0), part(1));
        assert_eq!(header, json!({"alg": "HS256", "typ": "at+jwt"}));
        let now = claims["iat"].as_i64().unwrap();
        assert_eq!(claims["exp"].as_i64(), Some(now + 600));
        let with = |name: &str, value: Value| {
            let mut changed = claims.clone();
            changed[name] = value;
            forge(&header, &changed, SECRET.as_bytes())
        };
        let without = |name: &str| {
            let mut changed = claims.clone();
            changed.as_object_mut().unwrap().remove(name);
            forge(&header, &changed, SECRET.as_bytes())
        };
        // The second secret verifies too, so that the first can be a new one.
        let good = forge(&header, &claims, SECRET.as_bytes());
        assert!(is_signed_in(&app.anonymous().with_token(&good)).await);
        assert!(is_signed_in(&app.anonymous().with_token(&with("exp", json!(now - 29)))).await);

        let signature = token.rsplit('.').next().unwrap();
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let mut bad = vec![
            forge(&header, &claims, b"a secret that nobody has given us"),
            format!(
                "{}.{}.",
                encode(&json!({"alg": "none", "typ": "at+jwt"})),
                encode(&claims)
            ),
            format!(
                "{}.{}.",
                encode(&json!({"alg": "None", "typ": "at+jwt"})),
                encode(&claims)
            ),
            format!("{}.{}.", encode(&header), encode(&claims)),
            format!(
                "{}.{}.{signature}",
                encode(&header),
                encode(&{
                    let mut edited = claims.clone();
                    edited["role"] = json!("ADMIN");
                    edited
                })
            ),
            forge(
                &json!({"alg": "HS384", "typ": "at+jwt"}),
                &claims,
                SECRET.as_bytes(),
            ),
            forge(
                &json!({"alg": "HS256", "typ": "JWT"}),
                &claims,
                SECRET.as_bytes(),
            ),
            forge(&json!({"alg": "HS256"}), &claims, SECRET.as_bytes()),
            format!("{token}x"),
            login["refreshToken"].as_str().unwrap().to_owned(),
            with("exp", json!(now - 31)),
            with("exp", json!((now + 600).to_string())),
            with("exp", json!(1e300)),
            with("exp", json!(-1)),
            with("nbf", json!(now + 300)),
            with("iat", json!(now + 300)),
            with("iss", json!("https://evil.example")),
            with("aud", json!("another")),
            with("sub", json!("user_00000000000000000000000000")),
            with("sub", json!("../../etc")),
            with("sid", json!("sess_00000000000000000000000000")),
            with("sid", claims["sub"].clone()),
        ];
        bad.extend(["exp", "iss", "aud", "sub", "sid", "iat", "nbf"].map(without));
        for token in bad {
            assert!(
                !is_signed_in(&app.anonymous().with_token(&token)).await,
                "{token}"
            );
        }
        app.advance(Duration::from_secs(600 + 29));
        assert!(is_signed_in(&app.anonymous().with_token(token)).await);
        app.advance(Duration::from_secs(2));
        assert!(!is_signed_in(&app.anonymous().with_token(token)).await);
    }
}

#[tokio::test]
async fn a_session_that_is_over_is_over_at_once() {
    on_both(async |app| {
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
        assert!(!is_signed_in(&phone).await);
        let payload = phone.done("refreshToken", phone_token, "accessToken").await;
        assert_eq!(code(&payload), "TOKEN_INVALID");
        // Once more is fine, and the others live.
        phone.data(logout, json!({})).await;
        assert!(is_signed_in(&laptop).await && is_signed_in(&tv).await);
        // With the refresh token alone, for who comes back when the access token is over.
        app.anonymous().done("logout", tv_token, "").await;
        assert!(!is_signed_in(&tv).await && is_signed_in(&laptop).await);

        let (other, _) = device().await;
        laptop
            .data("mutation { logoutAll { userErrors { code } } }", json!({}))
            .await;
        assert!(!is_signed_in(&laptop).await && !is_signed_in(&other).await);
        let payload = laptop
            .done("refreshToken", laptop_token, "accessToken")
            .await;
        assert_eq!(code(&payload), "TOKEN_INVALID");
        assert_eq!(app.count("sessions").await, 0);
    })
    .await;
}

#[tokio::test]
async fn the_list_of_devices_tells_them_apart_and_ends_one() {
    on_both(async |app| {
        app.user(ANN, Role::Customer).await;
        let agents = ["Phone/1.0", &"x".repeat(1_000)];
        let mut tokens = Vec::new();
        for (agent, address) in agents.into_iter().zip(["192.0.2.7", "2001:db8::7"]) {
            let query = format!(
                "mutation {{ login(input: {{email: \"{ANN}\", password: \"{PASSWORD}\"}}) {{ accessToken }} }}"
            );
            let headers = [crate::harness::JSON, ("user-agent", agent)];
            let body = json!({"query": query}).to_string();
            let answer = app.anonymous().at(address).post_with(&headers, body).await;
            let token = answer.json["data"]["login"]["accessToken"].clone();
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

        // Another's and none at all are the same.
        let other = app.signed_in("bob@shop.example", Role::Admin).await;
        for id in [sessions[0]["id"].as_str().unwrap(), "sess_00000000000000000000000000"] {
            let payload = other.done("revokeSession", json!({"id": id}), "sessionId").await;
            assert_eq!(payload["userErrors"][0]["code"], "NOT_FOUND");
            assert_eq!(other.data("query($id: ID!) { node(id: $id) { id } }", json!({"id": id})).await["node"], Value::Null);
        }
        let node = client.data("query($id: ID!) { node(id: $id) { ... on Session { current } } }", json!({"id": sessions[0]["id"]})).await;
        assert_eq!(node["node"]["current"], false);
        let payload = client.done("revokeSession", json!({"id": sessions[0]["id"]}), "sessionId").await;
        assert_eq!(payload["sessionId"], sessions[0]["id"]);
        assert!(!is_signed_in(&app.anonymous().with_token(&tokens[1])).await);
        assert!(is_signed_in(&client).await);
        let payload = client.done("revokeSession", json!({"id": "prod_1"}), "sessionId").await;
        assert_eq!(code(&payload), "BAD_USER_INPUT");
    })
    .await;
}

#[tokio::test]
async fn a_client_tries_ten_times_and_then_every_twenty_seconds() {
    on_both(async |app| {
        app.user(ANN, Role::Customer).await;
        let attempt = async |address: &str| {
            let client = app.anonymous().at(address);
            let input = json!({"email": ANN, "password": PASSWORD});
            let answer = client.mutate("login", input, "accessToken").await;
            answer.json["data"]["login"]["accessToken"].is_string()
        };
        for _ in 0..10 {
            assert!(attempt("192.0.2.1").await);
        }
        assert!(!attempt("192.0.2.1").await);
        assert!(
            !attempt("::ffff:192.0.2.1").await,
            "the same address in other clothes"
        );
        assert!(attempt("192.0.2.2").await);
        for _ in 0..3 {
            app.advance(Duration::from_secs(20));
            assert!(attempt("192.0.2.1").await);
            assert!(!attempt("192.0.2.1").await);
        }
        app.advance(Duration::from_secs(200));
        for _ in 0..10 {
            assert!(attempt("192.0.2.1").await);
        }
    })
    .await;
}

#[tokio::test]
async fn an_account_that_is_attacked_from_everywhere_stops_taking_guesses_for_a_while() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let app = App::start(backend, &["--limit-login-account=5/1d"]).await;
        app.user(ANN, Role::Customer).await;
        for _ in 0..4 {
            app.anonymous().login(ANN, "a wrong guess").await;
        }
        // What succeeds forgives what failed before.
        assert!(app.anonymous().login(ANN, PASSWORD).await["accessToken"].is_string());
        for _ in 0..5 {
            app.anonymous().login(ANN, "a wrong guess").await;
        }
        let input = json!({"email": ANN, "password": PASSWORD});
        let answer = app
            .anonymous()
            .mutate("login", input.clone(), "accessToken")
            .await;
        assert_eq!(answer.code(), "RATE_LIMITED");
        assert_eq!(
            answer.json["errors"][0]["extensions"]["retryAfterSeconds"],
            17_280
        );
        // The owner gets in by mail, at once.
        app.anonymous()
            .done("forgotPassword", json!({"email": ANN}), "")
            .await;
        let reset =
            json!({"email": ANN, "otp": app.code().await, "newPassword": "quite another one"});
        assert_eq!(
            app.anonymous().done("resetPassword", reset, "").await["userErrors"],
            json!([])
        );
        let login = app.anonymous().login(ANN, "quite another one").await;
        assert!(login["accessToken"].is_string());
        // And nobody is locked out for good.
        for _ in 0..5 {
            app.anonymous().login(ANN, "a wrong guess").await;
        }
        app.advance(Duration::from_secs(17_281));
        let login = app.anonymous().login(ANN, "quite another one").await;
        assert!(login["accessToken"].is_string());
    }
}

#[tokio::test]
async fn a_proxy_is_believed_when_it_is_trusted() {
    for (proxies, forwarded, limited) in [
        // Without trust the header is anybody's word.
        ("", "198.51.100.{}", true),
        ("10.0.0.0/8", "198.51.100.{}", false),
        (
            "10.9.9.9,10.0.0.0/8",
            "203.0.113.5, 198.51.100.{}, 10.2.3.4",
            false,
        ),
        // The client itself has written what stands before.
        ("10.0.0.0/8", "198.51.100.{}, 203.0.113.5", true),
        ("10.0.0.0/8", "nonsense {}", true),
    ] {
        let flag = format!("--trusted-proxies={proxies}");
        let flags: &[&str] = if proxies.is_empty() { &[] } else { &[&flag] };
        let app = App::start(Backend::Sqlite, flags).await;
        let mut answers = Vec::new();
        for number in 0..12 {
            let forwarded = forwarded.replace("{}", &number.to_string());
            let headers = [crate::harness::JSON, ("x-forwarded-for", &*forwarded)];
            let body = r#"{"query":"mutation { login(input: {email: \"a@b.example\", password: \"x\"}) { accessToken } }"}"#;
            answers.push(
                app.anonymous()
                    .at("10.1.1.1")
                    .post_with(&headers, body)
                    .await,
            );
        }
        let refused = answers
            .iter()
            .any(|answer| answer.text.contains("RATE_LIMITED"));
        assert_eq!(refused, limited, "{proxies}: {forwarded}");
    }
}

#[tokio::test]
async fn a_weaker_hash_is_made_anew_at_the_next_sign_in() {
    on_both(async |app| {
        app.user(ANN, Role::Customer).await;
        // argon2id of "a fine day for sailing" with a quarter of the memory.
        let params = argon2::Params::new(4_864, 1, 1, None).unwrap();
        let argon2 = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
        let weak = argon2::PasswordHasher::hash_password(&argon2, PASSWORD.as_bytes()).unwrap();
        app.sql(&format!("UPDATE users SET password_hash = '{weak}'")).await;
        let strong = "SELECT count(*) FROM users WHERE password_hash LIKE '$argon2id$v=19$m=19456,t=2,p=1$%'";
        assert!(app.anonymous().login(ANN, "wrong guess 1").await["accessToken"].is_null());
        assert_eq!(app.sql_number(strong).await, 0);
        assert!(app.anonymous().login(ANN, PASSWORD).await["accessToken"].is_string());
        assert_eq!(app.sql_number(strong).await, 1);
        assert!(app.anonymous().login(ANN, PASSWORD).await["accessToken"].is_string());
    })
    .await;
}

#[tokio::test]
async fn more_hashing_than_the_queue_takes_is_turned_away() {
    let app = App::start(
        Backend::Sqlite,
        &["--password-hashes=1", "--password-queue=1"],
    )
    .await;
    let attempts = (0..20).map(async |_| {
        let input = json!({"email": ANN, "password": PASSWORD});
        app.anonymous().mutate("login", input, "accessToken").await
    });
    let answers = futures_util::future::join_all(attempts).await;
    let (busy, tried): (Vec<_>, Vec<_>) = answers
        .iter()
        .partition(|answer| answer.json["errors"].is_array());
    assert!(
        !busy.is_empty() && !tried.is_empty(),
        "{} {}",
        busy.len(),
        tried.len()
    );
    for answer in busy {
        assert_eq!(
            (answer.code(), answer.header("retry-after")),
            ("SERVICE_UNAVAILABLE", "1")
        );
    }
}

#[tokio::test]
async fn the_log_tells_no_secret() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let app = App::start(backend, &[]).await;
        let log = Log::capture();
        let mut secrets = vec![
            "correct horse 9".to_owned(),
            "wrong guess 77".to_owned(),
            ANN.to_owned(),
        ];
        let client = app.anonymous();
        let input = json!({"email": ANN, "password": "correct horse 9", "name": "Ann"});
        client.done("register", input, "").await;
        let otp = app.code().await;
        client
            .done("verifyEmail", json!({"email": ANN, "otp": "000000"}), "")
            .await;
        client
            .done("verifyEmail", json!({"email": ANN, "otp": otp}), "")
            .await;
        client.login(ANN, "wrong guess 77").await;
        let login = client.login(ANN, "correct horse 9").await;
        let first = login["refreshToken"].as_str().unwrap().to_owned();
        let refresh = async |token: &str| {
            client
                .done(
                    "refreshToken",
                    json!({"refreshToken": token}),
                    "accessToken refreshToken",
                )
                .await
        };
        let second = refresh(&first).await;
        let third = refresh(second["refreshToken"].as_str().unwrap()).await;
        assert_eq!(code(&refresh(&first).await), "TOKEN_INVALID");
        for payload in [&login, &second, &third] {
            secrets.push(payload["accessToken"].as_str().unwrap().to_owned());
            secrets.push(payload["refreshToken"].as_str().unwrap().to_owned());
        }
        let broken = "mutation { login(input: {email: \"ann@shop.example\", password: \"correct horse 9\", x: 1}) { accessToken } }";
        client.send(broken, json!({})).await;
        secrets.push(otp);
        secrets.push("argon2id".to_owned());
        assert_eq!(log.lines_with("used twice").len(), 1);
        for secret in secrets {
            assert_eq!(log.lines_with(&secret), Vec::<String>::new());
        }
    }
}
