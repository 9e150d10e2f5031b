//! Jobs of the previous release: `kind` is one of five fixed names, and the payload is in `subject`, `body`,
//! `recipient` and `nonce`. Servers of both releases work on one database during an upgrade. Delete this module, its
//! uses and the columns `body` and `recipient` in the release after the next.

use serde_json::{Value, json};

use super::Queue;
use super::entity::Model;

/// The names of the kinds that belong to a queue.
pub fn kinds_in(queue: Queue) -> impl Iterator<Item = &'static str> {
    let kinds = [
        ("LETTER", Queue::EMAILS),
        ("DELETE", Queue::IMAGES),
        ("RESIZE", Queue::IMAGES),
        ("FETCH", Queue::FETCHES),
        ("DEMO", Queue::FETCHES),
    ];
    let kinds = kinds.into_iter();
    kinds.filter_map(move |(kind, of)| (of == queue).then_some(kind))
}

/// Returns the current kind and payload of a job.
pub fn convert(row: &Model) -> (&str, String) {
    let is_of_user = row.subject.starts_with("users/") || row.subject.starts_with("user_");
    let body = || serde_json::from_str::<Value>(&row.body).unwrap_or_default();
    let (kind, payload) = match row.kind.as_str() {
        "LETTER" => (
            "email",
            json!({
                "to": row.recipient,
                "subject": row.subject,
                "body": row.body,
                "nonce": row.nonce,
            }),
        ),
        "DELETE" => {
            let upload = Some(&row.body).filter(|upload| !upload.is_empty());
            (
                "media.delete",
                json!({ "key": row.subject, "upload": upload }),
            )
        }
        "RESIZE" if is_of_user => (
            "avatar.resize",
            json!({ "key": row.subject, "header": body() }),
        ),
        "RESIZE" => (
            "product_image.resize",
            json!({ "key": row.subject, "header": body() }),
        ),
        "FETCH" if is_of_user => (
            "avatar.fetch",
            json!({ "user": row.subject, "url": row.body }),
        ),
        "FETCH" => (
            "product_image.fetch",
            json!({ "product": row.subject, "sources": body() }),
        ),
        "DEMO" => ("demo.draw_images", json!({})),
        current => return (current, row.payload.clone().unwrap_or_default()),
    };
    (kind, payload.to_string())
}
