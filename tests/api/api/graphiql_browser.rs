//! GraphiQL in a browser without any network but the server.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::{Process, npm_packages, run, write_atomically};

const BROWSER: &str = include_str!("../../graphiql/browser.mjs");
const TIMEOUT: Duration = Duration::from_secs(30);
const ADVICE: &str =
    "The browser of the tests failed, which needs Chromium and Node.js 20 or later with npm.";

/// Returns the email address and password of the demo's admin, which a starting server prints.
fn printed_admin(output: &Path) -> (String, String) {
    let started_at = Instant::now();
    let printed = loop {
        let printed = fs::read_to_string(output).unwrap();
        if printed.contains("Ctrl+C") {
            break printed;
        }
        assert!(started_at.elapsed() < TIMEOUT, "{printed}");
        thread::sleep(Duration::from_millis(10));
    };
    let (_, line) = printed.split_once("  Admin       ").unwrap();
    let (email, rest) = line.split_once(", password ").unwrap();
    let (password, _) = rest.split_once(' ').unwrap();
    (email.to_owned(), password.to_owned())
}

fn tokens(run: &Value) -> Vec<&str> {
    let tokens = run["tokens"].as_array().unwrap().iter();
    tokens.map(|token| token.as_str().unwrap()).collect()
}

#[tokio::test]
async fn graphiql_keeps_the_user_signed_in() {
    let npm_packages = npm_packages(&["node", "npm", "chromium"]);
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("output");
    // The server accepts an expired token for some seconds; the page must not rely on that.
    let mut command = Process::command(folder.path(), &["--access-token-lifetime=1s"]);
    command.stdout(Stdio::from(File::create(&output).unwrap()));
    let process = Process::serve_command(folder.path(), command);
    let server = format!("http://{}", process.address);
    let (email, password) = printed_admin(&output);

    let script = write_atomically(&npm_packages, "graphiql.mjs", BROWSER.as_bytes());
    let mut browser = Command::new("node");
    browser.args([&script, "chromium"]);
    browser.arg(folder.path().join("profile"));
    browser.args([&server, &email, &password]);
    let seen: Value = serde_json::from_str(&run(&mut browser, ADVICE)).unwrap();

    // Neither script errors nor violations of the policy. Chromium reports each response with status 401.
    let mut errors = seen["errors"].as_array().unwrap().iter();
    let is_response = |error: &Value| error.as_str().unwrap().contains("status of 401");
    assert!(errors.all(is_response), "{seen}");
    let mut others = seen["otherServers"].as_array().unwrap().iter();
    assert!(others.all(|url| *url == seen["preview"]), "{seen}");
    assert_eq!(seen["address"], format!("{server}/graphql"));
    assert_eq!(seen["title"], "Wares · GraphiQL");
    let products = &seen["products"]["data"]["products"]["nodes"];
    assert_eq!(products.as_array().unwrap().len(), 10, "{seen}");
    assert_eq!(seen["anonymous"]["data"]["me"], Value::Null);

    assert_eq!(seen["google"], false);
    let message = "The email address or the password is wrong.";
    assert_eq!(seen["wrongPassword"], message);
    assert_eq!(seen["user"], format!("{email} · admin"));
    assert_eq!(seen["focused"], "Sign out");
    for run in ["me", "secondPage", "afterExpiry", "afterRejection"] {
        assert_eq!(seen[run]["data"]["me"]["email"], *email, "{run}: {seen}");
        assert_eq!(seen[run].get("errors"), None, "{run}");
    }
    assert_ne!(tokens(&seen["afterExpiry"]), tokens(&seen["me"]));
    assert_eq!(tokens(&seen["afterExpiry"]).len(), 1);
    let statuses = &seen["afterRejection"]["statuses"];
    assert_eq!(*statuses, serde_json::json!([401, 200]), "{seen}");
    assert_eq!(tokens(&seen["ownHeader"]), ["Bearer own"]);

    // Tokens are in memory and in a cookie that scripts can't read.
    assert_eq!(seen["cookies"], "");
    let stored = seen["stored"].as_str().unwrap();
    assert!(stored.contains("query Me"), "{stored}");
    for secret in ["Bearer own", "eyJ", &password] {
        assert!(!stored.contains(secret), "{secret} in {stored}");
    }

    assert_eq!(seen["userAfterSignOut"], "");
    assert_eq!(seen["signedOut"]["data"]["me"], Value::Null);
    let log = process.log();
    assert!(log.contains("event=\"sign_in\""), "{log}");
    assert!(!log.contains("refresh_token_reused"), "{log}");
}
