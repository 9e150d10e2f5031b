//! `wares check`: a valid configuration, and an error in each part.

use std::path::Path;
use std::process::Output;

use crate::harness::{
    Backend, Behaviour, Process, Smtp, database_flag, empty_database, fresh_database,
};

const SECRET: &str = "--jwt-secrets=zVq3gX0v5cQ8sY2kL7mN4bR9tH1wJ6pF";
const UNUSED_ADDRESS: &str = "127.0.0.1:1";

fn check(folder: &Path, flags: &[&str]) -> Output {
    let flags: Vec<_> = ["check"].iter().chain(flags).copied().collect();
    Process::run(folder, &flags)
}

/// Returns the result of a part of the check: whether it succeeded, and its line.
pub fn part<'a>(output_text: &'a str, part: &str) -> (bool, &'a str) {
    let mut lines = output_text.lines().map(|line| line.split_at(7));
    let found = lines.find(|(_, rest)| rest.starts_with(part));
    let (word, rest) = found.unwrap_or_else(|| panic!("no {part} in {output_text}"));
    let is_right = match word.trim() {
        "ok" => true,
        "FAILED" => false,
        other => panic!("{other}"),
    };
    (is_right, rest[part.len()..].trim())
}

#[tokio::test(flavor = "multi_thread")]
async fn check_accepts_a_valid_configuration() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let folder = tempfile::tempdir().unwrap();
        let database = database_flag(&fresh_database(backend, folder.path()).await);
        let smtp = Smtp::start().await;
        let mail = format!("--smtp-url=smtp://wares:secret@{}", smtp.address);
        let flags = [
            "--env=production",
            SECRET,
            &database,
            &mail,
            "--mail-from=shop@example.com",
        ];
        let output = check(folder.path(), &flags);
        let output_text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{output_text}");
        assert_eq!(output_text.lines().count(), 7, "{output_text}");
        let (_, database) = part(&output_text, "database");
        assert!(database.ends_with("with all migrations"), "{output_text}");
        assert!(
            !output_text.contains("FAILED") && !output_text.contains("secret"),
            "{output_text}"
        );
        // The check connects to the SMTP server, but sends no email.
        assert_eq!((smtp.connection_count(), smtp.take_emails().len()), (1, 0));
        // The check deletes its test object.
        let objects = folder.path().join("data/objects");
        assert!(!has_test_object(&objects));
    }
}

fn has_test_object(folder: &Path) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut entries = entries.map(Result::unwrap);
    entries.any(|entry| {
        let is_folder = entry.file_type().unwrap().is_dir();
        !is_folder && entry.file_name().to_string_lossy().contains("check")
            || is_folder && has_test_object(&entry.path())
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn check_accepts_the_defaults() {
    let folder = tempfile::tempdir().unwrap();
    let output = check(folder.path(), &[]);
    let output_text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{output_text}");
    assert!(
        part(&output_text, "database")
            .1
            .contains("will be created at startup")
    );
    assert!(part(&output_text, "google").1.contains("disabled"));
    assert!(
        part(&output_text, "mail")
            .1
            .contains("emails are not delivered")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn check_reports_all_errors_at_once_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let smtp = Smtp::start().await;
    smtp.set_behaviour(Behaviour::RejectPassword);
    let mail = format!("--smtp-url=smtp://wares:hunter2@{}", smtp.address);
    let nothing = std::fs::File::create(folder.path().join("data")).unwrap();
    drop(nothing);
    let issuer = format!("--google-issuer=http://{UNUSED_ADDRESS}");
    let flags = [
        "--env=production",
        "--jwt-secrets=too short",
        "--database-url=postgres://shop:hunter2@127.0.0.1:1/shop",
        "--s3-endpoint=http://127.0.0.1:1",
        "--s3-bucket=wares",
        &mail,
        "--mail-from=shop@example.com",
        &issuer,
        "--google-client-id=client",
        "--google-client-secret=hunter2",
        "--public-url=https://api.example.com",
        "--frontend-urls=https://shop.example.com",
    ];
    let output = check(folder.path(), &flags);
    assert!(!output.status.success());
    let output_text = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    for (name, word) in [
        ("settings", "JWT_SECRETS"),
        ("folder", "data"),
        ("database", "DATABASE_URL"),
        ("images", ""),
        ("mail", "535"),
        ("google", ""),
    ] {
        let (is_right, why) = part(&output_text, name);
        assert!(!is_right && why.contains(word), "{name}: {output_text}");
    }
    assert!(errors.ends_with("wares: 6 checks failed\n"), "{errors}");
    for text in [&output_text, &errors] {
        assert!(
            !text.contains("hunter2") && !text.contains("too short"),
            "{text}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn check_reports_missing_migrations_when_migrate_is_off() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let folder = tempfile::tempdir().unwrap();
        let address = empty_database(backend, folder.path()).await;
        let database = database_flag(&address);
        let output = check(folder.path(), &["--migrate=off", &database]);
        assert!(!output.status.success());
        let output_text = String::from_utf8(output.stdout).unwrap();
        let (is_right, why) = part(&output_text, "database");
        assert!(
            !is_right && why.contains("wares migrate up"),
            "{output_text}"
        );
        assert!(
            part(&output_text, "mail").0 && part(&output_text, "images").0,
            "{output_text}"
        );
    }
}
