//! The command line: commands, settings and errors.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

use tempfile::TempDir;
use wares::infra::database::Database;

use crate::harness::{Backend, Process, database_flag, empty_database, error_line, fresh_database};

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn run(arguments: &[&str]) -> Output {
    Process::run(folder().path(), arguments)
}

#[test]
fn a_taken_port_is_reported_in_one_line() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let line = error_line(&run(&[&format!("--listen={address}")]));
    assert!(
        line.contains(&address) && line.contains("Address already in use"),
        "{line}"
    );
}

#[test]
fn a_folder_that_cannot_be_created_is_reported_in_one_line() {
    let folder = folder();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let line = error_line(&Process::run(folder.path(), &["--data-dir=file/data"]));
    assert!(line.contains("file/data"), "{line}");
    // Permissions do not stop root, but a folder in place of the file does.
    std::fs::create_dir_all(folder.path().join("data/wares.db")).unwrap();
    let line = error_line(&Process::run(folder.path(), &["--data-dir=data"]));
    assert!(line.contains("can't open the SQLite database"), "{line}");
    let closed = folder.path().join("closed");
    std::fs::create_dir(&closed).unwrap();
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o500)).unwrap();
    if std::fs::write(closed.join("probe"), "").is_err() {
        let line = error_line(&Process::run(folder.path(), &["--data-dir=closed"]));
        assert!(line.contains("closed"), "{line}");
    }
}

#[test]
fn an_invalid_setting_is_reported_in_one_line_with_its_name() {
    for (argument, name) in [
        ("--listen=nowhere", "WARES_LISTEN"),
        ("--env=staging", "WARES_ENV"),
        ("--env=staging", "development, production"),
        ("--shop-currency=usd", "SHOP_CURRENCY"),
        ("--shop-currency=XXX", "SHOP_CURRENCY"),
        ("--demo=perhaps", "WARES_DEMO"),
        ("--frontend-urls=shop.example", "FRONTEND_URLS"),
        ("--cors-allowed-headers=*", "CORS_ALLOWED_HEADERS"),
        (
            "--cors-allowed-headers=x-one,no name",
            "CORS_ALLOWED_HEADERS",
        ),
        (
            "--query-max-variables-bytes=2000000",
            "QUERY_MAX_VARIABLES_BYTES",
        ),
        (
            "--query-max-variables-depth=101",
            "QUERY_MAX_VARIABLES_DEPTH",
        ),
        ("--query-max-values=1", "QUERY_MAX_VALUES"),
        ("--public-url=ftp://shop.example", "PUBLIC_URL"),
        ("--database-max-connections=0", "DATABASE_MAX_CONNECTIONS"),
        ("--database-url=mysql://shop", "DATABASE_URL"),
        ("--database-url=sqlite::memory:", "DATABASE_URL"),
        ("--log=wares=loud=loud", "RUST_LOG"),
        ("--unknown=1", "--unknown"),
    ] {
        let line = error_line(&run(&[argument]));
        assert!(line.contains(name), "{argument}: {line}");
    }
    let folder = folder();
    let with = |value: &str| {
        let mut command = Process::command(folder.path(), &["migrate", "status"]);
        command.env("GRAPHIQL", value).output().unwrap()
    };
    assert!(error_line(&with("maybe")).contains("GRAPHIQL"));
    for fine in ["off", "false", ""] {
        assert!(with(fine).status.success());
    }
    std::fs::write(folder.path().join(".env"), "SHOP_CURRENCY=pounds\n").unwrap();
    assert!(error_line(&Process::run(folder.path(), &[])).contains("SHOP_CURRENCY"));
    std::fs::write(folder.path().join(".env"), "this is no setting\n").unwrap();
    assert!(error_line(&Process::run(folder.path(), &[])).contains(".env"));
}

#[test]
fn a_password_is_never_shown() {
    for arguments in [
        [
            "--database-url=postgres://shop:hunter2@127.0.0.1:1/shop",
            "migrate",
            "status",
        ]
        .as_slice(),
        &["--database-url=mysql://shop:hunter2@127.0.0.1:1/shop"],
        &["--database-url=postgres://shop:hunter2@[broken/shop"],
        &[
            "--database-wait=1s",
            "--database-url=postgres://shop:hunter2@127.0.0.1:1/shop?sslpassword=hunter2&Password=hunter2",
        ],
        &[
            "--log=trace",
            "--database-wait=1s",
            "--database-url=postgres://shop:hunter2@127.0.0.1:1/shop?sslpassword=hunter2",
        ],
    ] {
        let output = run(arguments);
        let line = error_line(&output);
        let all = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(!all.contains("hunter2"), "{all}");
        assert!(line.contains("DATABASE_URL"), "{line}");
    }
    let folder = folder();
    let output = Process::command(folder.path(), &["serve", "--help"])
        .env("DATABASE_URL", "postgres://shop:hunter2@127.0.0.1/shop")
        .output()
        .unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && help.contains("DATABASE_URL"));
    assert!(!help.contains("hunter2"));
}

#[test]
fn every_setting_is_in_the_help_and_the_example_file() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |file: &str| std::fs::read_to_string(root.join(file)).unwrap();
    let example = read(".env.example");
    let help = String::from_utf8(run(&["serve", "--help"]).stdout).unwrap();
    let mut settings = Vec::new();
    // Each paragraph describes a setting: flag, description, variable, default.
    for paragraph in help.split("\n      --").skip(1) {
        let value = |name: &str| {
            let (_, rest) = paragraph.split_once(&format!("[{name}: "))?;
            rest.split([']', '=']).next()
        };
        let variable = value("env").unwrap();
        let meaning = paragraph.lines().nth(1).unwrap().trim();
        assert!(meaning.len() > 20, "{variable}: {meaning}");
        let line = example
            .lines()
            .find(|line| line.starts_with(&format!("#{variable}=")));
        let line = line.unwrap_or_else(|| panic!(".env.example lacks {variable}"));
        if let Some(default) = value("default") {
            assert_eq!(line, format!("#{variable}={default}"));
        }
        settings.push(variable);
    }
    assert!(settings.len() >= 15, "{help}");
    let lines = example
        .lines()
        .filter_map(|line| line.strip_prefix('#')?.split_once('='));
    for (variable, _) in lines.filter(|(name, _)| !name.contains(' ')) {
        let known = settings.contains(&variable) || VARIABLES_ONLY.contains(&variable);
        assert!(known, ".env.example has {variable}, which is no setting");
    }
}

/// Help of the program: short, without the settings.
#[test]
fn the_help_is_short_and_settings_are_in_the_help_of_serve() {
    for arguments in [&["--help"][..], &["-h"], &["help"]] {
        let help = String::from_utf8(run(arguments).stdout).unwrap();
        assert!(help.lines().count() < 60, "{help}");
        assert!(
            help.contains("wares serve --help") && !help.contains("DATABASE_URL"),
            "{help}"
        );
        assert!(help.contains("import"), "{help}");
    }
    let help = String::from_utf8(run(&["serve", "--help"]).stdout).unwrap();
    assert!(
        help.contains("Accounts:") && help.contains("PASSWORD_MIN_LENGTH"),
        "{help}"
    );
}

/// Returns the settings in the help of a command.
fn settings_of(command: &[&str]) -> Vec<String> {
    let output = run(&[command, &["--help"]].concat());
    let help = String::from_utf8(output.stdout).unwrap();
    let settings = help.split("[env: ").skip(1);
    settings
        .map(|rest| rest.split([']', '=']).next().unwrap().to_owned())
        .collect()
}

#[test]
fn the_help_of_a_command_shows_the_settings_that_it_reads() {
    let log = ["LOG_FORMAT", "RUST_LOG", "WARES_ENV"];
    let database = [
        "DATABASE_MAX_CONNECTIONS",
        "DATABASE_POOLER",
        "DATABASE_URL",
        "SHOP_CURRENCY",
        "WARES_DATA_DIR",
    ];
    let with_database = [&log[..], &database].concat();
    for (command, settings) in [
        (&["migrate"][..], with_database.clone()),
        (&["migrate", "down"], with_database.clone()),
        (&["demo"], with_database.clone()),
        (&["import"], with_database.clone()),
        (&["export"], with_database.clone()),
        (&["jobs"], with_database.clone()),
        (&["jobs", "retry"], with_database.clone()),
        (&["backup"], with_database.clone()),
        (&["verify"], with_database.clone()),
        (
            &["admin", "create"],
            [&with_database[..], &["PASSWORD_MIN_LENGTH"]].concat(),
        ),
        (
            &["health"],
            [&log[..], &["OPERATOR_LISTEN", "WARES_LISTEN"]].concat(),
        ),
        (&["schema"], Vec::new()),
        (&["completions"], Vec::new()),
    ] {
        let mut found = settings_of(command);
        let mut settings = settings;
        found.sort();
        settings.sort_unstable();
        assert_eq!(found, settings, "{command:?}");
    }
    let checked = settings_of(&["check"]);
    for setting in ["SMTP_URL", "S3_BUCKET", "GOOGLE_ISSUER", "JWT_SECRETS"] {
        assert!(checked.contains(&setting.to_owned()), "{checked:?}");
    }
    for setting in ["QUERY_MAX_BYTES", "CODE_LIFETIME", "DATABASE_WAIT"] {
        assert!(!checked.contains(&setting.to_owned()), "{checked:?}");
    }
    // A flag before the command changes nothing.
    assert!(settings_of(&["--log=warn", "serve"]).len() > checked.len());
}

/// A command fails only for invalid values of settings that it reads.
#[test]
fn commands_without_emails_do_not_read_the_mail_server() {
    let arguments = [
        "--env=production",
        "--smtp-url=smtp://shop.example",
        "migrate",
        "status",
    ];
    let output = run(&arguments);
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn a_missing_or_misspelt_argument_or_subcommand_is_named() {
    for (arguments, name) in [
        (&["import"][..], "<FILE>"),
        (&["backup"], "<FILE>"),
        (&["completions"], "<SHELL>"),
        (&["completions", "sh"], "[possible values: bash,"),
        (&["admin", "create"], "--email <EMAIL>"),
        (&["admin"], "[subcommands: create,"),
        (&["migrate"], "[subcommands: up, down, status,"),
        (&["srve"], "'srve'. Did you mean `serve`?"),
        (&["serve", "--lisen=x"], "Did you mean `--listen`?"),
        (&["jobs", "retry"], "<ID|--all>"),
        (&["import", "--map"], "--map <HEADING=COLUMN>"),
        (&["migrate", "sideways"], "sideways"),
    ] {
        let line = error_line(&run(arguments));
        assert!(line.contains(name), "{arguments:?}: {line}");
    }
}

#[test]
fn completions_are_printed_for_each_shell() {
    for shell in ["bash", "zsh", "fish"] {
        let output = run(&["completions", shell]);
        let script = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success() && script.contains("migrate"),
            "{shell}: {script}"
        );
        // With the flags of `serve`.
        assert!(script.contains("password-min-length"), "{shell}: {script}");
    }
}

#[test]
fn the_schema_is_printed() {
    let output = run(&["schema"]);
    assert!(output.status.success());
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        wares::api::schema::sdl()
    );
}

/// Variables of the example that are no flags.
const VARIABLES_ONLY: [&str; 5] = [
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
];

/// The number of migrations.
const MIGRATIONS: usize = 42;

#[tokio::test]
async fn migrations_go_up_and_down_on_both_databases() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let folder = folder();
        let flag = database_flag(&empty_database(backend, folder.path()).await);
        let migrate = |arguments: &[&str]| {
            let arguments = [&[flag.as_str(), "migrate"], arguments].concat();
            let output = Process::run(folder.path(), &arguments);
            assert!(output.status.success(), "{output:?}");
            String::from_utf8(output.stdout).unwrap()
        };
        let status = migrate(&["status"]);
        assert_eq!(
            (
                status.matches("pending").count(),
                status.matches("applied").count()
            ),
            (MIGRATIONS, 0)
        );
        let serve = [&flag, "--migrate=off", "--listen=127.0.0.1:0"];
        let line = error_line(&Process::run(folder.path(), &serve));
        assert!(line.contains("wares migrate up"), "{line}");
        let line = error_line(&Process::run(folder.path(), &[&flag, "demo"]));
        assert!(line.contains("wares migrate up"), "{line}");

        assert_eq!(
            migrate(&["up"]),
            format!("{MIGRATIONS} migrations applied\n")
        );
        assert_eq!(migrate(&["up"]), "0 migrations applied\n");
        assert_eq!(migrate(&["status"]).matches("applied").count(), MIGRATIONS);
        let demo = Process::run(folder.path(), &[&flag, "demo"]);
        assert_eq!(
            String::from_utf8(demo.stdout).unwrap(),
            "62 products in 31 categories\n"
        );
        let line = error_line(&Process::run(folder.path(), &[&flag, "demo"]));
        assert!(line.contains("not empty"), "{line}");

        assert_eq!(migrate(&["down"]), "1 migrations rolled back\n");
        assert_eq!(migrate(&["status"]).matches("pending").count(), 1);
        assert_eq!(
            migrate(&["down", "--steps=99"]),
            format!("{} migrations rolled back\n", MIGRATIONS - 1)
        );
        assert_eq!(
            migrate(&["up"]),
            format!("{MIGRATIONS} migrations applied\n")
        );
    }
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let folder = folder();
        let address = fresh_database(backend, folder.path()).await;
        let db = Database::connect(&address, 1).await.unwrap();
        let transaction = db.begin().await.unwrap();
        let insert = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29990101_001_teleport', 0)";
        sea_orm::ConnectionTrait::execute_unprepared(&transaction, insert)
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        db.close().await.unwrap();
        let flag = database_flag(&address);
        for arguments in [
            [flag.as_str(), "--listen=127.0.0.1:0"].as_slice(),
            &[&flag, "migrate", "up"],
            &[&flag, "migrate", "status"],
        ] {
            let line = error_line(&Process::run(folder.path(), arguments));
            assert!(line.contains("newer version of Wares"), "{line}");
        }
    }
}
