//! Checks whether the bucket is usable, at start and periodically.

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::anyhow;
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use tokio::time::sleep;

use crate::core::error::story;

use super::fault::{Failure, has_code, status};
use super::{Storage, Store};

/// The interval between checks.
const EVERY: Duration = Duration::from_secs(5);

/// The state of a bucket.
pub(super) struct Watched {
    region: String,
    /// Whether a missing bucket is created.
    may_make: bool,
    /// Whether the last check failed.
    is_away: AtomicBool,
}

impl Watched {
    /// Creates the state of an unchecked bucket.
    pub(super) const fn new(region: String, may_make: bool) -> Self {
        Self {
            region,
            may_make,
            is_away: AtomicBool::new(false),
        }
    }
}

/// The reason why a bucket is unusable.
enum Trouble {
    /// Temporary: the store is not available.
    Away(anyhow::Error),
    /// Permanent: the operator must act.
    Wrong(anyhow::Error),
}

impl Storage {
    /// Whether the store did not respond to the last check.
    pub fn is_away(&self) -> bool {
        let store = self.0.as_ref();
        store.is_some_and(|store| store.watched.is_away.load(Ordering::Relaxed))
    }

    /// Checks the bucket until the task is cancelled, and logs changes. The embedded store is not checked.
    pub async fn watch(self) -> Infallible {
        loop {
            sleep(EVERY).await;
            if let Some(store) = self.0.as_ref().filter(|store| store.embedded.is_none()) {
                let seen = store.look().await.map_err(Trouble::into_cause);
                store.note(seen);
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
    pub(super) async fn look_first(&self) -> anyhow::Result<()> {
        match self.look().await {
            Ok(()) => Ok(()),
            Err(Trouble::Away(cause)) if self.embedded.is_none() => {
                self.note(Err(cause));
                Ok(())
            }
            Err(trouble) => Err(trouble.into_cause()),
        }
    }

    /// Stores the result of a check, and logs a change.
    fn note(&self, seen: anyhow::Result<()>) {
        let was_away = self.watched.is_away.swap(seen.is_err(), Ordering::Relaxed);
        let place = &self.place;
        match seen {
            Err(cause) if !was_away => {
                let cause = story(&cause);
                tracing::warn!(cause, "object store not available");
            }
            Ok(()) if was_away => tracing::info!(place, "object store available again"),
            _ => {}
        }
    }

    /// Checks whether the bucket exists, and creates it if that is configured.
    async fn look(&self) -> Result<(), Trouble> {
        let request = self.client.head_bucket().bucket(&self.bucket);
        let Err(error) = request.send().await else {
            return Ok(());
        };
        let (place, region) = (&self.place, &self.watched.region);
        let wrong = match status(&error) {
            Some(404) if self.watched.may_make => return self.make().await,
            Some(404) => anyhow!("{place} does not exist: create it"),
            Some(301 | 307 | 400) => {
                anyhow!(
                    "{place} is in another region than {region} (S3_REGION), or rejects the request"
                )
            }
            Some(401 | 403) => anyhow!("the credentials do not allow access to {place}"),
            Some(status @ 500..) => {
                let cause = anyhow!("{place} returned the unexpected status {status}");
                return Err(Trouble::Away(cause));
            }
            Some(status) => anyhow!("{place} returned the unexpected status {status}"),
            None => return Err(unreachable(place, error)),
        };
        Err(Trouble::Wrong(wrong))
    }

    async fn make(&self) -> Result<(), Trouble> {
        let mut request = self.client.create_bucket().bucket(&self.bucket);
        let region = self.watched.region.as_str();
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

impl Trouble {
    fn into_cause(self) -> anyhow::Error {
        match self {
            Self::Away(cause) | Self::Wrong(cause) => cause,
        }
    }
}

fn unreachable<E>(place: &str, error: Failure<E>) -> Trouble
where
    E: std::error::Error + Send + Sync + 'static,
{
    let story = story(&anyhow::Error::new(error));
    Trouble::Away(anyhow!("can't reach {place}: {story}"))
}
