//! Upload, download and deletion of avatars.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::entity::Model;
use super::repository;
use crate::accounts::auth::service as auth;
use crate::accounts::user::{self, UserId};
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::id::TypedId;
use crate::core::retry::Failure;
use crate::core::viewer::{SignedIn, Viewer};
use crate::graphql::upload::FileStream;
use crate::infra::database::{Database, Transaction};
use crate::infra::http_client::fetch::check;
use crate::platform::jobs::service::{NewJob, enqueue};
use crate::platform::jobs::{Job, JobContext, Queue};
use crate::platform::media::service::{ImageOwner, Stored, failure, store};
use crate::platform::media::{self, ImageId, StoredImage};
use crate::platform::rate_limit::service::{self as rate_limit, Limit};
use crate::state::State;

/// Finds the avatars of users. The caller must have checked that the viewer may see these users.
pub async fn find_by_users(
    db: &Database,
    users: &[UserId],
) -> Result<HashMap<UserId, StoredImage>> {
    let found = repository::find_by_users(db.reader(), users).await?;
    let images = found.into_iter().map(|row| (row.user_id, row.into()));
    Ok(images.collect())
}

/// Finds an avatar if the viewer may see its user.
pub async fn find(db: &Database, viewer: Viewer, id: ImageId) -> Result<Option<StoredImage>> {
    // Without a query, so that response times disclose nothing to clients that are not signed in.
    if viewer.signed_in().is_err() {
        return Ok(None);
    }
    let found = repository::find(db.reader(), id).await?;
    let found = found.filter(|row| viewer.may_see_user(row.user_id));
    Ok(found.map(StoredImage::from))
}

/// Counts an upload for the rate limit, before the file is read.
pub async fn check_rate_limit(state: &State, caller: SignedIn) -> Result<()> {
    let rate = state.config.uploads.limit_avatars_account;
    let limit = Limit::new("avatar", &caller.user().encode(), rate);
    rate_limit::charge(state, &[limit]).await
}

/// Stores an uploaded file as the viewer's avatar, and replaces the previous one.
pub async fn upload(state: &State, caller: SignedIn, file: FileStream) -> Result<StoredImage> {
    let user = caller.user();
    let stored = store(state, &folder(user), "file", file).await?;
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    // Locked: one upload at a time, and none after the account was deleted.
    let found = user::service::lock(&transaction, user).await?;
    found.ok_or(Error::Unauthenticated)?;
    remove(&transaction, user, now).await?;
    let avatar = row(&stored, user, now);
    repository::insert(&transaction, avatar.clone()).await?;
    stored.keep::<Avatars>(&transaction, now).await?;
    auth::lock_shared(&transaction, state, caller).await?;
    transaction.commit().await?;
    stored.mark_committed();
    Ok(avatar.into())
}

/// Queues the download of an avatar. An existing avatar is not replaced. URLs that may not be fetched are ignored.
pub async fn enqueue_download(
    transaction: &Transaction,
    user: UserId,
    url: &str,
    now: Timestamp,
) -> Result<()> {
    let Ok(url) = check(url) else {
        return Ok(());
    };
    let job = FetchAvatar {
        user: user.encode(),
        url: url.into(),
    };
    enqueue(transaction, [NewJob::new(&job)?], now).await?;
    Ok(())
}

/// The job that fetches the avatar of a user.
#[derive(Serialize, Deserialize)]
pub struct FetchAvatar {
    /// The id of the user.
    user: String,
    url: String,
}

impl Job for FetchAvatar {
    const KIND: &'static str = "avatar.fetch";
    const QUEUE: Queue = Queue::FETCHES;

    fn subject(&self) -> Option<String> {
        Some(self.user.clone())
    }

    async fn run(self, context: JobContext) -> Result<(), Failure> {
        let user = UserId::parse(&self.user, "id").map_err(failure)?;
        fetch(&context.state, user, &self.url).await
    }
}

async fn fetch(state: &State, user: UserId, url: &str) -> Result<(), Failure> {
    if !needs_avatar(state, user).await.map_err(failure)? {
        return Ok(());
    }
    let max_bytes = state.config.uploads.image_max_bytes;
    match media::service::fetch(state, &folder(user), url, max_bytes).await {
        Ok(stored) => keep(state, user, stored).await.map_err(failure),
        // The user did not request the download, so the job does not fail.
        Err(Failure::Permanent(why)) => {
            tracing::warn!(user = user.encode(), why, "image fetch failed");
            Ok(())
        }
        Err(later) => Err(later),
    }
}

/// Returns whether the user exists and has no avatar.
async fn needs_avatar(state: &State, user: UserId) -> Result<bool> {
    let db = state.db.reader();
    Ok(user::service::find(db, user).await?.is_some()
        && repository::find_by_users(db, &[user]).await?.is_empty())
}

async fn keep(state: &State, user: UserId, stored: Stored) -> Result<()> {
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    // Checked again: the user may have changed during the download.
    let found = user::service::lock(&transaction, user).await?;
    let present = repository::find_by_users(&transaction, &[user]).await?;
    if found.is_none() || !present.is_empty() {
        return Ok(());
    }
    repository::insert(&transaction, row(&stored, user, now)).await?;
    stored.keep::<Avatars>(&transaction, now).await?;
    transaction.commit().await?;
    stored.mark_committed();
    Ok(())
}

/// Deletes the viewer's avatar. Returns it, if there was one.
pub async fn delete(state: &State, caller: SignedIn) -> Result<Option<StoredImage>> {
    let user = caller.user();
    let transaction = state.db.begin().await?;
    let found = user::service::lock(&transaction, user).await?;
    found.ok_or(Error::Unauthenticated)?;
    let avatars = repository::find_by_users(&transaction, &[user]).await?;
    remove(&transaction, user, state.clock.now()).await?;
    transaction.commit().await?;
    Ok(avatars.into_iter().next().map(StoredImage::from))
}

/// Deletes the avatar of a user, which must be locked. Returns whether there was one.
pub async fn remove(transaction: &Transaction, user: UserId, now: Timestamp) -> Result<bool> {
    let key = repository::delete_of_user(transaction, user).await?;
    let removed = key.is_some();
    media::service::enqueue_deletions(transaction, key, now).await?;
    Ok(removed)
}

/// Owns the images of users.
#[derive(Debug)]
pub struct Avatars;

impl ImageOwner for Avatars {
    const RESIZE: &'static str = "avatar.resize";

    async fn set_sized(state: &State, key: &str) -> Result<bool> {
        let transaction = state.db.begin().await?;
        let found = repository::set_sized(&transaction, key, state.clock.now()).await?;
        transaction.commit().await?;
        Ok(found)
    }
}

/// Returns the folder of a user's avatars in the store.
fn folder(user: UserId) -> String {
    format!("users/{}", user.encode())
}

fn row(stored: &Stored, user_id: UserId, now: Timestamp) -> Model {
    Model {
        id: ImageId::generate(now),
        user_id,
        object_key: stored.key.clone(),
        content_type: stored.content_type.to_owned(),
        width: stored.width,
        height: stored.height,
        bytes: stored.bytes,
        placeholder: Some(stored.placeholder.clone()),
        sized_at: None,
        created_at: now,
    }
}
