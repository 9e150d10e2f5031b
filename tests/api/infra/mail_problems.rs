//! The reasons why an email can't be sent, as `wares check` and the log report them.

use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use wares::platform::jobs::Queue;

use crate::harness::{App, Backend, Behaviour, Log, Process, Smtp};
use crate::server::check::part;

/// A mail server that replies to a command as the test defines.
async fn server(
    greeting: &'static str,
    offers: &'static str,
    odd: (&'static str, &'static str),
) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(attend(stream, greeting, offers, odd));
        }
    });
    port
}

async fn attend(
    stream: TcpStream,
    greeting: &str,
    offers: &str,
    (command, reply): (&str, &str),
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut response = greeting.to_owned();
    loop {
        let line = format!("{response}\r\n");
        stream.get_mut().write_all(line.as_bytes()).await?;
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        response = match line.to_ascii_uppercase() {
            line if line.starts_with(command) => reply.to_owned(),
            line if line.starts_with("EHLO") => format!("250-mail.test\r\n250 {offers}"),
            line if line.starts_with("AUTH") => "235 2.7.0 welcome".to_owned(),
            line if line.starts_with("DATA") => "354 go ahead".to_owned(),
            _ => "250 2.0.0 fine".to_owned(),
        };
    }
}

const GREETING: &str = "220 mail.test ESMTP";

#[tokio::test(flavor = "multi_thread")]
async fn the_check_reports_why_the_server_takes_no_email() {
    let folder = tempfile::tempdir().unwrap();
    let none = ("NONE", "");
    for (greeting, offers, odd, expected) in [
        (
            "554 5.7.1 no service for <shop@home.example>",
            "AUTH PLAIN",
            none,
            "554 5.7.1: the server refuses connections from this address",
        ),
        (
            "421 4.3.2 closing",
            "AUTH PLAIN",
            none,
            "421 4.3.2: the server is not available now",
        ),
        (
            GREETING,
            "8BITMIME",
            none,
            "the server offers no supported authentication method",
        ),
        (
            GREETING,
            "AUTH PLAIN",
            ("AUTH", "535 5.7.8 bad credentials for shop@home.example"),
            "535 5.7.8: the user name or the password is wrong",
        ),
        (
            GREETING,
            "AUTH PLAIN",
            ("AUTH", "454 4.7.0 later"),
            "454 4.7.0: authentication is not available now",
        ),
        (
            GREETING,
            "AUTH PLAIN",
            ("MAIL", "530 5.7.0 Authentication required"),
            "530 5.7.0: the server requires authentication",
        ),
        (
            GREETING,
            "AUTH PLAIN",
            ("MAIL", "530 5.7.0 Must issue a STARTTLS command first"),
            "530 5.7.0: the server requires TLS",
        ),
        (
            GREETING,
            "AUTH PLAIN",
            ("MAIL", "550 5.7.1 <shop@home.example>: Relaying denied"),
            "550 5.7.1: the server does not relay emails",
        ),
        (
            GREETING,
            "AUTH PLAIN",
            ("MAIL", "554 <shop@home.example>: Relay access denied"),
            "554: the server does not relay emails",
        ),
        (
            GREETING,
            "AUTH PLAIN",
            ("MAIL", "451 4.7.1 Greylisted, see http://shop@home.example"),
            "451 4.7.1: greylisted",
        ),
        (
            GREETING,
            "AUTH PLAIN",
            ("MAIL", "450 4.2.0 try later"),
            "450 4.2.0: refused temporarily, for example by greylisting",
        ),
    ] {
        let port = server(greeting, offers, odd).await;
        let flag = format!("--smtp-url=smtp://wares:hunter2@127.0.0.1:{port}");
        let output = Process::run(folder.path(), &["check", &flag]);
        let text = String::from_utf8(output.stdout).unwrap();
        let (is_right, told) = part(&text, "mail");
        assert!(!is_right && told.contains(expected), "{expected}: {told}");
        assert!(told.starts_with(&format!("127.0.0.1:{port}: ")), "{told}");
        assert!(
            !told.contains("home.example") && !told.contains("hunter2"),
            "{told}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_check_reports_why_there_is_no_connection() {
    let folder = tempfile::tempdir().unwrap();
    let port = server(GREETING, "8BITMIME", ("NONE", "")).await;
    let hanging = Smtp::start().await;
    hanging.set_behaviour(Behaviour::Hang);
    for (url, expected) in [
        (
            "smtp://127.0.0.1:1".to_owned(),
            "no connection to the server: connection refused",
        ),
        (
            "smtp://mail.invalid:25".to_owned(),
            "no connection to the server: host name not found",
        ),
        (
            format!("smtp://127.0.0.1:{port}?tls=required"),
            "the server does not offer STARTTLS",
        ),
        (
            format!("smtps://127.0.0.1:{port}"),
            "the server does not speak TLS on this port",
        ),
        (
            format!("smtp://{}", hanging.address),
            "the server does not answer",
        ),
    ] {
        let flag = format!("--smtp-url={url}");
        let output = Process::run(folder.path(), &["check", &flag]);
        let text = String::from_utf8(output.stdout).unwrap();
        let (is_right, told) = part(&text, "mail");
        assert!(!is_right && told.contains(expected), "{expected}: {told}");
    }
}

#[tokio::test]
async fn the_log_reports_why_an_email_was_not_sent() {
    for (odd, expected) in [
        (
            ("RCPT", "450 4.7.1 <reader@home.example>: greylisted"),
            "450 4.7.1: greylisted",
        ),
        (
            ("MAIL", "530 5.7.0 Authentication required"),
            "requires authentication",
        ),
        (
            (
                "RCPT",
                "550 5.7.1 <reader@home.example>: relay not permitted",
            ),
            "does not relay emails",
        ),
    ] {
        let port = server(GREETING, "8BITMIME", odd).await;
        let url = format!("--smtp-url=smtp://127.0.0.1:{port}");
        let app = App::start(Backend::Sqlite, &[&url]).await;
        let log = Log::capture();
        app.anonymous().register("reader@home.example").await;
        app.run_due_jobs(Queue::EMAILS).await;
        let lines = log.lines_with(expected);
        assert_eq!(lines.len(), 1, "{expected}");
        assert_eq!(log.lines_with("home.example"), Vec::<String>::new());
        app.advance(Duration::from_secs(1));
        app.stop().await;
    }
}
