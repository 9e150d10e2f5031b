//! Environment variables: our names and those of other systems, `.env`, and errors in them.

use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::harness::{
    Backend, Process, Provider, database_flag, error_line, fresh_database, http_get,
};

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Runs a command that starts no server, with these variables.
fn run(folder: &TempDir, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Process::command(folder.path(), arguments);
    command.envs(variables.iter().copied()).output().unwrap()
}

fn log(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn env_file_errors_name_the_line_and_quote_nothing() {
    for (text, line) in [
        ("SHOP_NAME=A\nSMTP_URL=smtp://a:hunter2 b\"\n", 2),
        ("hunter2\n", 1),
        ("\n# a comment\n\nSHOP_NAME='A\nB'\n  =hunter2\n", 6),
        ("SHOP_NAME=A\nSHOP_CURRENCY=\"hunter2\nMAIL_FROM=b\n", 2),
        ("SHOP_NAME=A\r\nSHOP CURRENCY=hunter2\r\n", 2),
        ("SHOP_NAME=A\nSHOP_CURRENCY=hun\0ter2\n", 2),
    ] {
        let folder = folder();
        std::fs::write(folder.path().join(".env"), text).unwrap();
        let output = run(&folder, &["migrate", "status"], &[]);
        let told = error_line(&output);
        assert!(
            told.contains(&format!(".env, line {line}:")),
            "{text:?}: {told}"
        );
        assert!(!log(&output).contains("hunter2"), "{told}");
    }
    let folder = folder();
    std::fs::write(folder.path().join(".env"), b"SHOP_NAME=A\nMAIL_FROM=\xff\n").unwrap();
    let told = error_line(&run(&folder, &["migrate", "status"], &[]));
    assert!(told.contains(".env, line 2:"), "{told}");
}

#[test]
fn a_wrong_value_in_the_env_file_is_located() {
    let folder = folder();
    let text = "\u{feff}# with the mark that Windows writes\n\nexport SHOP_CURRENCY=pounds\n";
    std::fs::write(folder.path().join(".env"), text).unwrap();
    let told = error_line(&run(&folder, &["migrate", "status"], &[]));
    assert!(told.contains("SHOP_CURRENCY in .env, line 3"), "{told}");
    // The environment takes precedence over the file.
    let told = error_line(&run(
        &folder,
        &["migrate", "status"],
        &[("SHOP_CURRENCY", "euros")],
    ));
    assert!(told.ends_with("(SHOP_CURRENCY)"), "{told}");
    let fine = run(&folder, &["migrate", "status"], &[("SHOP_CURRENCY", "EUR")]);
    assert!(fine.status.success(), "{fine:?}");
    // `.env` may also be the folder of a Python virtual environment.
    std::fs::remove_file(folder.path().join(".env")).unwrap();
    std::fs::create_dir(folder.path().join(".env")).unwrap();
    assert!(run(&folder, &["migrate", "status"], &[]).status.success());
}

#[test]
fn a_misspelt_variable_warns_with_the_nearest_setting() {
    for (variable, nearest) in [
        ("WARES_LISTN", "Did you mean WARES_LISTEN?"),
        ("WARES_DATADIR", "Did you mean WARES_DATA_DIR?"),
        ("WARES_DATABASE_URL", "Did you mean DATABASE_URL?"),
        ("WARES_CURRENCY", "Did you mean SHOP_CURRENCY?"),
        ("WARES_SOMETHING_ELSE", "`wares serve --help`"),
        ("WARES_PORT", "`wares serve --help`"),
        ("wares_env", "Did you mean WARES_ENV?"),
        ("wares_listen", "Did you mean WARES_LISTEN?"),
        ("FRONTEND_URL", "Did you mean FRONTEND_URLS?"),
        ("S3_BUKET", "Did you mean S3_BUCKET?"),
        ("S3_BUCKET_NAMES", "Did you mean S3_BUCKET_NAME?"),
        ("JWT_SECRET", "Did you mean JWT_SECRETS?"),
        ("DATABASE_URI", "Did you mean DATABASE_URL?"),
        ("SHOP_CURENCY", "Did you mean SHOP_CURRENCY?"),
    ] {
        let output = run(&folder(), &["migrate", "status"], &[(variable, "hunter2")]);
        assert!(output.status.success(), "{output:?}");
        let log = log(&output);
        let line = log.lines().find(|line| line.contains("WARN"));
        let line = line.unwrap_or_else(|| panic!("no {variable} in {log}"));
        assert!(line.contains(variable) && line.contains(nearest), "{line}");
        assert!(!log.contains("hunter2"), "{log}");
    }
    let located = folder();
    std::fs::write(
        located.path().join(".env"),
        "\nFRONTEND_URL=https://a.example\n",
    )
    .unwrap();
    let log = log(&run(&located, &["migrate", "status"], &[]));
    assert!(log.contains("FRONTEND_URL in .env, line 2"), "{log}");
}

#[test]
fn unrelated_variables_cause_no_warning() {
    let variables = [
        ("WARES_SERVICE_HOST", "10.0.0.1"),
        ("WARES_SERVICE_PORT_HTTP", "8000"),
        ("WARES_PORT", "tcp://10.0.0.1:8000"),
        ("WARES_PORT_8000_TCP_ADDR", "10.0.0.1"),
        ("WARES_TEST_KILLS", "200"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "key"),
        ("PATH", "/bin"),
        ("HOME", "/"),
        ("LANG", "C.UTF-8"),
        ("PGHOST", "db"),
        ("POSTGRES_URL", "db"),
        ("SMTP_HOST", "mail"),
        ("NODE_ENV", "production"),
        ("HTTPS_PROXY", "proxy"),
        ("SSL_CERT_FILE", "file"),
        ("S3_BUCKET_NAME", ""),
        ("REDIRECT_URI", ""),
    ];
    let log = log(&run(&folder(), &["migrate", "status"], &variables));
    assert!(!log.contains("WARN"), "{log}");
}

#[test]
fn names_of_the_former_system_set_ours_which_have_precedence() {
    for (ours, other, good) in [
        ("S3_BUCKET", "S3_BUCKET_NAME", "product-images"),
        (
            "GOOGLE_REDIRECT_URL",
            "REDIRECT_URI",
            "http://localhost:8000/api/v1/auth/google/callback",
        ),
    ] {
        let status = |variables: &[(&str, &str)]| run(&folder(), &["migrate", "status"], variables);
        let told = error_line(&status(&[(other, "?")]));
        assert!(told.ends_with(&format!("({other})")), "{told}");
        let told = error_line(&status(&[(other, good), (ours, "?")]));
        assert!(told.ends_with(&format!("({ours})")), "{told}");
        assert!(status(&[(other, "?"), (ours, good)]).status.success());
        assert!(status(&[(other, good)]).status.success());
        let told = error_line(&status(&[(other, "?"), (ours, "")]));
        assert!(told.ends_with(&format!("({other})")), "{told}");
    }
    let folder = folder();
    std::fs::write(folder.path().join(".env"), "S3_BUCKET_NAME=A_B\n").unwrap();
    let told = error_line(&run(&folder, &["migrate", "status"], &[]));
    assert!(told.contains("(S3_BUCKET_NAME in .env, line 1)"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_settings_of_the_former_system_start_a_server() {
    let folder = folder();
    let provider = Provider::start().await;
    let address = fresh_database(Backend::Postgres, folder.path()).await;
    let url =
        database_flag(&address).replace("--database-url=postgres://", "postgresql+asyncpg://");
    let redirect = "http://localhost:8000/api/v1/auth/google/callback";
    let mut command = Process::command(folder.path(), &["--demo=off"]);
    command
        .env("DATABASE_URL", url)
        .env("GOOGLE_CLIENT_ID", "your-google-client-id")
        .env("GOOGLE_CLIENT_SECRET", "your-google-client-secret")
        .env("GOOGLE_ISSUER", &provider.issuer)
        .env("REDIRECT_URI", redirect);
    let server = Process::serve_command(folder.path(), command);
    let response = http_get(
        &server.address,
        "/api/v1/auth/google/login?return_to=http%3A%2F%2Flocalhost%3A3000%2F",
    );
    let location = response.lines().find(|line| line.starts_with("location: "));
    let location = location
        .unwrap_or_else(|| panic!("{response}"))
        .trim_start_matches("location: ");
    let location = url::Url::parse(location).unwrap();
    let sent = location
        .query_pairs()
        .find(|(name, _)| name == "redirect_uri");
    assert_eq!(sent.unwrap().1, redirect);
}

#[test]
fn origins_that_cannot_work_are_refused_with_the_reason() {
    for (origins, reason) in [
        ("https://*.vercel.app", "a pattern is not supported"),
        ("*", "a pattern is not supported"),
        ("https://*", "a pattern is not supported"),
        ("https://shop.example.com:*", "a pattern is not supported"),
        ("https://.vercel.app", "a pattern is not supported"),
        ("https://%2A.vercel.app", "a pattern is not supported"),
        ("https://{shop}.vercel.app", "a pattern is not supported"),
        ("https://$SHOP.example.com", "a pattern is not supported"),
        ("null", "the origin null"),
        ("shop.example.com", "the scheme is missing"),
        ("localhost:3000", "the scheme is missing"),
        ("https://shop.example.com/shop", "what follows the host"),
        ("https://shop.example.com/?a=b", "what follows the host"),
        ("https://boss@shop.example.com", "the user and the password"),
        ("ftp://shop.example.com", "the scheme must be"),
        (
            "https://a.example https://b.example",
            "separate origins by commas",
        ),
        (
            "https://a.example;https://b.example",
            "separate origins by commas",
        ),
        ("https://a.example,", "nothing between two commas"),
        ("[\"https://a.example\"]", "without brackets and quotes"),
        ("https://", "not a valid URL"),
    ] {
        let told = error_line(&run(
            &folder(),
            &["migrate", "status"],
            &[("FRONTEND_URLS", origins)],
        ));
        assert!(
            told.contains(reason) && told.contains("FRONTEND_URLS"),
            "{origins}: {told}"
        );
    }
    let fine = "https://shop.example.com/, HTTPS://Shop.Example:443,http://localhost:3000";
    assert!(
        run(
            &folder(),
            &["migrate", "status"],
            &[("FRONTEND_URLS", fine)]
        )
        .status
        .success()
    );
}

/// Returns the write end of a pipe without a reader.
fn closed_pipe() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

#[test]
fn output_to_a_closed_pipe_ends_quietly() {
    let folder = folder();
    assert!(run(&folder, &["demo", "--help"], &[]).status.success());
    assert!(run(&folder, &["migrate", "up"], &[]).status.success());
    assert!(run(&folder, &["demo"], &[]).status.success());
    for arguments in [
        ["--help"].as_slice(),
        &["--version"],
        &["help", "import"],
        &["schema"],
        &["check"],
        &["migrate", "status"],
        &["migrate", "up"],
        &["export"],
        &["export", "/dev/stdout"],
        &["import", "nothing.csv"],
        &["health", "--at=127.0.0.1:1"],
        &["--nonsense"],
    ] {
        let command = || -> Command { Process::command(folder.path(), arguments) };
        let output = command()
            .stdout(closed_pipe())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let output = output.wait_with_output().unwrap();
        let log = log(&output);
        assert!(
            !log.contains("roken pipe") && !log.contains("panic"),
            "{arguments:?}: {log}"
        );
        let code = output.status.code();
        assert!(matches!(code, Some(0 | 1 | 141)), "{arguments:?}: {code:?}");
        let status = command()
            .stdout(closed_pipe())
            .stderr(closed_pipe())
            .status()
            .unwrap();
        assert_eq!(status.code(), code, "{arguments:?}");
    }
}
