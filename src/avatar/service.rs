//! Putting one's picture there, and taking it away.

use std::collections::HashMap;

use super::entity::Model;
use super::repository;
use crate::clock::Timestamp;
use crate::database::{Database, Transaction};
use crate::error::{Error, Result};
use crate::id::TypedId;
use crate::media::service::{Stored, store};
use crate::media::{self, ImageId, Picture};
use crate::state::State;
use crate::throttle::service::{self as throttle, Limit};
use crate::upload::FileStream;
use crate::user::{self, UserId};
use crate::viewer::{SignedIn, Viewer};

/// The pictures of users that the caller has already been allowed to see.
pub async fn of_users(db: &Database, users: &[UserId]) -> Result<HashMap<UserId, Picture>> {
    let found = repository::find_by_users(db.reader(), users).await?;
    let pictures = found.into_iter().map(|row| (row.user_id, row.into()));
    Ok(pictures.collect())
}

/// One picture, when it is of a user whom the viewer may see.
pub async fn find(db: &Database, viewer: Viewer, id: ImageId) -> Result<Option<Picture>> {
    // Whoever may see nobody learns nothing, not even by how long the answer takes.
    if viewer == Viewer::Anonymous {
        return Ok(None);
    }
    let found = repository::find(db.reader(), id).await?;
    let found = found.filter(|row| viewer.may_see_user(row.user_id));
    Ok(found.map(Picture::from))
}

/// Counts an upload against what one may do, before the file is read.
pub async fn admit(state: &State, who: SignedIn) -> Result<()> {
    let rate = state.config.uploads.limit_avatars_account;
    let limit = Limit::new("avatar", &who.user().encode(), rate);
    throttle::charge(state, &[limit]).await
}

/// Stores this file as the picture of who asks, in the place of the one before.
pub async fn upload(state: &State, who: SignedIn, file: FileStream) -> Result<Picture> {
    let user = who.user();
    let folder = format!("users/{}", user.encode());
    let stored = store(state, &folder, "file", file).await?;
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    // One at a time, and nobody who was deleted meanwhile.
    let found = user::service::lock(&transaction, user).await?;
    found.ok_or(Error::Unauthenticated)?;
    remove(&transaction, user, now).await?;
    let avatar = row(&stored, user, now);
    repository::insert(&transaction, avatar.clone()).await?;
    stored.keep(&transaction, now).await?;
    transaction.commit().await?;
    stored.release();
    Ok(avatar.into())
}

/// Takes the picture of who asks away. Whether there was one.
pub async fn delete(state: &State, who: SignedIn) -> Result<bool> {
    let transaction = state.db.begin().await?;
    let found = user::service::lock(&transaction, who.user()).await?;
    found.ok_or(Error::Unauthenticated)?;
    let removed = remove(&transaction, who.user(), state.clock.now()).await?;
    transaction.commit().await?;
    Ok(removed)
}

/// Removes the picture of a user, who was locked before. Whether there was one.
pub async fn remove(transaction: &Transaction, user: UserId, now: Timestamp) -> Result<bool> {
    let key = repository::delete_of_user(transaction, user).await?;
    let removed = key.is_some();
    media::service::forget(transaction, key, now).await?;
    Ok(removed)
}

/// Takes note that the sizes of a picture are in the store; whether it is one of a user.
pub async fn sized(state: &State, key: &str) -> Result<bool> {
    let transaction = state.db.begin().await?;
    let found = repository::set_sized(&transaction, key, state.clock.now()).await?;
    transaction.commit().await?;
    Ok(found)
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
