//! Security log: sign-ins, refusals and changes of credentials.

use axum::http::Method;
use serde_json::{Value, json};
use wares::accounts::user::{Role, UserId};
use wares::core::id::TypedId;

use crate::harness::{App, Client, JSON, Log, PASSWORD, on_both_databases};

const ANN: &str = "ann@shop.example";
const TARGET: &str = "wares::security";
const NEW: &str = "a storm on the lake";

/// Returns the records of an event since the start of the log.
fn lines(log: &Log, event: &str) -> Vec<String> {
    let mut lines = log.lines_with(TARGET);
    lines.retain(|line| line.contains(&format!("event=\"{event}\"")));
    lines
}

/// Fails unless the last record of this event has these fields in this order.
fn expect(log: &Log, event: &str, parts: &[&str]) {
    let lines = lines(log, event);
    let line = lines.last().unwrap_or_else(|| panic!("no {event}"));
    let mut rest = line.as_str();
    for part in parts {
        let at = rest.find(part);
        rest = &rest[at.unwrap_or_else(|| panic!("no {part} in {line}"))..];
    }
}

async fn counted(app: &App, event: &str, outcome: &str) -> Option<u64> {
    let page = app
        .anonymous()
        .request(Method::GET, "/metrics", &[], "")
        .await;
    let name = format!("wares_security_events_total{{event=\"{event}\",outcome=\"{outcome}\"}} ");
    let line = page
        .text
        .lines()
        .find(|line| line.starts_with(&name))?
        .to_owned();
    line.rsplit(' ').next()?.parse().ok()
}

async fn id(client: &Client) -> String {
    let data = client.data("{ me { id } }", json!({})).await;
    data["me"]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn sign_ins_and_their_refusals_are_logged() {
    on_both_databases(async |app| {
        let account = id(&app.signed_in(ANN, Role::Customer).await).await;
        let account = format!("account=\"{account}\"");
        let log = Log::capture();
        let client = app.anonymous().with_address("198.51.100.7");
        let login = async |email: &str, password: &str, agent: &str| {
            let input = json!({"email": email, "password": password});
            let query = "mutation($input: LoginInput!) { login(input: $input) { accessToken } }";
            let body = json!({"query": query, "variables": {"input": input}});
            let headers = [JSON, ("user-agent", agent), ("x-request-id", "request-7")];
            client.post_with(&headers, body.to_string()).await;
        };
        let agent = "Shop/1.0 (me@mail.example; phone)";
        login(ANN, PASSWORD, agent).await;
        let address = "address=198.51.100.7";
        let parts = [
            "request-7",
            &account,
            address,
            "user_agent=\"Shop/1.0 [removed] phone)\"",
            "outcome=\"success\"",
            "reason=\"password\"",
        ];
        expect(&log, "sign_in", &parts);
        login(ANN, "a wrong guess", &"x".repeat(4_000)).await;
        let parts = [
            &*account,
            address,
            "user_agent=\"[removed]\"",
            "outcome=\"refused\"",
            "reason=\"wrong_password\"",
        ];
        expect(&log, "sign_in", &parts);
        login("nobody@shop.example", "a wrong guess", &"x ".repeat(2_000)).await;
        expect(
            &log,
            "sign_in",
            &[address, "outcome=\"refused\"", "reason=\"unknown_account\""],
        );
        let line = lines(&log, "sign_in").pop().unwrap();
        assert!(!line.contains("account=") && line.len() < 600, "{line}");
        app.anonymous().register("new@shop.example").await;
        login("new@shop.example", "correct horse 9", "x").await;
        expect(&log, "sign_in", &["reason=\"email_not_verified\""]);
        app.sql("UPDATE users SET disabled_at = 1").await;
        login(ANN, PASSWORD, "x").await;
        expect(&log, "sign_in", &[&account, "reason=\"account_disabled\""]);
        login("no address", "x", "x").await;
        expect(&log, "sign_in", &["reason=\"malformed_credentials\""]);
        for _ in 0..5 {
            login(ANN, PASSWORD, "x").await;
        }
        expect(&log, "sign_in", &["reason=\"client_limit\""]);
        assert_eq!(lines(&log, "sign_in").len(), 11);
        assert_eq!(counted(app, "sign_in", "success").await, Some(2));
        assert_eq!(counted(app, "sign_in", "refused").await, Some(10));
        for secret in ["@", PASSWORD, "guess", "nobody", "no address"] {
            let told = log.lines_with(secret);
            assert!(told.iter().all(|line| !line.contains(TARGET)), "{told:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn changes_of_credentials_are_logged_once_each() {
    on_both_databases(async |app| {
        let ann = app.signed_in(ANN, Role::Customer).await;
        let account = format!("account=\"{}\"", id(&ann).await);
        let log = Log::capture();
        let mut secrets = vec!["@".to_owned(), PASSWORD.to_owned(), NEW.to_owned()];
        let input = json!({"currentPassword": "a wrong guess", "newPassword": NEW});
        ann.run_mutation("changePassword", input, "").await;
        expect(
            &log,
            "reauthentication",
            &[&account, "refused", "wrong_password"],
        );
        let input = json!({"currentPassword": PASSWORD, "newPassword": NEW});
        let payload = ann
            .run_mutation("changePassword", input, "accessToken refreshToken")
            .await;
        expect(
            &log,
            "password_changed",
            &[&account, "address=10.", "success"],
        );
        let ann = ann.with_token(payload["accessToken"].as_str().unwrap());
        let input = json!({"newEmail": "lee@shop.example", "password": NEW});
        ann.run_mutation("changeEmail", input, "").await;
        expect(&log, "email_change_requested", &[&account, "success"]);
        let letters = app.emails().await.into_iter();
        let otp = letters
            .filter_map(|letter| letter.code)
            .next_back()
            .unwrap();
        ann.run_mutation("confirmEmailChange", json!({"otp": "1"}), "")
            .await;
        expect(&log, "email_changed", &[&account, "refused", "wrong_code"]);
        ann.run_mutation("confirmEmailChange", json!({"otp": otp}), "")
            .await;
        expect(&log, "email_changed", &[&account, "success"]);

        let client = app.anonymous();
        for email in ["lee@shop.example", "nobody@shop.example"] {
            client
                .run_mutation("forgotPassword", json!({"email": email}), "")
                .await;
        }
        let asked = lines(&log, "password_reset_requested");
        assert!(
            asked[0].contains(&account) && !asked[1].contains("account="),
            "{asked:?}"
        );
        let letters = app.emails().await.into_iter();
        let reset = letters
            .filter_map(|letter| letter.code)
            .next_back()
            .unwrap();
        for (otp, parts) in [
            ("1", ["refused", "wrong_code"]),
            (&reset, ["success", "code"]),
        ] {
            let input = json!({"email": "lee@shop.example", "otp": otp, "newPassword": PASSWORD});
            client.run_mutation("resetPassword", input, "").await;
            expect(&log, "password_reset", &[&account, parts[0], parts[1]]);
        }
        secrets.extend([otp, reset]);
        for event in ["accessToken", "refreshToken"] {
            secrets.push(payload[event].as_str().unwrap().to_owned());
        }
        for event in ["password_changed", "email_change_requested"] {
            assert_eq!(lines(&log, event).len(), 1, "{event}");
            assert_eq!(counted(app, event, "success").await, Some(1), "{event}");
        }
        for line in log.lines_with(TARGET) {
            assert!(
                !secrets.iter().any(|secret| line.contains(secret)),
                "{line}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn sessions_roles_and_reuse_are_logged() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let by = format!("admin=\"{}\"", id(&admin).await);
        let login = async || {
            app.user(ANN, Role::Customer).await;
            let payload = app.anonymous().login(ANN, PASSWORD).await;
            let client = app.anonymous();
            let token = payload["accessToken"].as_str().unwrap();
            (client.with_token(token), payload["refreshToken"].clone())
        };
        let ((phone, _), (laptop, token)) = (login().await, login().await);
        let user = id(&phone).await;
        let account = format!("account=\"{user}\"");
        let log = Log::capture();
        let sessions = "{ sessions { id current } }";
        let sessions = phone.data(sessions, json!({})).await;
        let all = sessions["sessions"].as_array().unwrap();
        let current = |session: &&Value| session["current"] == true;
        let own = all.iter().find(current).unwrap();
        phone
            .run_mutation("revokeSession", json!({"id": own["id"]}), "")
            .await;
        expect(&log, "session_revoked", &[&account, "success", "revoked"]);

        let mut latest = token.clone();
        for _ in 0..2 {
            let input = json!({"refreshToken": latest});
            let payload = laptop
                .run_mutation("refreshToken", input, "refreshToken")
                .await;
            latest = payload["refreshToken"].clone();
        }
        laptop
            .run_mutation("refreshToken", json!({"refreshToken": token}), "")
            .await;
        expect(
            &log,
            "refresh_token_reused",
            &[&account, "refused", "session_ended"],
        );
        assert_eq!(lines(&log, "refresh_token_reused").len(), 1);

        let (phone, _) = login().await;
        let logout = |name: &str| format!("mutation {{ {name} {{ userErrors {{ code }} }} }}");
        phone.data(&logout("logout"), json!({})).await;
        expect(&log, "session_revoked", &[&account, "reason=\"logout\""]);
        let (phone, _) = login().await;
        phone.data(&logout("logoutAll"), json!({})).await;
        expect(
            &log,
            "session_revoked",
            &[&account, "reason=\"logout_all\""],
        );
        assert_eq!(lines(&log, "session_revoked").len(), 3);

        let change = async |input: Value| {
            let mut input = input;
            input["id"] = json!(user);
            admin.run_mutation("updateUser", input, "").await;
        };
        change(json!({"name": "Ann Lee"})).await;
        assert_eq!(log.lines_with(&by), Vec::<String>::new());
        change(json!({"role": "ADMIN", "disabled": true})).await;
        expect(
            &log,
            "role_changed",
            &[&account, &by, "success", "to_admin"],
        );
        expect(&log, "account_disabled", &[&account, &by, "success"]);
        change(json!({"disabled": false})).await;
        expect(&log, "account_enabled", &[&account, &by]);
        admin
            .run_mutation("deleteUser", json!({"id": user}), "")
            .await;
        expect(&log, "account_deleted", &[&account, &by, "by_admin"]);
        assert!(UserId::parse(&user, "id").is_ok());
        for secret in [&token, &latest] {
            assert_eq!(
                log.lines_with(secret.as_str().unwrap()),
                Vec::<String>::new()
            );
        }
        assert!(
            log.lines_with(TARGET)
                .iter()
                .all(|line| !line.contains('@'))
        );
    })
    .await;
}
