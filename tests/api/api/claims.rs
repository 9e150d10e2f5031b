//! Deletion of stored images whose transaction has an unknown outcome.

use std::time::Duration;

use axum::body::Bytes;
use futures_util::stream;
use wares::catalog::product_image::service::ProductImages;
use wares::platform::jobs::Queue;
use wares::platform::media::service::{Stored, store};

use crate::harness::picture::jpeg;
use crate::harness::{App, on_both};

async fn stored(app: &App) -> Stored {
    let file = Bytes::from(jpeg(60, 40));
    let source = stream::iter([Ok(file)]);
    let stored = Box::pin(store(&app.state, "users/nobody", "file", source));
    stored.await.unwrap()
}

async fn is_there(app: &App, key: &str) -> bool {
    app.state.storage.head(key).await.unwrap().is_some()
}

/// Waits for background work and runs the due tasks.
async fn settle(app: &App) {
    tokio::time::sleep(Duration::from_millis(300)).await;
    app.do_due(Queue::IMAGES).await;
    app.advance(Duration::from_hours(2));
    app.do_due(Queue::IMAGES).await;
}

#[tokio::test]
async fn a_picture_whose_row_is_stored_stays_though_nobody_has_heard_of_it() {
    on_both(async |app| {
        let stored = stored(app).await;
        let key = stored.key.clone();
        let transaction = app.state.db.begin().await.unwrap();
        let now = app.state.clock.now();
        stored
            .keep::<ProductImages>(&transaction, now)
            .await
            .unwrap();
        transaction.commit_unmarked().await.unwrap();
        // As if the connection broke before the result of the commit arrived.
        drop(stored);
        settle(app).await;
        assert!(is_there(app, &key).await);
    })
    .await;
}

#[tokio::test]
async fn a_picture_is_removed_when_its_row_is_not_stored() {
    on_both(async |app| {
        let stored = stored(app).await;
        let key = stored.key.clone();
        assert!(is_there(app, &key).await);
        let transaction = app.state.db.begin().await.unwrap();
        let now = app.state.clock.now();
        stored
            .keep::<ProductImages>(&transaction, now)
            .await
            .unwrap();
        // While that is not committed, it may still be.
        drop(stored);
        tokio::time::sleep(Duration::from_millis(100)).await;
        drop(transaction);
        settle(app).await;
        assert!(!is_there(app, &key).await);
        assert_eq!(app.count("outbox").await, 0);
    })
    .await;
}
