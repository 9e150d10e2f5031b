//! `examples/storefront`: the commands of the README, the generated files, and the production build in a browser.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use super::documents::storefront_block;
use crate::harness::{PASSWORD, Process, StripeServer, fetch, free_port, oidc, run};

const LOCK: &str = include_str!("../../../examples/storefront/package-lock.json");
const PROGRAMS: &str = "The storefront's test needs Chromium and Node.js 20.19 or later with npm.";
const ADMIN: &str = "boss@example.com";
/// The page of orders, in emails.
const ORDER_LINK_URL: &str = "http://localhost:5173/order";

#[test]
fn lock_file_contains_no_registry_addresses() {
    assert!(
        !LOCK.contains("\"resolved\""),
        "run `npm config set omit-lockfile-registry-resolved true`, and create the file again"
    );
}

// The simulated Stripe responds while the test waits for a program.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn storefront_works_in_a_browser() {
    let programs = repository("tests/programs.sh");
    run(
        Command::new(programs).args(["node", "npm", "chromium"]),
        PROGRAMS,
    );
    let shop = tempfile::tempdir().unwrap();
    let port = free_port();
    let url = format!("http://127.0.0.1:{port}");
    let mut flags = oidc().await.flags().to_vec();
    // The name of the storefront's host, which gets the cookies of the sign-in with Google.
    flags.push(format!("--public-url=http://localhost:{port}"));
    flags.push(format!("--order-link-url={ORDER_LINK_URL}"));
    let flags: Vec<_> = flags.iter().map(String::as_str).collect();
    let mut command = Process::command(shop.path(), &flags);
    let stripe = StripeServer::start().await;
    let stripe_script = format!("{}/stripe.js", stripe.url());
    command.stdout(Stdio::null()).envs(stripe.settings());
    let _server = Process::serve_on_port(shop.path(), command, port);
    create_admin(shop.path());

    let clone = clone();
    let dev_server = DevServer::start(clone.path(), &url);
    for (path, part) in [
        ("", "/src/main.tsx"),
        ("graphql?query=%7Bshop%7Bname%7D%7D", "{\"data\":{\"shop\":"),
    ] {
        let response = fetch("GET", &format!("{}{path}", dev_server.url), &[], b"").await;
        let text = String::from_utf8(response.body).unwrap();
        assert!(text.contains(part), "{}: {text}", response.status);
    }
    drop(dev_server);

    let storefront = clone.path().join("examples/storefront");
    assert_generated_files_are_current(&storefront);
    let mut build = script(&storefront, "build");
    build.env("VITE_STRIPE_JS_URL", &stripe_script);
    run(&mut build, "The storefront can't be built.");
    let mut test = script(&storefront, "test");
    test.env("WARES_URL", url)
        .env("VITE_STRIPE_JS_URL", &stripe_script)
        .env("GOOGLE_EMAIL", "bob@corp.example")
        .env("MAIL_FOLDER", shop.path().join("data/mail"))
        .env("ORDER_LINK_URL", ORDER_LINK_URL)
        .env("ADMIN_EMAIL", ADMIN)
        .env("ADMIN_PASSWORD", PASSWORD);
    run(&mut test, "The storefront failed in the browser.");
    let [payment] = &stripe.intents()[..] else {
        panic!("not one payment: {:?}", stripe.intents())
    };
    let amounts = (payment.amount, payment.captured, payment.refunded);
    assert_eq!(
        (payment.status, amounts),
        ("succeeded", (3_439, 3_439, 1_720))
    );
    assert_eq!(payment.currency, "usd");
}

/// Returns the path of a file in the repository.
fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Copies what the storefront needs of the repository, without the packages that a developer has installed.
fn clone() -> tempfile::TempDir {
    let clone = tempfile::tempdir().unwrap();
    let schema = "schema.graphql";
    fs::copy(repository(schema), clone.path().join(schema)).unwrap();
    let storefront = "examples/storefront";
    fs::create_dir_all(clone.path().join("examples")).unwrap();
    copy(&repository(storefront), &clone.path().join(storefront));
    clone
}

/// Copies a file or a folder.
fn copy(from: &Path, to: &Path) {
    if from.is_file() {
        fs::copy(from, to).unwrap();
        return;
    }
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let name = entry.unwrap().file_name();
        if name != "node_modules" && name != "dist" {
            copy(&from.join(&name), &to.join(&name));
        }
    }
}

fn create_admin(folder: &Path) {
    let mut command = Process::command(folder, &["admin", "create", "--email", ADMIN]);
    command.stdin(Stdio::piped()).stdout(Stdio::null());
    let mut admin = command.spawn().unwrap();
    let mut password = admin.stdin.take().unwrap();
    password.write_all(PASSWORD.as_bytes()).unwrap();
    drop(password);
    assert!(admin.wait().unwrap().success());
}

/// Returns a command that runs a script of the storefront.
fn script(storefront: &Path, name: &str) -> Command {
    let mut command = Command::new("npm");
    command
        .args(["run", "--silent", name])
        .current_dir(storefront);
    command
}

/// Fails unless the generated files are those of the schema and of the documents.
fn assert_generated_files_are_current(storefront: &Path) {
    let generated = storefront.join("src/graphql");
    fs::remove_dir_all(&generated).unwrap();
    run(
        &mut script(storefront, "codegen"),
        "The code generator of the storefront failed.",
    );
    let committed = repository("examples/storefront/src/graphql");
    let names = |folder: &Path| {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(names(&generated), names(&committed));
    for name in names(&generated) {
        let read = |folder: &Path| fs::read(folder.join(&name)).unwrap();
        assert!(
            read(&generated) == read(&committed),
            "{} is out of date: run `npm run codegen` in examples/storefront",
            name.display()
        );
    }
}

/// The commands of the README, which end with the development server. It stops on drop.
struct DevServer {
    shell: Child,
    /// Ends with a slash.
    url: String,
    /// Open, because the server writes to it.
    output: BufReader<ChildStdout>,
}

impl DevServer {
    /// Runs the commands in this folder and waits until the server prints its address.
    fn start(folder: &Path, wares_url: &str) -> Self {
        let mut shell = Command::new("bash")
            .args(["-ec", storefront_block()])
            .current_dir(folder)
            .env("WARES_URL", wares_url)
            // Each run of the tests installs the packages of the same lock file.
            .env("npm_config_prefer_offline", "true")
            .env("NO_COLOR", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // npm and the server are its children.
            .process_group(0)
            .spawn()
            .unwrap();
        let output = BufReader::new(shell.stdout.take().unwrap());
        let mut server = Self {
            shell,
            url: String::new(),
            output,
        };
        let mut printed = String::new();
        loop {
            let length = server.output.read_line(&mut printed).unwrap();
            assert!(length > 0, "{PROGRAMS} The commands failed:\n{printed}");
            if let Some(start) = printed.find("http://") {
                printed[start..].trim().clone_into(&mut server.url);
                return server;
            }
        }
    }
}

impl Drop for DevServer {
    fn drop(&mut self) {
        let group = format!("-{}", self.shell.id());
        _ = Command::new("kill")
            .args(["-s", "KILL", "--", &group])
            .status();
        _ = self.shell.wait();
    }
}
