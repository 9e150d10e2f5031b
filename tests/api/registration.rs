//! Registering and proving an address: what strangers may learn, and what codes are good for.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use wares::user::Role;

use crate::harness::{App, Client, PASSWORD, on_both};

const ANN: &str = "ann@shop.example";

async fn register(client: &Client, email: &str) -> Value {
    let input = json!({"email": email, "password": "correct horse 9", "name": "Ann"});
    client.done("register", input, "resendAfterSeconds").await
}

async fn verify(client: &Client, email: &str, otp: &str) -> Value {
    let input = json!({"email": email, "otp": otp});
    client
        .done("verifyEmail", input, "user { email emailVerified }")
        .await
}

/// The code of the first user error; nothing when there is none.
fn code(payload: &Value) -> &str {
    payload["userErrors"][0]["code"]
        .as_str()
        .unwrap_or_default()
}

/// A code of six digits that is not this one.
fn other_than(otp: &str) -> String {
    let number: u32 = otp.parse().unwrap();
    format!("{:06}", (number + 1) % 1_000_000)
}

#[tokio::test]
async fn who_registers_proves_the_address_and_signs_in() {
    on_both(async |app| {
        let client = app.anonymous();
        let payload = register(&client, " Ann@Shop.Example ").await;
        assert_eq!(payload, json!({"resendAfterSeconds": 60, "userErrors": []}));
        let letters = app.letters().await;
        assert_eq!(letters.len(), 1);
        assert_eq!(letters[0].to, "Ann@Shop.Example");
        let otp = letters[0].code.as_ref().unwrap();
        assert!(otp.len() == 6 && otp.bytes().all(|byte| byte.is_ascii_digit()));
        assert!(letters[0].text().contains(otp));

        let login = client.login(ANN, "correct horse 9").await;
        assert_eq!(code(&login), "EMAIL_NOT_VERIFIED");
        assert_eq!(login["accessToken"], Value::Null);

        let payload = verify(&client, "ANN@shop.example", &format!(" {otp} ")).await;
        assert_eq!(
            payload["user"],
            json!({"email": "Ann@Shop.Example", "emailVerified": true})
        );
        let login = client.login(ANN, "correct horse 9").await;
        let client = client.with_token(login["accessToken"].as_str().unwrap());
        let me = client
            .data("{ me { name role hasPassword disabled } }", json!({}))
            .await;
        assert_eq!(
            me["me"],
            json!({"name": "Ann", "role": "CUSTOMER", "hasPassword": true, "disabled": false})
        );
    })
    .await;
}

#[tokio::test]
async fn a_form_learns_everything_that_is_wrong_at_once() {
    on_both(async |app| {
        let client = app.anonymous();
        let input = json!({"email": "nobody", "password": "short", "name": " "});
        let payload = client.done("register", input, "resendAfterSeconds").await;
        let errors = payload["userErrors"].as_array().unwrap();
        let fields: Vec<_> = errors
            .iter()
            .map(|error| error["field"].as_str().unwrap())
            .collect();
        assert_eq!(fields, ["email", "name", "password"]);
        assert!(errors.iter().all(|error| error["code"] == "BAD_USER_INPUT"));
        assert_eq!(payload["resendAfterSeconds"], Value::Null);
        assert_eq!(app.count("users").await + app.count("outbox").await, 0);
    })
    .await;
}

#[tokio::test]
async fn addresses_are_taken_as_people_write_them_and_nonsense_is_not() {
    on_both(async |app| {
        let at = |local: usize, domain: &str| format!("{}@{domain}", "a".repeat(local));
        let long = format!("{}.example", "d.".repeat(100));
        for (email, fine) in [
            ("o'hara+shop@mail.example", true),
            ("märtha@bücher.example", true),
            (&at(64, "shop.example"), true),
            (&at(65, "shop.example"), false),
            (&at(60, &long), false),
            ("a@b", false),
            ("a@[127.0.0.1]", false),
            ("a@127.0.0.1", false),
            ("\"a b\"@shop.example", false),
            ("a b@shop.example", false),
            (".a@shop.example", false),
            ("a..b@shop.example", false),
            ("a@shop.example.", false),
            ("a@-shop.example", false),
            ("a@shop.example\r\nBcc: b@shop.example", false),
            ("a\u{0}@shop.example", false),
            ("<a@shop.example>", false),
            ("a@shop.example, b@shop.example", false),
            ("", false),
        ] {
            let payload = register(&app.anonymous(), email).await;
            assert_eq!(
                payload["userErrors"] == json!([]),
                fine,
                "{email}: {payload}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn names_are_held_to_their_rules() {
    on_both(async |app| {
        for (number, (name, fine)) in [
            ("  Zoë  ", true),
            (&*"n".repeat(200), true),
            (&"n".repeat(201), false),
            (&"n".repeat(900_000), false),
            ("", false),
            ("\u{301}\u{301}", false),
            ("Ann\r\nBcc: x", false),
            ("Ann\u{0}", false),
            ("\u{202e}nnA", false),
        ]
        .into_iter()
        .enumerate()
        {
            let email = format!("n{number}@shop.example");
            let input = json!({"email": email, "password": "correct horse 9", "name": name});
            let payload = app
                .anonymous()
                .done("register", input, "resendAfterSeconds")
                .await;
            assert_eq!(
                payload["userErrors"] == json!([]),
                fine,
                "{number}: {payload}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn passwords_that_anybody_would_try_are_refused() {
    on_both(async |app| {
        for (password, rule) in [
            ("password1234", "first that anybody"),
            ("Password1!", "first that anybody"),
            ("ann@shop.example", "address"),
            ("ANN@SHOP.EXAMPLE!!", "address"),
            ("1234567", "At least 8"),
            (&*"x".repeat(129), "At most 128"),
            (&"x".repeat(900_000), "At most 128"),
        ] {
            let input = json!({"email": ANN, "password": password, "name": "Ann"});
            let payload = app
                .anonymous()
                .done("register", input, "resendAfterSeconds")
                .await;
            let error = &payload["userErrors"][0];
            assert_eq!(
                (&error["code"], &error["field"]),
                (&json!("BAD_USER_INPUT"), &json!("password"))
            );
            assert!(error["message"].as_str().unwrap().contains(rule), "{error}");
        }
        assert_eq!(app.count("users").await, 0);
        for password in ["пароль для магазина", "    spaces    ", &"x7".repeat(64)]
        {
            let email = format!("u{}@shop.example", password.len());
            let input = json!({"email": email, "password": password, "name": "Ann"});
            let payload = app
                .anonymous()
                .done("register", input, "resendAfterSeconds")
                .await;
            assert_eq!(payload["userErrors"], json!([]), "{password}");
            let otp = app.code().await;
            verify(&app.anonymous(), &email, &otp).await;
            let login = app.anonymous().login(&email, password).await;
            assert!(login["accessToken"].is_string(), "{login}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_address_that_has_an_account_is_answered_like_any_other() {
    on_both(async |app| {
        app.user("Jane@Bücher.example", Role::Customer).await;
        let new = register(&app.anonymous(), ANN).await;
        app.letters().await;
        for spelling in [
            "jane@bücher.example",
            "JANE@BÜCHER.EXAMPLE",
            "jane@bu\u{308}cher.example",
            "jane@xn--bcher-kva.example",
        ] {
            assert_eq!(register(&app.anonymous(), spelling).await, new);
        }
        assert_eq!(app.count("users").await, 2);
        // The owner is told, once a day, and gets no code.
        let letters = app.letters().await;
        assert_eq!(letters.len(), 1, "{letters:?}");
        assert_eq!(letters[0].to, "Jane@Bücher.example");
        assert_eq!(letters[0].code, None);
        app.advance(Duration::from_hours(25));
        register(&app.anonymous(), "jane@bücher.example").await;
        assert_eq!(app.letters().await.len(), 1);
        // The password is still hers.
        let login = app.anonymous().login("jane@bücher.example", PASSWORD).await;
        assert!(login["accessToken"].is_string());
    })
    .await;
}

#[tokio::test]
async fn fifty_who_register_with_one_address_at_once_make_one_account() {
    on_both(async |app| {
        let all = (0..50).map(async |_| {
            let input = json!({"email": ANN, "password": "correct horse 9", "name": "Ann"});
            let client = app.anonymous();
            client.mutate("register", input, "resendAfterSeconds").await
        });
        let done = json!({"resendAfterSeconds": 60, "userErrors": []});
        let answers = join_all(all).await;
        // A machine that is busy may turn some away; those try again later.
        let (taken, busy): (Vec<_>, Vec<_>) = answers
            .iter()
            .partition(|answer| answer.json["data"]["register"] == done);
        assert!(!taken.is_empty());
        assert!(
            busy.iter()
                .all(|answer| answer.code() == "SERVICE_UNAVAILABLE")
        );
        assert_eq!(app.count("users").await, 1);
        let otp = app.code().await;
        assert_eq!(code(&verify(&app.anonymous(), ANN, &otp).await), "");
    })
    .await;
}

#[tokio::test]
async fn a_code_activates_the_registration_whose_letter_carried_it() {
    on_both(async |app| {
        let attempt = async |password: &str| {
            let input = json!({"email": ANN, "password": password, "name": "Ann"});
            app.anonymous()
                .done("register", input, "resendAfterSeconds")
                .await
        };
        attempt("the owner's own one").await;
        let otp = app.code().await;
        // No second letter so soon, and so nothing of the second registration counts.
        attempt("the thief's bad one").await;
        assert_eq!(app.letters().await.len(), 0);
        verify(&app.anonymous(), ANN, &otp).await;
        let login = app.anonymous().login(ANN, "the thief's bad one").await;
        assert_eq!(code(&login), "INVALID_CREDENTIALS");
        let login = app.anonymous().login(ANN, "the owner's own one").await;
        assert!(login["accessToken"].is_string());
    })
    .await;
    on_both(async |app| {
        let attempt = async |password: &str| {
            let input = json!({"email": ANN, "password": password, "name": "Ann"});
            app.anonymous()
                .done("register", input, "resendAfterSeconds")
                .await
        };
        attempt("forgotten at once").await;
        let first = app.code().await;
        app.advance(Duration::from_secs(61));
        attempt("written on paper").await;
        let second = app.code().await;
        assert_eq!(
            code(&verify(&app.anonymous(), ANN, &first).await),
            "OTP_INVALID"
        );
        assert_eq!(code(&verify(&app.anonymous(), ANN, &second).await), "");
        let login = app.anonymous().login(ANN, "forgotten at once").await;
        assert_eq!(code(&login), "INVALID_CREDENTIALS");
        let login = app.anonymous().login(ANN, "written on paper").await;
        assert!(login["accessToken"].is_string());
    })
    .await;
}

#[tokio::test]
async fn a_code_dies_after_five_tries() {
    on_both(async |app| {
        register(&app.anonymous(), ANN).await;
        let otp = app.code().await;
        for _ in 0..5 {
            let payload = verify(&app.anonymous(), ANN, &other_than(&otp)).await;
            assert_eq!(code(&payload), "OTP_INVALID");
            assert_eq!(payload["userErrors"][0]["field"], "otp");
        }
        assert_eq!(
            code(&verify(&app.anonymous(), ANN, &otp).await),
            "OTP_INVALID"
        );
        app.advance(Duration::from_secs(61));
        let input = json!({"email": ANN});
        app.anonymous()
            .done("resendOtp", input, "resendAfterSeconds")
            .await;
        let otp = app.code().await;
        assert_eq!(code(&verify(&app.anonymous(), ANN, &otp).await), "");
    })
    .await;
}

#[tokio::test]
async fn a_thousand_guesses_at_once_are_five_guesses() {
    on_both(async |app| {
        register(&app.anonymous(), ANN).await;
        let otp: u32 = app.code().await.parse().unwrap();
        let guess = async |number: u32| {
            let guess = format!("{:06}", (otp + number) % 1_000_000);
            // Each from an address of its own, so that nothing but the code's own limit holds them.
            verify(&app.anonymous(), ANN, &guess).await
        };
        // The right one comes somewhere in the middle.
        let all = join_all((500..1_000).chain(0..500).map(guess)).await;
        let right = all
            .iter()
            .filter(|payload| code(payload).is_empty())
            .count();
        let wrong = all
            .iter()
            .filter(|payload| code(payload) == "OTP_INVALID")
            .count();
        assert!(right <= 1, "{right} were taken");
        assert_eq!(right + wrong, 1_000);
        let left = app.sql_number("SELECT count(*) FROM one_time_codes WHERE attempts_left = 0");
        assert_eq!(left.await, i64::from(right == 0));
    })
    .await;
}

#[tokio::test]
async fn a_code_is_good_once_and_for_ten_minutes() {
    on_both(async |app| {
        register(&app.anonymous(), ANN).await;
        let otp = app.code().await;
        let (one, other) = (app.anonymous(), app.anonymous());
        let twice = join_all([verify(&one, ANN, &otp), verify(&other, ANN, &otp)]).await;
        let refused = twice
            .iter()
            .filter(|payload| code(payload) == "OTP_INVALID")
            .count();
        assert_eq!(refused, 1, "{twice:?}");
        assert_eq!(
            code(&verify(&app.anonymous(), ANN, &otp).await),
            "OTP_INVALID"
        );

        let bob = "bob@shop.example";
        register(&app.anonymous(), bob).await;
        let otp = app.code().await;
        app.advance(Duration::from_secs(601));
        assert_eq!(
            code(&verify(&app.anonymous(), bob, &otp).await),
            "OTP_INVALID"
        );
        let input = json!({"email": bob});
        app.anonymous()
            .done("resendOtp", input, "resendAfterSeconds")
            .await;
        let otp = app.code().await;
        app.advance(Duration::from_secs(599));
        assert_eq!(code(&verify(&app.anonymous(), bob, &otp).await), "");
    })
    .await;
}

#[tokio::test]
async fn a_code_is_good_for_its_address_and_its_purpose_alone() {
    on_both(async |app| {
        let bob = "bob@shop.example";
        register(&app.anonymous(), ANN).await;
        let of_ann = app.code().await;
        register(&app.anonymous(), bob).await;
        let of_bob = app.code().await;
        assert_ne!(of_ann, of_bob, "one in a million");
        assert_eq!(
            code(&verify(&app.anonymous(), bob, &of_ann).await),
            "OTP_INVALID"
        );
        let reset = json!({"email": ANN, "otp": of_ann, "newPassword": "correct horse 10"});
        let payload = app.anonymous().done("resetPassword", reset, "").await;
        assert_eq!(code(&payload), "OTP_INVALID");
        // The try counted for Bob's address.
        let left = "SELECT attempts_left FROM one_time_codes WHERE subject = 'bob@shop.example'";
        assert_eq!(app.sql_number(left).await, 4);
        assert_eq!(code(&verify(&app.anonymous(), ANN, &of_ann).await), "");
    })
    .await;
}

#[tokio::test]
async fn a_code_is_sent_again_after_a_minute_and_three_times_an_hour() {
    on_both(async |app| {
        register(&app.anonymous(), ANN).await;
        let again = async |app: &App, email: &str| {
            let input = json!({"email": email});
            app.anonymous()
                .mutate("resendOtp", input, "resendAfterSeconds")
                .await
        };
        // Known or unknown, the waiting is the same.
        again(app, "nobody@shop.example").await;
        for email in [ANN, "nobody@shop.example"] {
            let answer = again(app, email).await;
            assert_eq!(
                (answer.status.as_u16(), answer.code()),
                (200, "RATE_LIMITED")
            );
            assert_eq!(
                answer.json["errors"][0]["extensions"]["retryAfterSeconds"],
                60
            );
            assert_eq!(answer.header("retry-after"), "60");
        }
        for _ in 0..2 {
            app.advance(Duration::from_secs(61));
            assert_eq!(
                again(app, ANN).await.json["data"]["resendOtp"]["userErrors"],
                json!([])
            );
        }
        assert_eq!(app.letters().await.len(), 3);
        app.advance(Duration::from_secs(61));
        let answer = again(app, ANN).await;
        let wait = &answer.json["errors"][0]["extensions"]["retryAfterSeconds"];
        assert_eq!(wait.as_i64(), Some(1_200 - 3 * 61));
        app.advance(Duration::from_mins(20));
        assert_eq!(
            again(app, ANN).await.json["data"]["resendOtp"]["userErrors"],
            json!([])
        );
    })
    .await;
}

#[tokio::test]
async fn letters_for_nobody_are_not_sent() {
    on_both(async |app| {
        app.user("old@shop.example", Role::Customer).await;
        for (mutation, email) in [
            ("resendOtp", "nobody@shop.example"),
            ("resendOtp", "old@shop.example"),
            ("forgotPassword", "nobody@shop.example"),
        ] {
            let client = app.anonymous();
            let input = json!({"email": email});
            let payload = client.done(mutation, input, "resendAfterSeconds").await;
            assert_eq!(payload, json!({"resendAfterSeconds": 60, "userErrors": []}));
        }
        assert_eq!(app.count("outbox").await, 3);
        assert_eq!(app.letters().await.len(), 0);
        assert_eq!(app.count("outbox").await, 0);
    })
    .await;
}

#[tokio::test]
async fn one_client_asks_for_five_codes_a_minute() {
    on_both(async |app| {
        let client = app.anonymous().at("2001:db8:1:2::1");
        for number in 0..5 {
            register(&client, &format!("c{number}@shop.example")).await;
        }
        // A neighbour in the same network of 64 bits is the same client; one in another is not.
        for (address, limited) in [
            ("2001:db8:1:2:ffff::9", true),
            ("2001:db8:1:3::1", false),
            ("192.0.2.1", false),
        ] {
            let input = json!({"email": "later@shop.example"});
            let client = app.anonymous().at(address);
            let answer = client
                .mutate("forgotPassword", input, "resendAfterSeconds")
                .await;
            assert_eq!(
                answer.json["errors"].is_array(),
                limited,
                "{address}: {}",
                answer.text
            );
            app.advance(Duration::from_secs(5));
            // Another address each time: what is asked here is the client's limit.
            app.sql("DELETE FROM throttles WHERE key LIKE 'reset-%'")
                .await;
        }
    })
    .await;
}

#[tokio::test]
async fn registration_never_makes_an_admin() {
    on_both(async |app| {
        for field in ["role: ADMIN", "id: \"x\"", "emailVerified: true", "passwordHash: \"x\""] {
            let query = format!(
                "mutation {{ register(input: {{email: \"{ANN}\", password: \"correct horse 9\", name: \"Ann\", {field}}}) {{ resendAfterSeconds }} }}"
            );
            let answer = app.anonymous().send(&query, json!({})).await;
            assert_eq!(answer.code(), "GRAPHQL_VALIDATION_FAILED", "{field}");
        }
        assert_eq!(app.count("users").await, 0);
    })
    .await;
}
