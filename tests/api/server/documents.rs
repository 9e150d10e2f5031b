//! The command blocks of the README and the guides, run as they are written, in order, in one shell.

use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::harness::sample_image::jpeg;
use crate::harness::{Backend, Process, database_flag, fresh_database, http_post};

const README: &str = include_str!("../../../README.md");
const TUTORIAL: &str = include_str!("../../../docs/tutorial.md");
const STOREFRONT: &str = include_str!("../../../docs/storefront.md");
const SEARCH: &str = include_str!("../../../docs/search.md");
const MOBILE: &str = include_str!("../../../docs/mobile.md");
const ADMIN: &str = include_str!("../../../docs/admin.md");
const OPERATOR: &str = include_str!("../../../docs/operator.md");
const CLUSTER: &str = include_str!("../../../docs/cluster.md");

/// The beginnings of blocks that are not run here, each with the reason.
const NOT_RUN: [(&str, &str); 10] = [
    ("cargo run\n", "the test has started the server"),
    ("cargo test\n", "this is one of the tests"),
    ("cargo build ", "takes minutes"),
    ("sudo ", "changes the system"),
    ("umask ", "names hosts that do not exist"),
    ("wares migrate up\n", "needs these hosts"),
    ("WARES_LISTEN=", "starts another server"),
    ("docker ", "needs Docker"),
    ("kubectl ", "needs Kubernetes"),
    ("export GOOGLE_", "needs a client at Google"),
];
/// The address in the documents.
const ADDRESS: &str = "127.0.0.1:8000";

/// Returns the blocks of a document in this language.
fn blocks<'a>(document: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    let parts = document.split(&fence).skip(1);
    parts
        .map(|part| part.split("```").next().unwrap())
        .collect()
}

/// Returns the commands of the README that start the storefront. The test `storefront` runs them.
pub fn storefront_block() -> &'static str {
    let blocks = blocks(README, "sh");
    let block = blocks.iter().find(|block| block.contains("npm run dev"));
    block.expect("the README starts the storefront")
}

#[tokio::test]
async fn the_commands_of_readme_and_guides_work_as_written() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("photo.jpg"), jpeg(80, 60)).unwrap();
        let flag = database_flag(&fresh_database(backend, folder.path()).await);
        let server = Process::serve(folder.path(), &[&flag]);
        run_blocks(folder.path(), &server.address, &flag);
        for document in [README, STOREFRONT] {
            for query in blocks(document, "graphql") {
                let body = json!({"query": query}).to_string();
                let response = http_post(&server.address, &body);
                assert!(response.contains("{\"data\":{\""), "{query}: {response}");
            }
        }
    }
}

/// Runs the blocks in one shell and checks that each had its effect.
fn run_blocks(folder: &Path, address: &str, database: &str) {
    // `cargo run -- COMMAND` is the program that was built.
    let mut script = "set -eu\n\
        cargo() { while [ \"$1\" != -- ]; do shift; done; shift; \"$WARES\" \"$@\"; }\n"
        .to_owned();
    let documents = [
        README, TUTORIAL, STOREFRONT, SEARCH, MOBILE, ADMIN, OPERATOR, CLUSTER,
    ];
    let all = documents.map(|document| blocks(document, "sh")).concat();
    for (begin, reason) in NOT_RUN {
        let is_used = all.iter().any(|block| block.starts_with(begin));
        assert!(is_used, "no block begins with {begin:?} ({reason})");
    }
    let blocks: Vec<_> = all
        .into_iter()
        .filter(|block| !NOT_RUN.iter().any(|(begin, _)| block.starts_with(begin)))
        .filter(|block| *block != storefront_block())
        .collect();
    for block in &blocks {
        if block.contains("data/mail") {
            // A reader is slower than the worker that writes the email.
            script.push_str("until ls data/mail/*.eml; do sleep 0.1; done > /dev/null 2>&1\n");
        }
        writeln!(
            script,
            "echo '== block'\n{}",
            block.replace(ADDRESS, address)
        )
        .unwrap();
    }
    assert!(blocks.len() >= 24, "{blocks:?}");
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(folder)
        .stdin(Stdio::null())
        .env("WARES", env!("CARGO_BIN_EXE_wares"))
        .env(
            "DATABASE_URL",
            database.trim_start_matches("--database-url="),
        )
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}\n{errors}");
    let responses: Vec<_> = text.split("== block\n").skip(1).collect();
    assert_eq!(responses.len(), blocks.len(), "{text}\n{errors}");
    for (block, response) in blocks.iter().zip(&responses) {
        // Only the first request of a persisted query fails.
        let expected = usize::from(block.contains("sha256Hash"));
        let failures = response.matches("\"code\":\"").count();
        assert_eq!(failures, expected, "{block}\n{response}\n{errors}");
    }

    let documented = README.split("```json\n").nth(1).unwrap();
    let documented = documented.split("\n```").next().unwrap();
    assert_eq!(responses[0], documented);
    for effect in [
        "Pots & Pans",
        "ann@example.com",
        "boss@example.com",
        "\"width\":80",
        "\"version\":2",
        "\"stock\":10",
        "\"amount\":\"4.68\"",
        "\"action\":\"updateProducts\"",
        "\"number\":1001,\"status\":\"CONFIRMED\",\"paymentStatus\":\"PAID\"",
        "Subject: Your order 1001 at Wares",
        "\"fulfillmentStatus\":\"PARTIAL\",\"lines\":[{\"name\":\"Enamel Jug\",\"fulfilled\":1,\"open\":1}]",
        "\"fulfillments\":[{\"trackingNumber\":\"00340434161094015902\",\"lines\":[{\"quantity\":1}]}]",
        "\"reason\":\"Out of production\"",
        "\"productId\":\"prod_",
        "\"report\":{\"rows\":1,\"created\":1,",
        "\"completeImageUpload\":{\"image\":{\"id\":\"img_",
        "\"name\":\"Ann Lee\"",
        "PERSISTED_QUERY_NOT_FOUND",
        "boss@example.com had an account and is an admin now",
        "Nothing was changed (dry run). 1 rows: 1 products created",
        "3 rows: 1 products created, 0 updated, 0 unchanged, 0 failed",
        "2 rows: 2 synonyms created, 0 unchanged, 0 deleted",
    ] {
        assert!(text.contains(effect), "no {effect} in {text}\n{errors}");
    }
    // The repeated request is executed once.
    assert_eq!(text.matches("\"stock\":15").count(), 2, "{text}");
    let exported = std::fs::read_to_string(folder.join("products.csv")).unwrap();
    assert!(exported.contains("White Tea,7.40,TEA-3"), "{exported}");
    assert!(exported.contains("Enamel mug,14.50,MUG-1"), "{exported}");
}
