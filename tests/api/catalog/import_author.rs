//! Imports and uploads whose author loses permission while they run.

use std::time::Duration;

use axum::body::{Body, Bytes};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use wares::accounts::user::Role;
use wares::core::id::TypedId;

use crate::harness::csv_files::many;
use crate::harness::sample_image::png;
use crate::harness::{App, Client, Form, on_both_databases};

const IMPORT: &str = "mutation($file: Upload!, $all: Boolean, $dry: Boolean) {
    importProducts(file: $file, allOrNothing: $all, dryRun: $dry) {
        report { rows created failed stoppedAtLine errorCount errors { line message } } userErrors { code } } }";

/// The reason for losing permission.
#[derive(Clone, Copy, Debug)]
enum PermissionLoss {
    Disabled,
    Demoted,
    Deleted,
    SignedOut,
}

impl PermissionLoss {
    const ALL: [Self; 4] = [
        Self::Disabled,
        Self::Demoted,
        Self::Deleted,
        Self::SignedOut,
    ];

    async fn apply(self, other_admin: &Client, author: &Client, id: &Value) {
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
        other_admin.run_mutation(name, input, "").await;
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
fn body_interrupted_by(
    body: &[u8],
    permission_loss: PermissionLoss,
    imported: u64,
    admins_and_id: (Client, Client, Value),
) -> Body {
    let (first, rest) = body.split_at(body.len() / 2);
    let (first, rest) = (Bytes::copy_from_slice(first), Bytes::copy_from_slice(rest));
    let second = async move {
        let (other_admin, author, id) = admins_and_id;
        loop {
            let data = other_admin
                .data("{ products { totalCount } }", json!({}))
                .await;
            if data["products"]["totalCount"].as_u64() >= Some(imported) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        permission_loss.apply(&other_admin, &author, &id).await;
        Ok::<_, std::io::Error>(rest)
    };
    let body = stream::iter([Ok(first)]).chain(stream::once(second));
    Body::from_stream(body)
}

/// Creates an admin, and a second one as the author. Returns both clients and the author's ID.
async fn admins_and_id(app: &App, round: &str) -> (Client, Client, Value) {
    let other_admin = app.admin().await;
    let email = format!("author-{}@shop.example", round.to_lowercase());
    let author = app.signed_in(&email, Role::Admin).await;
    let data = author.data("{ me { id } }", json!({})).await;
    (other_admin, author, data["me"]["id"].clone())
}

#[tokio::test]
async fn an_import_stops_at_the_next_transaction_when_its_author_loses_access() {
    on_both_databases(async |app| {
        for (round, permission_loss) in PermissionLoss::ALL.into_iter().enumerate() {
            let admins_and_id = admins_and_id(app, &format!("{permission_loss:?}")).await;
            let operations = json!({"query": IMPORT, "variables": {"file": null}});
            let file = many(3_000)
                .replace("T-", &format!("R{round}-"))
                .replace(",thing-", &format!(",r{round}-"));
            let form = Form::new(&operations, &json!({"0": ["variables.file"]}));
            let body = form.file("0", file.as_bytes()).end();
            let (before, author) = (app.count("products").await, admins_and_id.1.clone());
            let imported = u64::try_from(before).unwrap() + 1_000;
            let response = author
                .upload(body_interrupted_by(
                    &body,
                    permission_loss,
                    imported,
                    admins_and_id,
                ))
                .await;
            let report = &response.json["data"]["importProducts"]["report"];
            assert_eq!(
                report["created"], 1_000,
                "{permission_loss:?}: {}",
                response.text
            );
            assert_eq!(
                (&report["stoppedAtLine"], &report["errorCount"]),
                (&json!(1_002), &json!(1))
            );
            let error = &report["errors"][0];
            assert_eq!(error["line"], 1_002);
            let message = error["message"].as_str().unwrap();
            assert!(message.contains(permission_loss.message()), "{message}");
            assert_eq!(
                app.count("products").await,
                before + 1_000,
                "{permission_loss:?}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn an_import_for_all_or_nothing_changes_nothing_when_its_author_loses_access() {
    on_both_databases(async |app| {
        for permission_loss in PermissionLoss::ALL {
            for (option, options) in [("all", json!({"all": true})), ("dry", json!({"dry": true}))]
            {
                let admins_and_id =
                    admins_and_id(app, &format!("{permission_loss:?}-{option}")).await;
                let mut variables = options.clone();
                variables["file"] = Value::Null;
                let operations = json!({"query": IMPORT, "variables": variables});
                let form = Form::new(&operations, &json!({"0": ["variables.file"]}));
                let body = form.file("0", many(1_500).as_bytes()).end();
                let author = admins_and_id.1.clone();
                let response = author
                    .upload(body_interrupted_by(
                        &body,
                        permission_loss,
                        0,
                        admins_and_id,
                    ))
                    .await;
                let report = &response.json["data"]["importProducts"]["report"];
                assert_eq!(
                    (&report["created"], &report["stoppedAtLine"]),
                    (&json!(0), &json!(2)),
                    "{}",
                    response.text
                );
                let message = report["errors"][0]["message"].as_str().unwrap();
                assert!(message.ends_with("Nothing was imported."), "{message}");
                assert_eq!(
                    app.count("products").await,
                    0,
                    "{permission_loss:?} {options}"
                );
            }
        }
    })
    .await;
}

#[tokio::test]
async fn an_image_upload_is_refused_when_its_author_loses_access_during_it() {
    on_both_databases(async |app| {
        let pan = app.pan().await.id.encode();
        let query = "mutation($input: UploadProductImagesInput!) { uploadProductImages(input: $input) { images { id } } }";
        for permission_loss in PermissionLoss::ALL {
            let admins_and_id = admins_and_id(app, &format!("{permission_loss:?}")).await;
            let input = json!({"productId": pan, "files": [null]});
            let operations = json!({"query": query, "variables": {"input": input}});
            let form = Form::new(&operations, &json!({"0": ["variables.input.files.0"]}));
            let body = form.file("0", &png(90, 90)).end();
            let author = admins_and_id.1.clone();
            let response = author.upload(body_interrupted_by(&body, permission_loss, 0, admins_and_id)).await;
            let code = if matches!(permission_loss, PermissionLoss::Demoted) { "FORBIDDEN" } else { "UNAUTHENTICATED" };
            assert_eq!(response.code(), code, "{permission_loss:?}: {}", response.text);
            assert_eq!(app.count("product_images").await, 0);
        }
    })
    .await;
}
