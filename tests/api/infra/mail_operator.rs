//! Email for operators: settings, files instead of an SMTP server, and shutdown.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tempfile::TempDir;
use wares::infra::database::{Address, Database};

use crate::harness::{Behaviour, PASSWORD, Process, Smtp, error_line, http_post};

const READER: &str = "reader@home.example";
const PRODUCTION: [&str; 4] = [
    "--env=production",
    "--migrate=on",
    "--log-format=text",
    "--jwt-secrets=zVq3gX0v5cQ8sY2kL7mN4bR9tH1wJ6pF",
];

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Waits until `look` returns a value.
fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn register(server: &Process, email: &str) {
    let input = json!({ "email": email, "name": "A. Reader", "password": PASSWORD });
    mutate(server, "register", "RegisterInput", &input);
}

fn verify(server: &Process, email: &str, code: &str) {
    let input = json!({ "email": email, "otp": code });
    mutate(server, "verifyEmail", "VerifyEmailInput", &input);
}

fn mutate(server: &Process, name: &str, kind: &str, input: &Value) {
    let query = format!(
        "mutation($input: {kind}!) {{ {name}(input: $input) {{ userErrors {{ code message }} }} }}"
    );
    let body = json!({ "query": query, "variables": { "input": input } });
    let response = http_post(&server.address, &body.to_string());
    let expected = format!("{{\"data\":{{\"{name}\":{{\"userErrors\":[]}}}}}}");
    assert!(response.contains(&expected), "{response}");
}

/// Returns the path and the content of the only email in the data folder.
fn written(folder: &Path) -> (PathBuf, String) {
    let mail = folder.join("data/mail");
    until("no letter is written", || {
        let files: Vec<_> = std::fs::read_dir(&mail).ok()?.collect();
        let [Ok(file)] = files.as_slice() else {
            return None;
        };
        let letter = std::fs::read_to_string(file.path()).unwrap();
        // It may be incomplete.
        letter.contains("</html>").then(|| (file.path(), letter))
    })
}

fn code_of(letter: &str) -> String {
    let is_code = |line: &&str| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit());
    letter.lines().find(is_code).unwrap().to_owned()
}

#[test]
fn without_smtp_emails_are_written_to_files() {
    let folder = folder();
    let server = Process::serve(folder.path(), &["--demo=off"]);
    register(&server, READER);
    let (path, letter) = written(folder.path());
    assert_eq!(path.extension().unwrap(), "eml");
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder.path().join("data/mail")), 0o700);
    assert!(letter.contains(&format!("To: {READER}\r\n")), "{letter}");
    let code = code_of(&letter);
    let line = until("no line tells of the letter", || {
        let log = server.log();
        let line = log
            .lines()
            .find(|line| line.contains("wrote an email to a file"))?;
        Some(line.to_owned())
    });
    assert!(line.contains(&code), "{line}");
    assert!(
        line.contains(path.file_name().unwrap().to_str().unwrap()),
        "{line}"
    );
    verify(&server, READER, &code);
}

#[test]
fn production_log_contains_no_code() {
    let folder = folder();
    let mut server = Process::serve(folder.path(), &PRODUCTION);
    register(&server, READER);
    let (_, letter) = written(folder.path());
    let code = code_of(&letter);
    verify(&server, READER, &code);
    server.signal("TERM");
    assert!(server.wait());
    let log = server.log();
    assert!(log.contains("request completed"), "{log}");
    assert!(
        !log.contains(&code) && !log.contains("home.example"),
        "{log}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn hanging_email_does_not_delay_shutdown_and_is_sent_after_restart() {
    let smtp = Smtp::start().await;
    smtp.set_behaviour(Behaviour::Hang);
    let folder = folder();
    let flags = ["--demo=off", &smtp.flag()];
    let mut server = Process::serve(folder.path(), &flags);
    register(&server, READER);
    smtp.wait_for_connections(1).await;
    server.signal("TERM");
    let begun = Instant::now();
    assert!(tokio::task::block_in_place(|| server.wait()));
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(15), "{took:?}");
    // The job was released: no other server has to wait until its lease expires.
    smtp.set_behaviour(Behaviour::Accept);
    let _server = Process::serve(folder.path(), &flags);
    let begun = Instant::now();
    assert_eq!(smtp.wait_for_emails(1).await[0].to, [READER]);
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(20), "{took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn queued_emails_survive_a_kill() {
    let smtp = Smtp::start().await;
    smtp.set_behaviour(Behaviour::Hang);
    let folder = folder();
    let flags = ["--demo=off", &smtp.flag()];
    let readers = ["one@home.example", "two@home.example", "three@home.example"];
    let server = Process::serve(folder.path(), &flags);
    for reader in readers {
        register(&server, reader);
    }
    smtp.wait_for_connections(1).await;
    // With SIGKILL.
    drop(server);
    let address = Address::Sqlite(folder.path().join("data/wares.db"));
    let db = Database::connect(&address, 1).await.unwrap();
    let transaction = db.begin().await.unwrap();
    // After a minute and a half the killed server's job may be taken over.
    let pass = "UPDATE outbox SET due_at = due_at - 90000000";
    transaction.execute_unprepared(pass).await.unwrap();
    transaction.commit().await.unwrap();
    db.close().await.unwrap();
    smtp.set_behaviour(Behaviour::Accept);
    let server = Process::serve(folder.path(), &flags);
    let letters = smtp.wait_for_emails(3).await;
    for reader in readers {
        let mut to_reader = letters.iter().filter(|letter| letter.to == [reader]);
        verify(&server, reader, &to_reader.next().unwrap().code());
        assert!(to_reader.next().is_none());
    }
}

#[test]
fn invalid_mail_setting_is_named() {
    let smtp = "--smtp-url=smtps://shop:hunter2@smtp.example";
    let in_production = [&PRODUCTION[..], &[smtp]].concat();
    let two_lines = ["--shop-name=Corner\nBcc: all@shop.example"];
    for (arguments, name) in [
        (["--smtp-url=http://shop:hunter2@x"].as_slice(), "SMTP_URL"),
        (&["--smtp-url=smtp.example.com"], "SMTP_URL"),
        (&["--smtp-url=smtp://"], "SMTP_URL"),
        (&["--smtp-url=smtp://shop:hunter2@x:99999"], "SMTP_URL"),
        (&["--smtp-url=smtp://shop:hunter2@x?tls=no"], "SMTP_URL"),
        (&["--smtp-url=smtp://shop:hunter2%ff@x"], "SMTP_URL"),
        (&["--mail-from=nonsense"], "MAIL_FROM"),
        (&[smtp, "--mail-from=Shop <shop@example.com>"], "MAIL_FROM"),
        (
            &["--mail-from=a@b.example\r\nBcc: c@d.example"],
            "MAIL_FROM",
        ),
        (&in_production, "MAIL_FROM"),
        (&two_lines, "SHOP_NAME"),
        (&["--shop-name= "], "SHOP_NAME"),
    ] {
        let output = Process::run(folder().path(), arguments);
        let line = error_line(&output);
        assert!(line.contains(name), "{arguments:?}: {line}");
        let all = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(!all.contains("hunter2"), "{all}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn smtp_password_is_never_logged() {
    let smtp = Smtp::start().await;
    smtp.set_behaviour(Behaviour::RejectPassword);
    let url = format!("smtp://shop:hunter2@{}", smtp.address);
    let folder = folder();
    let output = Process::command(folder.path(), &["serve", "--help"])
        .env("SMTP_URL", &url)
        .output()
        .unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    assert!(help.contains("SMTP_URL") && !help.contains("hunter2"));

    let flag = format!("--smtp-url={url}");
    let server = Process::serve(folder.path(), &["--demo=off", "--log=trace", &flag]);
    register(&server, READER);
    let log = tokio::task::block_in_place(|| {
        until("the letter is not tried", || {
            Some(server.log()).filter(|log| log.contains("will be retried"))
        })
    });
    // "shop" and "hunter2" in Base64, as they are sent.
    assert!(!log.contains("hunter2") && !log.contains("AHNob3AAaHVudGVyMg"));
}
