//! Signing in with Google in a true browser, from the page that the README shows.

use std::process::{Command, Stdio};

use serde_json::Value;

use crate::harness::{Process, free_port, oidc, packages, placed, run};

const BROWSER: &str = include_str!("../oidc/browser.mjs");
const ADVICE: &str = "The tests need Chromium, and Node.js 20 or later with npm.";

/// The storefront that the README shows, for a shop whose API is there.
fn storefront(api: &str) -> String {
    let readme = include_str!("../../README.md");
    let block = |kind: &str, what: &str| {
        let fence = format!("```{kind}\n");
        let blocks = readme.split(&fence).skip(1);
        let mut blocks = blocks.map(|part| part.split("```").next().unwrap());
        let found = blocks.find(|block| block.contains(what));
        found.unwrap_or_else(|| panic!("the README lacks {what}"))
    };
    let (page, script) = (block("html", "id=\"google\""), block("js", "API = "));
    let example = "https://api.example.com";
    assert_eq!(script.matches(example).count(), 1);
    let script = script.replace(example, api);
    format!("<!doctype html><title>Shop</title>{page}<script type=\"module\">{script}</script>")
}

/// Fails when one of the secrets can be read there.
fn assert_none_of(secrets: &Value, place: &str, text: &str) {
    for (name, secret) in secrets.as_object().unwrap() {
        let secret = secret.as_str().unwrap();
        assert!(secret.len() >= 20, "{name}: {secret}");
        assert!(!text.contains(secret), "{name} is in the {place}: {text}");
    }
}

#[tokio::test]
async fn a_click_in_a_browser_ends_signed_in_and_leaves_no_secret_behind() {
    let provider = oidc().await;
    let packages = packages(&["node", "npm", "chromium"]);
    let folder = tempfile::tempdir().unwrap();
    let (api_port, shop_port) = (free_port(), free_port());
    let api = format!("http://localhost:{api_port}");
    let shop = format!("http://localhost:{shop_port}");
    let mut flags = provider.flags().to_vec();
    flags.push(format!("--public-url={api}"));
    flags.push(format!("--frontend-urls={shop}"));
    flags.push("--demo=off".to_owned());
    let flags: Vec<_> = flags.iter().map(String::as_str).collect();
    let mut command = Process::command(folder.path(), &flags);
    command.env("RUST_LOG", "debug").stdout(Stdio::null());
    let process = Process::serve_at(folder.path(), command, api_port);

    let page = placed(folder.path(), "index.html", storefront(&api).as_bytes());
    let script = placed(&packages, "browser.mjs", BROWSER.as_bytes());
    let mut browser = Command::new("node");
    browser.args([&script, "chromium"]);
    browser.arg(folder.path().join("profile"));
    browser.args([&page, &shop_port.to_string(), "ann@gmail.com"]);
    let printed = run(&mut browser, ADVICE);
    let seen: Value = serde_json::from_str(&printed).unwrap();

    let after = &seen["after"];
    assert_eq!(after["who"], "Ann Lee", "{seen}");
    assert_eq!(after["address"], format!("{shop}/account"));
    assert_eq!(seen["errors"].as_array().unwrap().len(), 0, "{seen}");
    let trips = seen["trips"].as_array().unwrap();
    for stop in ["/auth/google/login", "/auth/google/callback", "/graphql"] {
        assert!(trips.contains(&format!("{api}{stop}").into()), "{trips:?}");
    }
    // What the page keeps is in memory and in a cookie that no script can read.
    for kept in [&after["local"], &after["session"]] {
        assert_eq!(kept.as_object().unwrap().len(), 0, "{kept}");
    }
    assert_eq!(
        (&after["cookies"], &after["state"]),
        (&"".into(), &Value::Null)
    );

    let secrets = &seen["secrets"];
    let mut names: Vec<_> = secrets.as_object().unwrap().keys().collect();
    names.retain(|name| !name.contains("wares"));
    assert_eq!(
        names,
        ["accessToken", "code", "providerCode", "state", "verifier"]
    );
    assert_eq!(secrets.as_object().unwrap().len(), 6, "{secrets}");
    for place in ["after", "history", "back", "again"] {
        assert_none_of(secrets, place, &seen[place].to_string());
    }
    let log = process.log();
    assert!(log.contains("/auth/google/callback"), "{log}");
    assert_none_of(secrets, "log", &log);
}
