//! Watches for changes of the catalog by other processes, and renews the lease while that works. Tells the database
//! whether its primary responds.

use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::time::{sleep, sleep_until, timeout, timeout_at};

use super::ReadCache;
use crate::infra::database::{ChangeWatcher, ChangedParts, Database};

/// The interval between checks with the database.
const CHECK_INTERVAL: Duration = Duration::from_millis(250);
/// The same while nothing asks for cached responses.
const QUIET_CHECK_INTERVAL: Duration = Duration::from_secs(2);
/// The timeout of a check.
const CHECK_TIMEOUT: Duration = Duration::from_millis(600);
/// The timeout of a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(1_500);
/// Delays before the next attempts after failures.
const RETRY_DELAYS: [Duration; 4] = [
    Duration::from_millis(100),
    Duration::from_millis(250),
    Duration::from_millis(250),
    Duration::from_millis(500),
];

/// Watches until the task is cancelled.
pub async fn run(cache: ReadCache, db: Database) {
    if !cache.is_on() && !db.is_observed() {
        return;
    }
    let mut failures = 0;
    loop {
        let connecting_at = Instant::now();
        let connected = timeout(CONNECT_TIMEOUT, db.watch()).await;
        let connected = connected.context("it did not respond in time");
        let error = match connected.flatten() {
            Ok(watch) => {
                db.note_response(connecting_at);
                if failures > 0 {
                    tracing::info!("read cache enabled again");
                }
                failures = 0;
                watch_until_error(&cache, &db, watch).await
            }
            Err(error) => error,
        };
        cache.lease().lose();
        db.note_no_response(&error);
        if failures == 0 {
            tracing::warn!(
                error = format!("{error:#}"),
                "read cache disabled: can't watch for changes by other processes"
            );
        }
        sleep(RETRY_DELAYS[failures.min(RETRY_DELAYS.len() - 1)]).await;
        failures += 1;
    }
}

/// Watches over one connection until it fails. Returns the error.
async fn watch_until_error(
    cache: &ReadCache,
    db: &Database,
    mut watch: ChangeWatcher,
) -> anyhow::Error {
    // Changes may have been missed while there was no connection.
    db.changes().note(&ChangedParts::all());
    loop {
        if let Err(error) = check_once(cache, db, &mut watch).await {
            return error;
        }
    }
}

async fn check_once(
    cache: &ReadCache,
    db: &Database,
    watch: &mut ChangeWatcher,
) -> anyhow::Result<()> {
    let checked_at = Instant::now();
    timeout(CHECK_TIMEOUT, watch.check()).await??;
    cache.lease().renew(checked_at);
    db.note_response(checked_at);
    let is_quiet = cache.lease().is_quiet();
    let interval = if is_quiet {
        QUIET_CHECK_INTERVAL
    } else {
        CHECK_INTERVAL
    };
    let next = (checked_at + interval).into();
    if is_quiet {
        // Whether the lease is used or the time is over, the next check follows.
        _ = timeout_at(next, cache.lease().wanted()).await;
    } else {
        sleep_until(next).await;
    }
    Ok(())
}
