//! Imports and uploads whose author loses permission while they run.

use std::time::Duration;

use axum::body::{Body, Bytes};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use wares::accounts::user::Role;
use wares::core::id::TypedId;

use crate::catalog::importing::many;
use crate::harness::picture::png;
use crate::harness::{App, Client, Form, on_both};

const IMPORT: &str = "mutation($file: Upload!, $all: Boolean, $dry: Boolean) {
    importProducts(file: $file, allOrNothing: $all, dryRun: $dry) {
        report { rows created failed stoppedAtLine errorCount errors { line message } } userErrors { code } } }";

/// The reason for losing permission.
#[derive(Clone, Copy, Debug)]
enum Loss {
    Disabled,
    Demoted,
    Deleted,
    SignedOut,
}

impl Loss {
    const ALL: [Self; 4] = [
        Self::Disabled,
        Self::Demoted,
        Self::Deleted,
        Self::SignedOut,
    ];

    async fn happen(self, chief: &Client, author: &Client, id: &Value) {
        let (name, input) = match self {
            Self::Disabled => ("updateUser", json!({"id": id, "disabled": true})),
            Self::Demoted => ("updateUser", json!({"id": id, "role": "CUSTOMER"})),
            Self::Deleted => ("deleteUser", json!({"id": id})),
            Self::SignedOut => {
                let query = "mutation { logoutAll { userErrors { code } } }";
                author.data(query, json!({})).await;
                return;
            }
        };
        chief.done(name, input, "").await;
    }

    const fn message(self) -> &'static str {
        match self {
            Self::Demoted => "no longer an admin",
            _ => "your session has ended",
        }
    }
}

/// Returns a body whose second half is sent after this many products were imported and the author lost
/// permission.
fn interrupted(body: &[u8], loss: Loss, imported: u64, people: (Client, Client, Value)) -> Body {
    let (first, rest) = body.split_at(body.len() / 2);
    let (first, rest) = (Bytes::copy_from_slice(first), Bytes::copy_from_slice(rest));
    let second = async move {
        let (chief, author, id) = people;
        loop {
            let data = chief.data("{ products { totalCount } }", json!({})).await;
            if data["products"]["totalCount"].as_u64() >= Some(imported) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        loss.happen(&chief, &author, &id).await;
        Ok::<_, std::io::Error>(rest)
    };
    let body = stream::iter([Ok(first)]).chain(stream::once(second));
    Body::from_stream(body)
}

/// Creates an admin, and a second one as the author. Returns both clients and the author's ID.
async fn people(app: &App, round: &str) -> (Client, Client, Value) {
    let chief = app.admin().await;
    let email = format!("author-{}@shop.example", round.to_lowercase());
    let author = app.signed_in(&email, Role::Admin).await;
    let data = author.data("{ me { id } }", json!({})).await;
    (chief, author, data["me"]["id"].clone())
}

#[tokio::test]
async fn an_import_stops_at_the_next_transaction_when_its_author_loses_access() {
    on_both(async |app| {
        for (round, loss) in Loss::ALL.into_iter().enumerate() {
            let people = people(app, &format!("{loss:?}")).await;
            let operations = json!({"query": IMPORT, "variables": {"file": null}});
            let file = many(3_000)
                .replace("T-", &format!("R{round}-"))
                .replace(",thing-", &format!(",r{round}-"));
            let form = Form::new(&operations, &json!({"0": ["variables.file"]}));
            let body = form.file("0", file.as_bytes()).end();
            let (before, author) = (app.count("products").await, people.1.clone());
            let imported = u64::try_from(before).unwrap() + 1_000;
            let answer = author
                .upload(interrupted(&body, loss, imported, people))
                .await;
            let report = &answer.json["data"]["importProducts"]["report"];
            assert_eq!(report["created"], 1_000, "{loss:?}: {}", answer.text);
            assert_eq!(
                (&report["stoppedAtLine"], &report["errorCount"]),
                (&json!(1_002), &json!(1))
            );
            let error = &report["errors"][0];
            assert_eq!(error["line"], 1_002);
            let message = error["message"].as_str().unwrap();
            assert!(message.contains(loss.message()), "{message}");
            assert_eq!(app.count("products").await, before + 1_000, "{loss:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_import_for_all_or_nothing_changes_nothing_when_its_author_loses_access() {
    on_both(async |app| {
        for loss in Loss::ALL {
            for (option, options) in [("all", json!({"all": true})), ("dry", json!({"dry": true}))]
            {
                let people = people(app, &format!("{loss:?}-{option}")).await;
                let mut variables = options.clone();
                variables["file"] = Value::Null;
                let operations = json!({"query": IMPORT, "variables": variables});
                let form = Form::new(&operations, &json!({"0": ["variables.file"]}));
                let body = form.file("0", many(1_500).as_bytes()).end();
                let author = people.1.clone();
                let answer = author.upload(interrupted(&body, loss, 0, people)).await;
                let report = &answer.json["data"]["importProducts"]["report"];
                assert_eq!(
                    (&report["created"], &report["stoppedAtLine"]),
                    (&json!(0), &json!(2)),
                    "{}",
                    answer.text
                );
                let message = report["errors"][0]["message"].as_str().unwrap();
                assert!(message.ends_with("Nothing was imported."), "{message}");
                assert_eq!(app.count("products").await, 0, "{loss:?} {options}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn an_upload_of_pictures_is_refused_when_its_author_loses_access_while_it_arrives() {
    on_both(async |app| {
        let pan = app.pan().await.id.encode();
        let query = "mutation($input: UploadProductImagesInput!) { uploadProductImages(input: $input) { images { id } } }";
        for loss in Loss::ALL {
            let people = people(app, &format!("{loss:?}")).await;
            let input = json!({"productId": pan, "files": [null]});
            let operations = json!({"query": query, "variables": {"input": input}});
            let form = Form::new(&operations, &json!({"0": ["variables.input.files.0"]}));
            let body = form.file("0", &png(90, 90)).end();
            let author = people.1.clone();
            let answer = author.upload(interrupted(&body, loss, 0, people)).await;
            let code = if matches!(loss, Loss::Demoted) { "FORBIDDEN" } else { "UNAUTHENTICATED" };
            assert_eq!(answer.code(), code, "{loss:?}: {}", answer.text);
            assert_eq!(app.count("product_images").await, 0);
        }
    })
    .await;
}
