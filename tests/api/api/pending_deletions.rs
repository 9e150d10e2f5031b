//! Deletion of stored images whose transaction has an unknown outcome.

use std::time::Duration;

use axum::body::Bytes;
use futures_util::stream;
use wares::catalog::product_image::service::ProductImages;
use wares::platform::jobs::Queue;
use wares::platform::media::service::{Stored, store};

use crate::harness::sample_image::jpeg;
use crate::harness::{App, on_both_databases};

async fn stored(app: &App) -> Stored {
    let file = Bytes::from(jpeg(60, 40));
    let source = stream::iter([Ok(file)]);
    let stored = Box::pin(store(&app.state, "users/nobody", "file", source));
    stored.await.unwrap()
}

async fn exists(app: &App, key: &str) -> bool {
    app.state.storage.head(key).await.unwrap().is_some()
}

/// Waits for background work and runs the due tasks.
async fn run_due_jobs_later(app: &App) {
    tokio::time::sleep(Duration::from_millis(300)).await;
    app.run_due_jobs(Queue::IMAGES).await;
    app.advance(Duration::from_hours(2));
    app.run_due_jobs(Queue::IMAGES).await;
}

#[tokio::test]
async fn an_image_stays_when_its_row_was_committed_and_the_response_lost() {
    on_both_databases(async |app| {
        let stored = stored(app).await;
        let key = stored.key.clone();
        let transaction = app.state.db.begin().await.unwrap();
        let now = app.state.clock.now();
        stored
            .keep::<ProductImages>(&transaction, now)
            .await
            .unwrap();
        transaction.commit_without_records().await.unwrap();
        // As if the connection broke before the result of the commit arrived.
        drop(stored);
        run_due_jobs_later(app).await;
        assert!(exists(app, &key).await);
    })
    .await;
}

#[tokio::test]
async fn an_image_is_removed_when_its_row_is_not_committed() {
    on_both_databases(async |app| {
        let stored = stored(app).await;
        let key = stored.key.clone();
        assert!(exists(app, &key).await);
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
        run_due_jobs_later(app).await;
        assert!(!exists(app, &key).await);
        assert_eq!(app.count("outbox").await, 0);
    })
    .await;
}
