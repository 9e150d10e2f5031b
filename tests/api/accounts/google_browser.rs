//! Signing in with Google in a true browser, from the page that the guide shows.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::harness::{Process, free_port, npm_packages, oidc, run, write_atomically};

const BROWSER: &str = include_str!("../../oidc/browser.mjs");
const ADVICE: &str =
    "The browser of the tests failed, which needs Chromium and Node.js 20 or later with npm.";

/// Lays out the pages of a storefront, as the guide shows them, for a shop whose API is there.
fn write_pages(folder: &Path, api: &str) {
    let guide = include_str!("../../../docs/storefront.md");
    let block = |kind: &str, what: &str| {
        let fence = format!("```{kind}\n");
        let blocks = guide.split(&fence).skip(1);
        let mut blocks = blocks.map(|part| part.split("```").next().unwrap());
        let found = blocks.find(|block| block.contains(what));
        found.unwrap_or_else(|| panic!("docs/storefront.md lacks {what}"))
    };
    let (html, script) = (block("html", "id=\"google\""), block("js", "API = "));
    let example = "https://api.example.com";
    assert_eq!(script.matches(example).count(), 1);
    let script = script.replace(example, api);
    let (tools, _) = script.split_once("document.querySelector").unwrap();
    let popup = block("js", "BroadcastChannel");
    let (behind, inside) = popup.split_once("// The page /sign-in").unwrap();
    let behind = format!("document.querySelector('button').onclick = () => {{\n{behind}\n}};");
    for (name, html, script) in [
        ("account", html, script.as_str()),
        ("popup", "<button>Sign in</button>", &behind),
        ("sign-in", "", &format!("{tools}// The page{inside}")),
    ] {
        let page = format!(
            "<!doctype html><title>Shop</title><body>{html}<script type=\"module\">{script}</script>"
        );
        write_atomically(folder, &format!("{name}.html"), page.as_bytes());
    }
}

/// Fails if one of the secrets occurs in the text.
fn assert_none_of(secrets: &Value, place: &str, text: &str) {
    for (name, secret) in secrets.as_object().unwrap() {
        let secret = secret.as_str().unwrap();
        assert!(secret.len() >= 20, "{name}: {secret}");
        assert!(!text.contains(secret), "{name} is in the {place}: {text}");
    }
}

#[tokio::test]
async fn browser_sign_in_leaves_no_secret_behind() {
    let provider = oidc().await;
    let npm_packages = npm_packages(&["node", "npm", "chromium"]);
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
    let process = Process::serve_on_port(folder.path(), command, api_port);

    write_pages(folder.path(), &api);
    let script = write_atomically(&npm_packages, "browser.mjs", BROWSER.as_bytes());
    let mut browser = Command::new("node");
    browser.args([&script, "chromium"]);
    browser
        .arg(folder.path().join("profile"))
        .arg(folder.path());
    browser.args([&shop_port.to_string(), "ann@gmail.com", &api]);
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
    // The page stores tokens in memory and in a cookie that scripts can't read.
    for kept in [&after["local"], &after["session"]] {
        assert_eq!(kept.as_object().unwrap().len(), 0, "{kept}");
    }
    assert_eq!(
        (&after["cookies"], &after["state"]),
        (&"".into(), &Value::Null)
    );

    assert_eq!(seen["signedInByPopup"]["user"]["name"], "Ann Lee", "{seen}");
    assert_eq!(seen["another"], true);

    let secrets = &seen["secrets"];
    let mut names: Vec<_> = secrets.as_object().unwrap().keys().collect();
    names.retain(|name| !name.contains("wares"));
    assert_eq!(
        names,
        ["accessToken", "code", "providerCode", "state", "verifier"]
    );
    assert_eq!(secrets.as_object().unwrap().len(), 7, "{secrets}");
    for place in ["after", "history", "back", "again"] {
        assert_none_of(secrets, place, &seen[place].to_string());
    }
    let log = process.log();
    assert!(log.contains("/auth/google/callback"), "{log}");
    assert_none_of(secrets, "log", &log);
}
