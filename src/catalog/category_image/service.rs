//! Upload and deletion of category images.

use std::collections::HashMap;

use super::entity::Model;
use super::repository;
use crate::accounts::auth::service as auth;
use crate::catalog::category::entity::Model as Category;
use crate::catalog::category::{self, CategoryId};
use crate::catalog::product;
use crate::catalog::product_image::service::check_alt;
use crate::core::clock::Timestamp;
use crate::core::error::{Result, UserError, UserErrorCode};
use crate::core::id::TypedId;
use crate::core::validation::Validator;
use crate::core::viewer::{Admin, Audience};
use crate::graphql::upload::FileStream;
use crate::infra::database::{Database, Transaction};
use crate::platform::audit::service::{self as audit, Actor, Entry};
use crate::platform::media::service::{ImageOwner, Stored, store};
use crate::platform::media::{self, ImageId, StoredImage};
use crate::state::State;

/// The field with the id of the category.
const CATEGORY: &str = "categoryId";

/// Returns the images of categories. The caller has checked that the categories are visible.
pub async fn find_by_categories(
    db: &Database,
    categories: &[CategoryId],
) -> Result<HashMap<CategoryId, StoredImage>> {
    let found = repository::find_by_categories(db.reader(), categories).await?;
    let images = found.into_iter().map(|row| (row.category_id, row.into()));
    Ok(images.collect())
}

/// Returns the images of `ids` whose categories the audience may see.
pub async fn find_many(
    db: &Database,
    audience: Audience,
    ids: &[ImageId],
) -> Result<HashMap<ImageId, StoredImage>> {
    let found = repository::find_many(db.reader(), ids).await?;
    if found.is_empty() {
        return Ok(HashMap::new());
    }
    let categories: Vec<_> = found.iter().map(|row| row.category_id).collect();
    let visible = category::service::find_many(db, audience, &categories).await?;
    let found = found.into_iter();
    let found = found.filter(|row| visible.contains_key(&row.category_id));
    Ok(found.map(|row| (row.id, row.into())).collect())
}

/// Checks an upload before the file is read.
///
/// # Errors
/// An invalid alternative text, or a category that does not exist. Returns the alternative text.
pub async fn check_upload(state: &State, id: CategoryId, alt: Option<&str>) -> Result<String> {
    let mut validator = Validator::default();
    let alt = validator.check("alt", check_alt(alt.unwrap_or_default()));
    validator.finish()?;
    let found = category::service::find_many(&state.db, Audience::Staff, &[id]).await?;
    if found.is_empty() {
        let message = "There is no such category.";
        return Err(UserError::new(UserErrorCode::NotFound, CATEGORY, message).into());
    }
    Ok(alt.unwrap_or_default())
}

/// Stores an uploaded file as the image of a category, and replaces the previous one.
pub async fn upload(
    state: &State,
    admin: Admin,
    id: CategoryId,
    alt: String,
    file: FileStream,
) -> Result<(StoredImage, Category)> {
    let stored = store(state, &folder(id), "file", file).await?;
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    // Locked: one upload at a time, and none after the category was deleted.
    let category = category::service::lock(&transaction, id, CATEGORY).await?;
    let former = remove(&transaction, id, now).await?;
    let image = row(&stored, id, alt, now);
    repository::insert(&transaction, image.clone()).await?;
    stored.keep::<CategoryImages>(&transaction, now).await?;
    let former = former.map(|former| former.id.encode());
    let entry = Entry::new("uploadCategoryImage")
        .about(id)
        .called(&category.name)
        .change("image", former, image.id.encode())
        .change_text("alt", None, Some(&image.alt));
    audit::record(&transaction, Actor::Admin(admin), [entry], now).await?;
    // Recheck: uploading the file may have taken minutes.
    auth::lock_admin_shared(&transaction, state, admin).await?;
    transaction.commit().await?;
    stored.mark_committed();
    Ok((image.into(), category))
}

/// Updates the alternative text of the image of a category.
pub async fn update_alt(
    state: &State,
    admin: Admin,
    id: CategoryId,
    alt: &str,
) -> Result<(StoredImage, Category)> {
    let mut validator = Validator::default();
    let alt = validator.check("alt", check_alt(alt)).unwrap_or_default();
    validator.finish()?;
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    let category = category::service::lock(&transaction, id, CATEGORY).await?;
    let found = repository::find_by_categories(&transaction, &[id]).await?;
    let message = "The category has no image.";
    let missing = || UserError::new(UserErrorCode::NotFound, CATEGORY, message);
    let mut image = found.into_iter().next().ok_or_else(missing)?;
    let entry = Entry::new("updateCategoryImage")
        .about(id)
        .called(&category.name)
        .change_text("alt", Some(&image.alt), Some(&alt));
    if !entry.is_empty() {
        repository::set_alt(&transaction, &image, &alt).await?;
        audit::record(&transaction, Actor::Admin(admin), [entry], now).await?;
        transaction.commit().await?;
    }
    image.alt = alt;
    Ok((image.into(), category))
}

/// Deletes the image of a category. Returns it, if there was one.
pub async fn delete(
    state: &State,
    admin: Admin,
    id: CategoryId,
) -> Result<(Option<StoredImage>, Category)> {
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    let category = category::service::lock(&transaction, id, CATEGORY).await?;
    let Some(image) = remove(&transaction, id, now).await? else {
        return Ok((None, category));
    };
    let entry = Entry::new("deleteCategoryImage")
        .about(id)
        .called(&category.name)
        .change("image", image.id.encode(), None)
        .change_text("alt", Some(&image.alt), None);
    audit::record(&transaction, Actor::Admin(admin), [entry], now).await?;
    transaction.commit().await?;
    Ok((Some(image.into()), category))
}

/// Deletes a category without products and children, with its image. Returns the deleted category.
///
/// # Errors
/// The category does not exist, is not empty, or has another version than the expected one.
pub async fn delete_category(
    state: &State,
    admin: Admin,
    id: CategoryId,
    expected_version: Option<i32>,
) -> Result<Category> {
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    let found = category::service::lock_for_delete(&transaction, id, expected_version).await?;
    remove(&transaction, id, now).await?;
    let deleted = product::service::delete_category_in(&transaction, admin, found, now).await?;
    transaction.commit().await?;
    Ok(deleted)
}

/// Deletes the image of a category, which must be locked, and queues the deletion of its object.
async fn remove(
    transaction: &Transaction,
    id: CategoryId,
    now: Timestamp,
) -> Result<Option<Model>> {
    let image = repository::delete_of_category(transaction, id).await?;
    let key = image.as_ref().map(|image| image.object_key.clone());
    media::service::enqueue_deletions(transaction, key, now).await?;
    Ok(image)
}

/// Owns the images of categories.
#[derive(Debug)]
pub struct CategoryImages;

impl ImageOwner for CategoryImages {
    const RESIZE: &'static str = "category_image.resize";

    async fn set_sized(state: &State, key: &str) -> Result<bool> {
        let transaction = state.db.begin().await?;
        let found = repository::set_sized(&transaction, key, state.clock.now()).await?;
        transaction.commit().await?;
        Ok(found)
    }
}

/// Returns the key prefix of a category's images in the object store.
fn folder(category: CategoryId) -> String {
    format!("categories/{}", category.encode())
}

fn row(stored: &Stored, category_id: CategoryId, alt: String, now: Timestamp) -> Model {
    Model {
        id: ImageId::generate(now),
        category_id,
        object_key: stored.key.clone(),
        content_type: stored.content_type.to_owned(),
        width: stored.width,
        height: stored.height,
        bytes: stored.bytes,
        alt,
        placeholder: Some(stored.placeholder.clone()),
        sized_at: None,
        created_at: now,
    }
}
