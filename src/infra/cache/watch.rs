//! Watches for changes of the catalogue by other processes, and renews the lease while that works.

use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout, timeout_at};

use super::ReadCache;
use crate::infra::database::{Database, Watch};

/// The interval between checks with the database.
const ROUND: Duration = Duration::from_millis(250);
/// The timeout of a check.
const PATIENCE: Duration = Duration::from_millis(600);
/// Delays before the next attempts after failures.
const PAUSES: [Duration; 4] = [
    Duration::from_millis(100),
    Duration::from_millis(500),
    Duration::from_secs(2),
    Duration::from_secs(5),
];

/// Watches until the task is cancelled.
pub async fn run(cache: ReadCache, db: Database) {
    if !cache.is_on() {
        return;
    }
    let mut failures = 0;
    loop {
        let error = match db.watch().await {
            Ok(watch) => {
                if failures > 0 {
                    tracing::info!("read cache enabled again");
                }
                failures = 0;
                follow(&cache, &db, watch).await
            }
            Err(error) => error,
        };
        cache.lease().end();
        if failures == 0 {
            tracing::warn!(
                error = format!("{error:#}"),
                "read cache disabled: can't watch for changes by other processes"
            );
        }
        sleep(PAUSES[failures.min(PAUSES.len() - 1)]).await;
        failures += 1;
    }
}

/// Watches over one connection until it fails. Returns the error.
async fn follow(cache: &ReadCache, db: &Database, mut watch: Watch) -> anyhow::Error {
    // Changes may have been missed while there was no connection.
    db.changes().note();
    loop {
        if let Err(error) = round(cache, db, &mut watch).await {
            return error;
        }
    }
}

async fn round(cache: &ReadCache, db: &Database, watch: &mut Watch) -> anyhow::Result<()> {
    let asked = Instant::now();
    if timeout(PATIENCE, watch.catch_up()).await?? {
        db.changes().note();
    }
    cache.lease().give(asked);
    let next = asked + ROUND;
    while let Ok(told) = timeout_at(next.into(), watch.told()).await {
        told?;
        db.changes().note();
    }
    Ok(())
}
