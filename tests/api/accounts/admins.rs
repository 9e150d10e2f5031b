//! `wares admin`, the demo admin, and the required secrets, with the real program.

use std::io::Write;
use std::path::Path;
use std::process::{Output, Stdio};

use tempfile::TempDir;
use wares::accounts::user::Role;

use crate::harness::{
    App, Backend, PASSWORD, Process, database_flag, empty_database, error_line, fresh_database,
};

const SECRET: &str = "--jwt-secrets=zVq3gX0v5cQ8sY2kL7mN4bR9tH1wJ6pF";

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Runs the program with this standard input.
fn run_with(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = Process::command(folder, arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The program may exit with an error before it reads.
    _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn operator_creates_the_first_admin() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let app = App::start(backend, &[]).await;
        let (folder, flag) = (folder(), database_flag(&app.address));
        let create = |email: &str, password: &str| {
            let arguments = [flag.as_str(), "admin", "create", "--email", email];
            run_with(folder.path(), &arguments, password)
        };
        let output = create("boss@shop.example", &format!("{PASSWORD}\n"));
        assert!(output.status.success(), "{output:?}");
        assert_eq!(output.stdout, b"boss@shop.example is an admin now\n");
        let admin = app.anonymous().login("boss@shop.example", PASSWORD).await;
        let admin = app
            .anonymous()
            .with_token(admin["accessToken"].as_str().unwrap());
        admin
            .data("{ users { totalCount } }", serde_json::json!({}))
            .await;

        // An existing account becomes an admin with the new password, and its sessions end.
        let customer = app.signed_in("ann@shop.example", Role::Customer).await;
        let output = create("ANN@shop.example", "quite another one\r\n");
        assert!(
            String::from_utf8(output.stdout)
                .unwrap()
                .contains("had an account")
        );
        assert_eq!(
            customer
                .send("{ me { id } }", serde_json::json!({}))
                .await
                .status,
            401
        );
        assert!(app.anonymous().login("ann@shop.example", PASSWORD).await["accessToken"].is_null());
        let login = app
            .anonymous()
            .login("ann@shop.example", "quite another one")
            .await;
        assert!(login["accessToken"].is_string());
        assert_eq!(
            app.sql_number("SELECT count(*) FROM users WHERE role = 'ADMIN'")
                .await,
            2
        );

        let line = error_line(&run_with(folder.path(), &[&flag, "admin", "create"], ""));
        assert!(line.contains("--email"), "{line}");
        for (email, password, why) in [
            ("nonsense", PASSWORD, "email address"),
            ("c@shop.example", "short", "At least 8"),
            ("c@shop.example", "password1234", "too common"),
            ("c@shop.example", "", "At least 8"),
        ] {
            let line = error_line(&create(email, password));
            assert!(line.contains(why), "{line}");
        }
        assert_eq!(app.count("users").await, 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn create_admin_requires_all_migrations() {
    let folder = folder();
    let flag = database_flag(&empty_database(Backend::Sqlite, folder.path()).await);
    let arguments = [flag.as_str(), "admin", "create", "--email=a@shop.example"];
    let line = error_line(&run_with(folder.path(), &arguments, PASSWORD));
    assert!(line.contains("wares migrate up"), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn demo_admin_password_is_shown_once() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let folder = folder();
        let address = empty_database(backend, folder.path()).await;
        let flag = database_flag(&address);
        let said = Process::startup_output(folder.path(), &[&flag]);
        let line = said.lines().find(|line| line.contains("Admin")).unwrap();
        let password = line.split("password ").nth(1).unwrap();
        let password = password.split(' ').next().unwrap();
        assert_eq!(password.len(), 23, "{line}");
        let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
        assert!(!log.contains(password));
        let app = App::on_database(backend, address, &[]).await;
        let login = app.anonymous().login("admin@example.com", password).await;
        assert!(login["accessToken"].is_string(), "{login}");
        let again = Process::startup_output(folder.path(), &[&flag]);
        assert!(!again.contains("shown only once"), "{again}");
        let command = "wares admin create --email admin@example.com";
        assert!(again.contains(command), "{again}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn demo_admin_is_created_in_development_only() {
    let folder = folder();
    let address = fresh_database(Backend::Sqlite, folder.path()).await;
    let flag = database_flag(&address);
    Process::startup_output(folder.path(), &[&flag, "--demo=off"]);
    let mut server = Process::serve(
        folder.path(),
        &[
            &flag,
            "--env=production",
            "--demo=on",
            SECRET,
            "--log-format=text",
        ],
    );
    server.signal("TERM");
    assert!(server.wait());
    let app = App::on_database(Backend::Sqlite, address, &[]).await;
    assert_eq!(
        (app.count("users").await, app.count("products").await),
        (0, 62)
    );
}

#[test]
fn production_requires_strong_secrets() {
    let folder = folder();
    let production = ["--env=production", "--migrate=on", "--listen=127.0.0.1:0"];
    let line = error_line(&Process::run(folder.path(), &production));
    assert!(line.contains("JWT_SECRETS"), "{line}");
    let example = include_str!("../../../.env.example");
    let example = example
        .lines()
        .find_map(|line| line.strip_prefix("#JWT_SECRETS="));
    for secret in [
        "too-short",
        "zVq3gX0v5cQ8sY2kL7mN4bR9tH1wJ6pF,short",
        "zVq3gX0v5cQ8sY2kL7mN4bR9tH1wJ6pF,",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        example.unwrap(),
    ] {
        let mut command = Process::command(folder.path(), &production);
        let output = command.env("JWT_SECRETS", secret).output().unwrap();
        let line = error_line(&output);
        assert!(line.contains("JWT_SECRETS"), "{secret}: {line}");
        assert!(!line.contains("zVq3gX0v"), "{line}");
    }
    // Commands that sign no tokens need no secrets.
    assert!(
        Process::run(folder.path(), &["--env=production", "migrate", "up"])
            .status
            .success()
    );
}

#[test]
fn development_secret_is_generated_once_and_readable_by_the_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let secret = folder.path().join("data/jwt.secret");
    let mut secrets = Vec::new();
    for _ in 0..2 {
        drop(Process::serve(folder.path(), &["--demo=off"]));
        secrets.push(std::fs::read_to_string(&secret).unwrap());
    }
    assert_eq!(secrets[0], secrets[1]);
    assert_eq!(secrets[0].len(), 64);
    let mode = std::fs::metadata(&secret).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    std::fs::write(&secret, "cut").unwrap();
    let line = error_line(&Process::run(folder.path(), &["--listen=127.0.0.1:0"]));
    assert!(line.contains("jwt.secret"), "{line}");
}
