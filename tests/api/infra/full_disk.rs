//! A disk that becomes full, and then has space again.

use std::os::unix::process::CommandExt;
use std::process::Command;

use serde_json::{Value, json};
use wares::accounts::user::Role;

use crate::harness::sample_image;
use crate::harness::store::images;
use crate::harness::{App, Backend, Process, database_flag, http_get, post_with_token};

const ADMIN: &str = "admin@example.com";

/// Limits the size of the files that a process writes.
fn limit(server: &Process, bytes: &str) {
    let limit = format!("--fsize={bytes}:unlimited");
    let pid = server.id().to_string();
    let done = Command::new("prlimit")
        .args(["--pid", &pid, &limit])
        .status();
    assert!(done.unwrap().success());
}

fn send(server: &Process, token: &str, query: &str) -> Value {
    post_with_token(&server.address, token, &json!({ "query": query })).unwrap()
}

fn code(response: &Value) -> &str {
    response["errors"][0]["extensions"]["code"]
        .as_str()
        .unwrap_or("")
}

#[tokio::test(flavor = "multi_thread")]
async fn full_disk_allows_reads_and_loses_no_data() {
    let app = App::start(Backend::Sqlite, &[]).await;
    app.user(ADMIN, Role::Admin).await;
    let home = app.shop().root("home", 0).await;
    let pan = app.shop().product("pan", &home, |_| ()).await;
    let pan = wares::core::id::TypedId::encode(pan.id);
    let folder = tempfile::tempdir().unwrap();
    let flag = database_flag(&app.address);
    // Otherwise the signal ends a process that exceeds the limit.
    let mut command = Command::new("sh");
    let wares = env!("CARGO_BIN_EXE_wares");
    command
        .args([
            "-c",
            "trap '' XFSZ; exec \"$0\" \"$@\"",
            wares,
            &flag,
            "--demo=off",
        ])
        .current_dir(folder.path())
        .env_clear()
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .process_group(0);
    let server = Process::serve_command(folder.path(), command);
    let token = server.sign_in(ADMIN);
    let make = "mutation { createCategory(input: {name: \"Sale\"}) { category { id } } }";
    let lists = "{ products { totalCount } categories { totalCount } }";
    let upload = images(&pan, &[&sample_image::png(8, 8)], &Value::Null).end();

    for _ in 0..3 {
        limit(&server, "0");
        for _ in 0..3 {
            assert_eq!(code(&send(&server, &token, make)), "SERVICE_UNAVAILABLE");
            let response = server.upload(&token, &upload);
            assert!(response.contains("SERVICE_UNAVAILABLE"), "{response}");
            let response = send(&server, &token, lists);
            assert_eq!(response["data"]["products"]["totalCount"], 1, "{response}");
        }
        limit(&server, "unlimited");
        let response = send(&server, &token, make);
        assert!(
            response["data"]["createCategory"]["category"]["id"].is_string(),
            "{response}"
        );
        assert!(http_get(&server.address, "/health/ready").starts_with("HTTP/1.1 200"));
    }
    let response = server.upload(&token, &upload);
    assert!(response.contains("\"userErrors\":[]"), "{response}");
    let response = send(&server, &token, lists);
    assert_eq!(app.count("categories").await, 4);
    assert_eq!(
        response["data"]["categories"]["totalCount"], 4,
        "{response}"
    );
    assert_eq!(app.count("product_images").await, 1);
    let sound = "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'";
    assert_eq!(app.sql_number(sound).await, 1);
    app.stop().await;
}
