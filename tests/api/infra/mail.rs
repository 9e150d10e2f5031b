//! Emails as the SMTP server receives them: sender, recipient and content.

use std::time::Duration;

use serde_json::{Value, json};

use wares::api::schema;
use wares::platform::jobs::Queue;
use wares::platform::jobs::service::do_due;

use crate::harness::{Answer, App, Behaviour, Log, PASSWORD, Received, Smtp, on_both_with};

const FROM: &str = "--mail-from=letters@wares.example";

/// Registers a new user.
pub async fn register(app: &App, email: &str) {
    let answer = try_to_register(app, email, "A. Reader").await;
    assert_eq!(refusals(&answer, "register"), json!([]), "{email}");
}

async fn try_to_register(app: &App, email: &str, name: &str) -> Answer {
    let input = json!({ "email": email, "name": name, "password": PASSWORD });
    app.anonymous().mutate("register", input, "").await
}

/// Whether this code verifies the address.
pub async fn verify(app: &App, email: &str, code: &str) -> bool {
    let input = json!({ "email": email, "otp": code });
    let answer = app.anonymous().mutate("verifyEmail", input, "").await;
    refusals(&answer, "verifyEmail") == json!([])
}

fn refusals(answer: &Answer, mutation: &str) -> Value {
    answer.json["data"][mutation]["userErrors"].clone()
}

/// Sends due emails. Returns their number.
pub async fn send_due(app: &App) -> usize {
    do_due(&app.state, &schema::registry(), Queue::EMAILS)
        .await
        .unwrap()
}

/// Returns the email of a registration.
async fn letter_to(app: &App, smtp: &Smtp, email: &str) -> Received {
    register(app, email).await;
    assert_eq!(send_due(app).await, 1);
    smtp.take_one()
}

#[tokio::test]
async fn a_letter_says_whom_it_is_from_and_to_and_tells_the_code_twice() {
    let smtp = Smtp::start().await;
    let flags = [&smtp.flag(), FROM, "--shop-name=Corner Shop"];
    on_both_with(&flags, async |app| {
        let letter = letter_to(app, &smtp, "reader@home.example").await;
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
async fn a_name_of_a_shop_stays_a_name_in_headers_and_in_pages() {
    let smtp = Smtp::start().await;
    let name = "Käse & \"Brot\" <b>fett</b>, {{subject}} \\ Bcc: all@shop.example; Größe 水";
    let flags = [&smtp.flag(), FROM, &format!("--shop-name={name}")];
    on_both_with(&flags, async |app| {
        let letter = letter_to(app, &smtp, "reader@home.example").await;
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
async fn nothing_that_a_stranger_types_becomes_a_header() {
    let smtp = Smtp::start().await;
    on_both_with(&[&smtp.flag(), FROM], async |app| {
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
            let answer = try_to_register(app, email, name).await;
            let refusals = refusals(&answer, "register");
            assert_eq!(refusals[0]["code"], "BAD_USER_INPUT", "{}", answer.text);
            assert_eq!(refusals[0]["field"], field, "{}", answer.text);
        }
        assert_eq!(send_due(app).await, 0);

        // A line break in a name becomes a space.
        for (email, name) in [
            ("eve@home.example", "Bcc: victim@home.example"),
            ("mal@home.example", injected),
        ] {
            let answer = try_to_register(app, email, name).await;
            assert_eq!(refusals(&answer, "register"), json!([]));
            send_due(app).await;
            let letter = smtp.take_one();
            assert_eq!(letter.to, [email]);
            assert_eq!(letter.header("To"), email);
            assert!(!letter.text.contains("victim"), "{}", letter.text);
        }
    })
    .await;
}

#[tokio::test]
async fn addresses_of_every_kind_reach_the_envelope() {
    let smtp = Smtp::start().await;
    let flags = [&smtp.flag(), "--mail-from=laden@käse.example"];
    on_both_with(&flags, async |app| {
        for (email, path) in [
            ("Reader+shop@Home.example", "Reader+shop@home.example"),
            ("o'hara_{x}@home.example", "o'hara_{x}@home.example"),
            ("leser@bücher.example", "leser@xn--bcher-kva.example"),
        ] {
            let letter = letter_to(app, &smtp, email).await;
            assert_eq!(letter.to, [path]);
            assert_eq!(letter.header("To"), path);
            assert_eq!(letter.from, "laden@xn--kse-qla.example");
            assert!(verify(app, email, &letter.code()).await);
        }
        // This server does not support internationalized addresses (RFC 6531).
        let log = Log::capture();
        register(app, "jörg@home.example").await;
        assert_eq!((send_due(app).await, smtp.take().len()), (1, 0));
        assert_eq!(log.lines_with("job failed permanently").len(), 1);
        assert_eq!(log.lines_with("home.example"), Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_password_for_the_server_is_used_and_a_wrong_one_costs_no_letter() {
    let smtp = Smtp::start().await;
    let url = format!("--smtp-url=smtp://shop:p%40ss@{}", smtp.address);
    on_both_with(&[&url, FROM], async |app| {
        let log = Log::capture();
        register(app, "reader@home.example").await;
        for behaviour in [Behaviour::RefusePassword, Behaviour::RefuseSession] {
            smtp.behave(behaviour);
            assert_eq!((send_due(app).await, smtp.take().len()), (1, 0));
            app.advance(Duration::from_mins(1));
        }
        smtp.behave(Behaviour::Accept);
        assert_eq!(send_due(app).await, 1);
        let code = smtp.take_one().code();
        assert!(verify(app, "reader@home.example", &code).await);
        assert_eq!(log.lines_with("will be retried").len(), 2);
        assert_eq!(log.lines_with("failed permanently").len(), 0);
        assert_eq!(log.lines_with("home.example"), Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_letter_stays_where_it_is_rather_than_go_without_the_tls_that_was_asked_for() {
    let smtp = Smtp::start().await;
    let url = format!("{}?tls=required", smtp.flag());
    on_both_with(&[&url], async |app| {
        let log = Log::capture();
        register(app, "reader@home.example").await;
        // This server does not support TLS.
        assert_eq!((send_due(app).await, smtp.take().len()), (1, 0));
        let lines = log.lines_with("will be retried");
        assert_eq!(lines.len(), 1);
        assert!(
            lines[0].contains("the server does not offer STARTTLS, which is required"),
            "{lines:?}"
        );
    })
    .await;
}
