//! Whether the bucket can be used: asked at start, and again and again while the server runs.

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::anyhow;
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use tokio::time::sleep;

use crate::core::error::story;

use super::fault::{Failure, has_code, status};
use super::{Storage, Store};

/// How often it is asked.
const EVERY: Duration = Duration::from_secs(5);

/// What is known of a bucket beside its name.
pub(super) struct Watched {
    region: String,
    /// Whether it is made when it is missing.
    may_make: bool,
    /// Whether it could not be used when it was last asked for.
    is_away: AtomicBool,
}

impl Watched {
    /// One that nobody has asked for yet.
    pub(super) const fn new(region: String, may_make: bool) -> Self {
        Self {
            region,
            may_make,
            is_away: AtomicBool::new(false),
        }
    }
}

/// Why a bucket can't be used.
enum Trouble {
    /// That is over when the store is back.
    Away(anyhow::Error),
    /// Somebody must do something about it.
    Wrong(anyhow::Error),
}

impl Storage {
    /// Whether the store did not answer when it was last asked.
    pub fn is_away(&self) -> bool {
        let store = self.0.as_ref();
        store.is_some_and(|store| store.watched.is_away.load(Ordering::Relaxed))
    }

    /// Asks for the bucket until the process ends, and tells the log when that changes. The store inside the process is
    /// not asked for.
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
    /// Looks for the bucket at start. A store that is only away stops nobody: all but pictures goes on without it.
    ///
    /// # Errors
    /// One line for the operator, about what is not over by itself.
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

    /// Keeps in mind what was seen.
    fn note(&self, seen: anyhow::Result<()>) {
        let was_away = self.watched.is_away.swap(seen.is_err(), Ordering::Relaxed);
        let place = &self.place;
        match seen {
            Err(cause) if !was_away => {
                let cause = story(&cause);
                tracing::warn!(cause, "no picture can be stored until this is over");
            }
            Ok(()) if was_away => tracing::info!(place, "pictures can be stored again"),
            _ => {}
        }
    }

    /// Looks whether the bucket is there, and makes it where that is wanted.
    async fn look(&self) -> Result<(), Trouble> {
        let request = self.client.head_bucket().bucket(&self.bucket);
        let Err(error) = request.send().await else {
            return Ok(());
        };
        let (place, region) = (&self.place, &self.watched.region);
        let wrong = match status(&error) {
            Some(404) if self.watched.may_make => return self.make().await,
            Some(404) => anyhow!("there is no {place}; make it first"),
            Some(301 | 307 | 400) => {
                anyhow!(
                    "the {place} is in another region than {region} (S3_REGION), or asks for more"
                )
            }
            Some(401 | 403) => anyhow!("the keys do not open the {place}"),
            Some(status @ 500..) => {
                let cause = anyhow!("the {place} can't be used: it answers {status}");
                return Err(Trouble::Away(cause));
            }
            Some(status) => anyhow!("the {place} can't be used: it answers {status}"),
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
                    tracing::info!(place, "made the bucket of the pictures");
                }
                Ok(())
            }
            // Somebody else was quicker.
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
    Trouble::Away(anyhow!("can't reach the {place}: {story}"))
}
