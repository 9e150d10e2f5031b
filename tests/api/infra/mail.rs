//! Emails as the SMTP server receives them: sender, recipient and content.

use std::time::Duration;

use serde_json::{Value, json};

use wares::api::schema;
use wares::platform::jobs::Queue;
use wares::platform::jobs::service::run_due_jobs;

use crate::harness::{
    ApiResponse, App, Behaviour, Log, PASSWORD, ReceivedEmail, Smtp, on_both_databases_with,
};

const FROM: &str = "--mail-from=letters@wares.example";

/// Registers a new user.
pub async fn register(app: &App, email: &str) {
    let response = try_to_register(app, email, "A. Reader").await;
    assert_eq!(refusals(&response, "register"), json!([]), "{email}");
}

async fn try_to_register(app: &App, email: &str, name: &str) -> ApiResponse {
    let input = json!({ "email": email, "name": name, "password": PASSWORD });
    app.anonymous().mutate("register", input, "").await
}

/// Whether this code verifies the address.
pub async fn verify(app: &App, email: &str, code: &str) -> bool {
    let input = json!({ "email": email, "otp": code });
    let response = app.anonymous().mutate("verifyEmail", input, "").await;
    refusals(&response, "verifyEmail") == json!([])
}

fn refusals(response: &ApiResponse, mutation: &str) -> Value {
    response.json["data"][mutation]["userErrors"].clone()
}

/// Sends due emails. Returns their number.
pub async fn send_due(app: &App) -> usize {
    run_due_jobs(&app.state, &schema::registry(), Queue::EMAILS)
        .await
        .unwrap()
}

/// Returns the email of a registration.
async fn email_to(app: &App, smtp: &Smtp, email: &str) -> ReceivedEmail {
    register(app, email).await;
    assert_eq!(send_due(app).await, 1);
    smtp.take_single_email()
}

#[tokio::test]
async fn email_has_sender_recipient_and_code_in_text_and_html() {
    let smtp = Smtp::start().await;
    let flags = [&smtp.flag(), FROM, "--shop-name=Corner Shop"];
    on_both_databases_with(&flags, async |app| {
        let letter = email_to(app, &smtp, "reader@home.example").await;
        assert_eq!(
            (letter.from.as_str(), letter.to.as_slice()),
            (
                "letters@wares.example",
                ["reader@home.example".to_owned()].as_slice()
            )
        );
        assert_eq!(
            letter.header_names(),
            [
                "Auto-Submitted",
                "Content-Type",
                "Date",
                "From",
                "MIME-Version",
                "Message-ID",
                "Subject",
                "To"
            ]
        );
        assert_eq!(
            letter.header("From"),
            "\"Corner Shop\" <letters@wares.example>"
        );
        assert_eq!(letter.header("To"), "reader@home.example");
        assert_eq!(
            letter.header("Subject"),
            "Your code to confirm your email address"
        );
        assert_eq!(letter.header("Auto-Submitted"), "auto-generated");
        let id = letter.header("Message-ID");
        assert!(
            id.starts_with('<') && id.ends_with("@wares.example>"),
            "{id}"
        );
        let kind = letter.header("Content-Type");
        assert!(kind.starts_with("multipart/alternative;"), "{kind}");
        let text = letter.part("text/plain");
        assert!(text.contains("Welcome to Corner Shop!"), "{text}");
        assert!(text.contains("within 10 minutes"), "{text}");
        let html = letter.part("text/html");
        assert!(
            html.contains("Corner Shop") && !html.contains("{{"),
            "{html}"
        );
        // It loads no external resources.
        assert!(!html.contains("http") && !html.contains("url("), "{html}");
        assert!(verify(app, "reader@home.example", &letter.code()).await);
    })
    .await;
}

#[tokio::test]
async fn shop_name_is_escaped_in_headers_and_html() {
    let smtp = Smtp::start().await;
    let name = "Käse & \"Brot\" <b>fett</b>, {{subject}} \\ Bcc: all@shop.example; Größe 水";
    let flags = [&smtp.flag(), FROM, &format!("--shop-name={name}")];
    on_both_databases_with(&flags, async |app| {
        let letter = email_to(app, &smtp, "reader@home.example").await;
        assert!(letter.text.is_ascii());
        assert!(letter.text.lines().all(|line| line.len() <= 998));
        assert_eq!(letter.header_names().len(), 8);
        assert_eq!(
            unquote(&letter.header("From")),
            format!("{name} <letters@wares.example>")
        );
        assert!(letter.part("text/plain").contains(name));
        let html = letter.part("text/html");
        assert!(!html.contains("<b>"), "{html}");
        let escaped = name.replace('&', "&amp;").replace('"', "&quot;");
        let escaped = escaped.replace('<', "&lt;").replace('>', "&gt;");
        let escaped = escaped.replace('{', "&#123;");
        // In the title of the page and in its first paragraph.
        assert_eq!(html.matches(&escaped).count(), 2, "{html}");
        letter.code();
    })
    .await;
}

/// Removes the quotes around the name of a mailbox.
fn unquote(mailbox: &str) -> String {
    let Some((name, address)) = mailbox
        .strip_prefix('"')
        .and_then(|rest| rest.rsplit_once("\" <"))
    else {
        return mailbox.to_owned();
    };
    let name = name.replace("\\\"", "\"").replace("\\\\", "\\");
    format!("{name} <{address}")
}

#[tokio::test]
async fn user_input_cannot_inject_headers() {
    let smtp = Smtp::start().await;
    on_both_databases_with(&[&smtp.flag(), FROM], async |app| {
        let injected = "Eve\r\nBcc: victim@home.example";
        for (email, name, field) in [
            (
                "eve@home.example\r\nBcc: victim@home.example",
                "Eve",
                "email",
            ),
            ("eve@home.example, victim@home.example", "Eve", "email"),
            ("<eve@home.example>", "Eve", "email"),
            ("eve@home.example> SIZE=1", "Eve", "email"),
        ] {
            let response = try_to_register(app, email, name).await;
            let refusals = refusals(&response, "register");
            assert_eq!(refusals[0]["code"], "BAD_USER_INPUT", "{}", response.text);
            assert_eq!(refusals[0]["field"], field, "{}", response.text);
        }
        assert_eq!(send_due(app).await, 0);

        // A line break in a name becomes a space.
        for (email, name) in [
            ("eve@home.example", "Bcc: victim@home.example"),
            ("mal@home.example", injected),
        ] {
            let response = try_to_register(app, email, name).await;
            assert_eq!(refusals(&response, "register"), json!([]));
            send_due(app).await;
            let letter = smtp.take_single_email();
            assert_eq!(letter.to, [email]);
            assert_eq!(letter.header("To"), email);
            assert!(!letter.text.contains("victim"), "{}", letter.text);
        }
    })
    .await;
}

#[tokio::test]
async fn all_address_forms_reach_the_envelope() {
    let smtp = Smtp::start().await;
    let flags = [&smtp.flag(), "--mail-from=laden@käse.example"];
    on_both_databases_with(&flags, async |app| {
        for (email, path) in [
            ("Reader+shop@Home.example", "Reader+shop@home.example"),
            ("o'hara_{x}@home.example", "o'hara_{x}@home.example"),
            ("leser@bücher.example", "leser@xn--bcher-kva.example"),
        ] {
            let letter = email_to(app, &smtp, email).await;
            assert_eq!(letter.to, [path]);
            assert_eq!(letter.header("To"), path);
            assert_eq!(letter.from, "laden@xn--kse-qla.example");
            assert!(verify(app, email, &letter.code()).await);
        }
        // This server does not support internationalized addresses (RFC 6531).
        let log = Log::capture();
        register(app, "jörg@home.example").await;
        assert_eq!((send_due(app).await, smtp.take_emails().len()), (1, 0));
        assert_eq!(log.lines_with("job failed permanently").len(), 1);
        assert_eq!(log.lines_with("home.example"), Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn smtp_password_is_used_and_a_wrong_one_loses_no_email() {
    let smtp = Smtp::start().await;
    let url = format!("--smtp-url=smtp://shop:p%40ss@{}", smtp.address);
    on_both_databases_with(&[&url, FROM], async |app| {
        let log = Log::capture();
        register(app, "reader@home.example").await;
        for behaviour in [Behaviour::RejectPassword, Behaviour::RejectSession] {
            smtp.set_behaviour(behaviour);
            assert_eq!((send_due(app).await, smtp.take_emails().len()), (1, 0));
            app.advance(Duration::from_mins(1));
        }
        smtp.set_behaviour(Behaviour::Accept);
        assert_eq!(send_due(app).await, 1);
        let code = smtp.take_single_email().code();
        assert!(verify(app, "reader@home.example", &code).await);
        assert_eq!(log.lines_with("will be retried").len(), 2);
        assert_eq!(log.lines_with("failed permanently").len(), 0);
        assert_eq!(log.lines_with("home.example"), Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn email_is_not_sent_without_required_tls() {
    let smtp = Smtp::start().await;
    let url = format!("{}?tls=required", smtp.flag());
    on_both_databases_with(&[&url], async |app| {
        let log = Log::capture();
        register(app, "reader@home.example").await;
        // This server does not support TLS.
        assert_eq!((send_due(app).await, smtp.take_emails().len()), (1, 0));
        let lines = log.lines_with("will be retried");
        assert_eq!(lines.len(), 1);
        assert!(
            lines[0].contains("the server does not offer STARTTLS, which is required"),
            "{lines:?}"
        );
    })
    .await;
}
