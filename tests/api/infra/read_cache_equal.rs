//! The read cache: equal requests share one execution.

use std::sync::Arc;

use axum::body::Bytes;
use wares::infra::cache::{CacheKey, CacheLookup, CachedResponse, EqualRequest, PendingEntry};
use wares::infra::database::{ChangedParts, Dependencies};

use crate::harness::cached_responses::open;
use crate::harness::{App, on_both_databases};

fn key(bytes: &'static [u8]) -> CacheKey {
    CacheKey {
        kind: 0,
        bytes: Bytes::from_static(bytes),
    }
}

/// Looks up a request until the cache is enabled, which it is not while the machine is too busy to renew its lease.
async fn find(app: &App, key: &CacheKey) -> CacheLookup {
    loop {
        match app.state.read_cache.find(key) {
            CacheLookup::Disabled => tokio::task::yield_now().await,
            lookup => return lookup,
        }
    }
}

async fn pending(app: &App, key: &CacheKey) -> PendingEntry {
    match find(app, key).await {
        CacheLookup::PendingEntry(pending) => pending,
        other => panic!("{other:?}"),
    }
}

async fn equal(app: &App, key: &CacheKey) -> EqualRequest {
    match find(app, key).await {
        CacheLookup::EqualRequest(equal) => equal,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn equal_requests_get_the_response_of_the_first() {
    on_both_databases(async |app| {
        open(app).await;
        let response = Arc::new(CachedResponse::new(Bytes::from_static(b"{}")));
        let shared = key(b"shared");
        let first = pending(app, &shared).await;
        let (second, third) = (equal(app, &shared).await, equal(app, &shared).await);
        let (second, third, ()) = tokio::join!(second.response(), third.response(), async {
            app.state
                .read_cache
                .store(first, &response, Dependencies::lists(true), None);
        });
        for published in [second, third] {
            assert!(Arc::ptr_eq(&published.unwrap(), &response));
        }

        // A response that may not be shared, or a client that is gone: the others execute their requests.
        let private = key(b"private");
        let first = pending(app, &private).await;
        let second = equal(app, &private).await;
        drop(first);
        assert!(second.response().await.is_none());
        drop(pending(app, &private).await);
        drop(pending(app, &private).await);
    })
    .await;
}

#[tokio::test]
async fn a_request_after_a_change_does_not_wait_for_one_before_it() {
    on_both_databases(async |app| {
        open(app).await;
        let request = key(b"request");
        let before = pending(app, &request).await;
        app.state.db.changes().note(&ChangedParts::all());
        let after = pending(app, &request).await;
        let response = Arc::new(CachedResponse::new(Bytes::from_static(b"{}")));
        let waiting = equal(app, &request).await;
        app.state
            .read_cache
            .store(before, &response, Dependencies::lists(true), None);
        drop(after);
        assert!(waiting.response().await.is_none());
    })
    .await;
}
