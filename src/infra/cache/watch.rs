//! Watches for what other processes do to the catalogue, and gives the lease for as long as that works.

use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout, timeout_at};

use super::ReadCache;
use crate::infra::database::{Database, Watch};

/// How often the database is asked.
const ROUND: Duration = Duration::from_millis(250);
/// How long it may take to answer.
const PATIENCE: Duration = Duration::from_millis(600);
/// How long to wait before it is tried again when nothing works.
const PAUSES: [Duration; 4] = [
    Duration::from_millis(100),
    Duration::from_millis(500),
    Duration::from_secs(2),
    Duration::from_secs(5),
];

/// Watches without end.
pub async fn run(cache: ReadCache, db: Database) {
    if !cache.is_on() {
        return;
    }
    let mut failures = 0;
    loop {
        let error = match db.watch().await {
            Ok(watch) => {
                if failures > 0 {
                    tracing::info!("answers are kept in memory again");
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
                "changes by other processes can't be seen: no answer is taken from memory"
            );
        }
        sleep(PAUSES[failures.min(PAUSES.len() - 1)]).await;
        failures += 1;
    }
}

/// Watches by one connection, until it breaks.
async fn follow(cache: &ReadCache, db: &Database, mut watch: Watch) -> anyhow::Error {
    // Nobody knows what was done while nobody watched.
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
