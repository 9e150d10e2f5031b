//! A disk that becomes full, and then has space again.

use std::os::unix::process::CommandExt;
use std::process::Command;

use serde_json::{Value, json};
use wares::accounts::user::Role;

use crate::harness::picture;
use crate::harness::store::images;
use crate::harness::{App, Backend, Process, ask_as, database_flag, http_get};

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
    ask_as(&server.address, token, &json!({ "query": query })).unwrap()
}

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"]
        .as_str()
        .unwrap_or("")
}

#[tokio::test(flavor = "multi_thread")]
async fn without_room_on_the_disk_what_is_there_is_read_and_nothing_is_broken() {
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
    let server = Process::serve_by(folder.path(), command);
    let token = server.sign_in(ADMIN);
    let make = "mutation { createCategory(input: {name: \"Sale\"}) { category { id } } }";
    let lists = "{ products { totalCount } categories { totalCount } }";
    let upload = images(&pan, &[&picture::png(8, 8)], &Value::Null).end();

    for _ in 0..3 {
        limit(&server, "0");
        for _ in 0..3 {
            assert_eq!(code(&send(&server, &token, make)), "SERVICE_UNAVAILABLE");
            let answer = server.upload(&token, &upload);
            assert!(answer.contains("SERVICE_UNAVAILABLE"), "{answer}");
            let answer = send(&server, &token, lists);
            assert_eq!(answer["data"]["products"]["totalCount"], 1, "{answer}");
        }
        limit(&server, "unlimited");
        let answer = send(&server, &token, make);
        assert!(
            answer["data"]["createCategory"]["category"]["id"].is_string(),
            "{answer}"
        );
        assert!(http_get(&server.address, "/health/ready").starts_with("HTTP/1.1 200"));
    }
    let answer = server.upload(&token, &upload);
    assert!(answer.contains("\"userErrors\":[]"), "{answer}");
    let answer = send(&server, &token, lists);
    assert_eq!(app.count("categories").await, 4);
    assert_eq!(answer["data"]["categories"]["totalCount"], 4, "{answer}");
    assert_eq!(app.count("product_images").await, 1);
    let sound = "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'";
    assert_eq!(app.sql_number(sound).await, 1);
    app.stop().await;
}
