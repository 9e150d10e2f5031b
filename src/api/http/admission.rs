//! The permit of a request, which it gives back while it waits for the database.

use std::time::Duration;

use rand::RngExt;
use tokio::time::{Instant, sleep, timeout_at};

use crate::core::client_info::ClientKey;
use crate::core::error::Result;
use crate::infra::concurrency_limit::{ConcurrencyLimit, Permit};
use crate::infra::database::Database;

/// The first and the maximum delay before a request is executed again. It doubles each time.
const RETRY_DELAYS: [Duration; 2] = [Duration::from_millis(25), Duration::from_millis(500)];
/// The part of the request timeout that is left for the response.
const MARGIN: Duration = Duration::from_millis(100);

/// The admission of a request to be executed, until its deadline.
#[derive(Debug)]
pub struct Admission {
    limit: ConcurrencyLimit,
    client: ClientKey,
    deadline: Instant,
    permit: Option<Permit>,
    delay: Duration,
}

impl Admission {
    /// Waits for a permit.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE` if the server is overloaded.
    pub async fn new(
        limit: &ConcurrencyLimit,
        client: ClientKey,
        timeout: Duration,
    ) -> Result<Self> {
        let permit = limit.acquire(client).await?;
        Ok(Self {
            limit: limit.clone(),
            client,
            deadline: Instant::now() + timeout,
            permit: Some(permit),
            delay: RETRY_DELAYS[0],
        })
    }

    /// Returns when the request times out.
    pub const fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Waits for a moment, and for the database if the connection to it was lost, without holding a permit. Returns whether
    /// the request may be executed again: false if it would time out. `uses_replicas`: whether a replica may execute it.
    pub async fn wait_for(&mut self, db: &Database, uses_replicas: bool) -> bool {
        self.permit = None;
        let deadline = self.deadline - MARGIN;
        let waited = timeout_at(deadline, async {
            loop {
                // Not all at once: other requests wait as well.
                let share = rand::rng().random_range(0.5..1.0);
                sleep(self.delay.mul_f64(share)).await;
                self.delay = (self.delay * 2).min(RETRY_DELAYS[1]);
                if uses_replicas {
                    db.readable().await;
                } else {
                    db.returned().await;
                }
                // An error: too many requests wait for permits.
                if let Ok(permit) = self.limit.acquire(self.client).await {
                    return permit;
                }
            }
        });
        self.permit = waited.await.ok();
        self.permit.is_some()
    }
}
