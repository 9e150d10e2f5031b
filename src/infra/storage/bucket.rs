//! Checks whether the bucket is usable, at start and periodically.

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::anyhow;
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use tokio::time::sleep;

use crate::core::error::error_chain;

use super::error::{Failure, has_code, status};
use super::{Storage, Store};

/// The interval between checks.
const CHECK_INTERVAL: Duration = Duration::from_secs(5);

/// The state of a bucket.
pub(super) struct BucketStatus {
    region: String,
    /// Whether a missing bucket is created.
    may_create: bool,
    /// Whether the last check failed.
    is_unavailable: AtomicBool,
}

impl BucketStatus {
    /// Creates the state of an unchecked bucket.
    pub(super) const fn new(region: String, may_create: bool) -> Self {
        Self {
            region,
            may_create,
            is_unavailable: AtomicBool::new(false),
        }
    }
}

/// The reason why a bucket is unusable.
enum BucketError {
    /// Temporary: the store is not available.
    Unavailable(anyhow::Error),
    /// Permanent: the operator must act.
    Misconfigured(anyhow::Error),
}

impl Storage {
    /// Whether the store did not respond to the last check.
    pub fn is_unavailable(&self) -> bool {
        let store = self.0.as_ref();
        store.is_some_and(|store| store.bucket_status.is_unavailable.load(Ordering::Relaxed))
    }

    /// Checks the bucket until the task is cancelled, and logs changes. The embedded store is not checked.
    pub async fn watch(self) -> Infallible {
        loop {
            sleep(CHECK_INTERVAL).await;
            if let Some(store) = self.0.as_ref().filter(|store| store.embedded.is_none()) {
                let result = store.check().await.map_err(BucketError::into_cause);
                store.record(result);
            }
        }
    }
}

impl Store {
    /// Checks the bucket at start. An unavailable store does not fail the start, because everything but images works
    /// without it.
    ///
    /// # Errors
    /// Returns one line for the operator if the problem is permanent.
    pub(super) async fn check_at_start(&self) -> anyhow::Result<()> {
        match self.check().await {
            Ok(()) => Ok(()),
            Err(BucketError::Unavailable(cause)) if self.embedded.is_none() => {
                self.record(Err(cause));
                Ok(())
            }
            Err(trouble) => Err(trouble.into_cause()),
        }
    }

    /// Stores the result of a check, and logs a change.
    fn record(&self, result: anyhow::Result<()>) {
        let was_away = self
            .bucket_status
            .is_unavailable
            .swap(result.is_err(), Ordering::Relaxed);
        let place = &self.place;
        match result {
            Err(cause) if !was_away => {
                let cause = error_chain(&cause);
                tracing::warn!(cause, "object store not available");
            }
            Ok(()) if was_away => tracing::info!(place, "object store available again"),
            _ => {}
        }
    }

    /// Checks whether the bucket exists, and creates it if that is configured.
    async fn check(&self) -> Result<(), BucketError> {
        let request = self.client.head_bucket().bucket(&self.bucket);
        let Err(error) = request.send().await else {
            return Ok(());
        };
        let (place, region) = (&self.place, &self.bucket_status.region);
        let cause = match status(&error) {
            Some(404) if self.bucket_status.may_create => return self.create().await,
            Some(404) => anyhow!("{place} does not exist: create it"),
            Some(301 | 307 | 400) => {
                anyhow!(
                    "{place} is in another region than {region} (S3_REGION), or rejects the request"
                )
            }
            Some(401 | 403) => anyhow!("the credentials do not allow access to {place}"),
            Some(status @ 500..) => {
                let cause = anyhow!("{place} returned the unexpected status {status}");
                return Err(BucketError::Unavailable(cause));
            }
            Some(status) => anyhow!("{place} returned the unexpected status {status}"),
            None => return Err(unreachable(place, error)),
        };
        Err(BucketError::Misconfigured(cause))
    }

    async fn create(&self) -> Result<(), BucketError> {
        let mut request = self.client.create_bucket().bucket(&self.bucket);
        let region = self.bucket_status.region.as_str();
        if region != "us-east-1" {
            let place = BucketLocationConstraint::from(region);
            let place = CreateBucketConfiguration::builder().location_constraint(place);
            request = request.create_bucket_configuration(place.build());
        }
        let place = &self.place;
        match request.send().await {
            Ok(_) => {
                if self.embedded.is_none() {
                    tracing::info!(place, "created the bucket");
                }
                Ok(())
            }
            // Another process has created it meanwhile.
            Err(error)
                if ["BucketAlreadyOwnedByYou", "BucketAlreadyExists"]
                    .iter()
                    .any(|code| has_code(&error, code)) =>
            {
                Ok(())
            }
            Err(error) => Err(unreachable(place, error)),
        }
    }
}

impl BucketError {
    fn into_cause(self) -> anyhow::Error {
        match self {
            Self::Unavailable(cause) | Self::Misconfigured(cause) => cause,
        }
    }
}

fn unreachable<E>(place: &str, error: Failure<E>) -> BucketError
where
    E: std::error::Error + Send + Sync + 'static,
{
    let error_chain = error_chain(&anyhow::Error::new(error));
    BucketError::Unavailable(anyhow!("can't reach {place}: {error_chain}"))
}
