//! Avatars downloaded from Google at sign-in.

use serde_json::{Value, json};
use wares::infra::oidc::Claims;
use wares::platform::jobs::Queue;

use crate::harness::google_claims::{claims, client_of, sign_in};
use crate::harness::sample_image::png;
use crate::harness::{App, Client, WebServer, on_both_databases, on_both_databases_with};

/// Signs in with an avatar at this URL. Returns the client.
async fn sign_in_with_avatar(app: &App, subject: &str, url: &str) -> Client {
    let claims = Claims {
        picture: Some(url.to_owned()),
        ..claims(subject, &format!("ann{subject}@gmail.com"))
    };
    client_of(app, &sign_in(app, claims).await)
}

#[tokio::test]
async fn avatar_of_a_new_user_is_downloaded() {
    on_both_databases_with(&["--fetch-private-addresses=on"], async |app| {
        let web = WebServer::start("127.0.0.1").await;
        web.respond_with_file("/ann.png", &png(40, 30));
        web.respond_with("/none", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
        let width = async |client: &Client| {
            let data = client.data("{ me { avatar { width } } }", json!({})).await;
            data["me"]["avatar"]["width"].clone()
        };
        let ann = sign_in_with_avatar(app, "1", &web.url("/ann.png")).await;
        let none = sign_in_with_avatar(app, "2", &web.url("/none")).await;
        assert_eq!(width(&ann).await, Value::Null);
        // Deleted before the download.
        let gone = sign_in_with_avatar(app, "3", &web.url("/ann.png")).await;
        gone.run_mutation("deleteMe", json!({}), "").await;
        app.run_due_jobs(Queue::FETCHES).await;
        assert_eq!(width(&ann).await, 40);
        assert_eq!(width(&none).await, Value::Null);
        assert_eq!(web.connection_count(), 2);
        app.run_all_image_jobs().await;
        assert_eq!(
            (
                app.original_image_keys().len(),
                app.count_image_jobs().await
            ),
            (1, 0)
        );
        // A known user keeps the present avatar.
        sign_in_with_avatar(app, "1", &web.url("/other.png")).await;
        assert_eq!(app.count_image_jobs().await, 0);
        // An invalid URL queues no job.
        sign_in_with_avatar(app, "4", "javascript:alert(1)").await;
        assert_eq!(app.count_image_jobs().await, 0);
    })
    .await;
}

#[tokio::test]
async fn avatar_is_not_downloaded_from_private_addresses() {
    on_both_databases(async |app| {
        let web = WebServer::start("127.0.0.1").await;
        web.respond_with_file("/ann.png", &png(40, 30));
        sign_in_with_avatar(app, "1", &web.url("/ann.png")).await;
        app.run_due_jobs(Queue::FETCHES).await;
        assert_eq!(web.connection_count(), 0);
        app.assert_no_image().await;
    })
    .await;
}
