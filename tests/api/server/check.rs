//! `wares check`: a valid configuration, and an error in each part.

use std::path::Path;
use std::process::Output;

use crate::harness::{
    Backend, Behaviour, Process, Smtp, database_flag, empty_database, fresh_database,
};

const SECRET: &str = "--jwt-secrets=zVq3gX0v5cQ8sY2kL7mN4bR9tH1wJ6pF";
const NOBODY: &str = "127.0.0.1:1";

fn check(folder: &Path, flags: &[&str]) -> Output {
    let flags: Vec<_> = ["check"].iter().chain(flags).copied().collect();
    Process::run(folder, &flags)
}

/// Returns the result of a part of the check: whether it succeeded, and its line.
pub fn part<'a>(said: &'a str, part: &str) -> (bool, &'a str) {
    let mut lines = said.lines().map(|line| line.split_at(7));
    let found = lines.find(|(_, rest)| rest.starts_with(part));
    let (word, rest) = found.unwrap_or_else(|| panic!("no {part} in {said}"));
    let is_right = match word.trim() {
        "ok" => true,
        "FAILED" => false,
        other => panic!("{other}"),
    };
    (is_right, rest[part.len()..].trim())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_configuration_is_told_to_be_one() {
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
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{said}");
        assert_eq!(said.lines().count(), 6, "{said}");
        let (_, database) = part(&said, "database");
        assert!(database.ends_with("with all migrations"), "{said}");
        assert!(
            !said.contains("FAILED") && !said.contains("secret"),
            "{said}"
        );
        // The check connects to the SMTP server, but sends no email.
        assert_eq!((smtp.visits(), smtp.take().len()), (1, 0));
        // The check deletes its test object.
        let objects = folder.path().join("data/objects");
        assert!(!holds_a_check(&objects));
    }
}

fn holds_a_check(folder: &Path) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut entries = entries.map(Result::unwrap);
    entries.any(|entry| {
        let is_folder = entry.file_type().unwrap().is_dir();
        !is_folder && entry.file_name().to_string_lossy().contains("check")
            || is_folder && holds_a_check(&entry.path())
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_has_nothing_to_set() {
    let folder = tempfile::tempdir().unwrap();
    let output = check(folder.path(), &[]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    assert!(
        part(&said, "database")
            .1
            .contains("will be created at startup")
    );
    assert!(part(&said, "google").1.contains("disabled"));
    assert!(part(&said, "mail").1.contains("emails are not delivered"));
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_is_wrong_is_told_at_once_and_no_secret_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let smtp = Smtp::start().await;
    smtp.behave(Behaviour::RefusePassword);
    let mail = format!("--smtp-url=smtp://wares:hunter2@{}", smtp.address);
    let nothing = std::fs::File::create(folder.path().join("data")).unwrap();
    drop(nothing);
    let issuer = format!("--google-issuer=http://{NOBODY}");
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
    let said = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    for (name, word) in [
        ("settings", "JWT_SECRETS"),
        ("folder", "data"),
        ("database", "DATABASE_URL"),
        ("images", ""),
        ("mail", "535"),
        ("google", ""),
    ] {
        let (is_right, why) = part(&said, name);
        assert!(!is_right && why.contains(word), "{name}: {said}");
    }
    assert!(errors.ends_with("wares: 6 checks failed\n"), "{errors}");
    for text in [&said, &errors] {
        assert!(
            !text.contains("hunter2") && !text.contains("too short"),
            "{text}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_lacks_migrations_is_wrong_where_nobody_makes_them() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let folder = tempfile::tempdir().unwrap();
        let address = empty_database(backend, folder.path()).await;
        let database = database_flag(&address);
        let output = check(folder.path(), &["--migrate=off", &database]);
        assert!(!output.status.success());
        let said = String::from_utf8(output.stdout).unwrap();
        let (is_right, why) = part(&said, "database");
        assert!(!is_right && why.contains("wares migrate up"), "{said}");
        assert!(part(&said, "mail").0 && part(&said, "images").0, "{said}");
    }
}
