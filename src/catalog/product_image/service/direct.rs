//! Direct uploads: a client sends an image to the object store with a presigned URL for one file, then completes the
//! upload.

use std::time::Duration;

use futures_util::StreamExt;

use super::gallery::{self, ImageDetails, check_alt, check_image_limit};
use crate::accounts::auth::service as auth;
use crate::catalog::product::ProductId;
use crate::catalog::product_image::entity::upload::{ImageUploadId, Model as Upload};
use crate::catalog::product_image::repository::uploads;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::core::id::TypedId;
use crate::core::validation::Validator;
use crate::core::viewer::Admin;
use crate::infra::image::{self, Kind};
use crate::infra::storage::PresignedPut;
use crate::platform::audit::service::{self as audit, Actor, Entry};
use crate::platform::jobs::service::enqueue;
use crate::platform::media::service::{Stored, deletion, random_key, store};
use crate::platform::media::{self, StoredImage};
use crate::state::State;

/// Lifetime of the presigned URL, and the time limit to complete the upload.
const LIFETIME: Duration = Duration::from_hours(1);
/// Additional time before the uploaded object is deleted: a transfer that starts just before the URL expires may take
/// long.
const GRACE: Duration = Duration::from_hours(2);

/// The file that a client declares.
#[derive(Clone, Debug)]
pub struct NewUpload {
    pub product: ProductId,
    pub content_type: String,
    pub bytes: i32,
    pub alt: String,
}

/// The presigned request for the client.
#[derive(Clone, Debug)]
pub struct PresignedUpload {
    pub id: ImageUploadId,
    pub put: PresignedPut,
    pub expires_at: Timestamp,
}

/// Starts a direct upload.
pub async fn create_upload(state: &State, admin: Admin, new: NewUpload) -> Result<PresignedUpload> {
    let (kind, bytes, alt) = check(state, &new)?;
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    let (product, images) = gallery::lock(&transaction, new.product).await?;
    check_image_limit(images.len(), 1)?;
    let object_key = random_key("incoming", kind);
    // The uploaded object is deleted in any case, because completing the upload stores a new object.
    let deletion = deletion(object_key.clone(), None, LIFETIME + GRACE)?;
    let deletions = enqueue(&transaction, [deletion], now).await?;
    let upload = Upload {
        id: ImageUploadId::generate(now),
        product_id: product.id,
        object_key,
        content_type: kind.content_type().to_owned(),
        bytes: new.bytes,
        alt,
        deletion_id: deletions.into_iter().next().unwrap_or_default(),
        created_at: now,
        expires_at: now.after(LIFETIME),
    };
    let (key, kind) = (&upload.object_key, &upload.content_type);
    let put = state.storage.presigned_put(key, kind, bytes, LIFETIME, now);
    let presigned = PresignedUpload {
        id: upload.id,
        put: put?,
        expires_at: upload.expires_at,
    };
    uploads::insert(&transaction, upload).await?;
    let entry = Entry::new("createImageUpload")
        .about(presigned.id)
        .called(&product.name)
        .change("productId", None, product.id.encode());
    audit::record(&transaction, Actor::Admin(admin), [entry], now).await?;
    transaction.commit().await?;
    Ok(presigned)
}

fn check(state: &State, new: &NewUpload) -> Result<(Kind, u64, String)> {
    let max_bytes = state.config.uploads.direct_image_max_bytes;
    let mut validator = Validator::default();
    let kind = Kind::from_content_type(&new.content_type);
    let unsupported = || image::refuse_content_type(&new.content_type).0;
    let kind = validator.check("contentType", kind.ok_or_else(unsupported));
    let bytes = u64::try_from(new.bytes).ok();
    let bytes = bytes.filter(|bytes| (1..=max_bytes).contains(bytes));
    let wrong = || format!("An image must have from 1 to {max_bytes} bytes.");
    let bytes = validator.check("bytes", bytes.ok_or_else(wrong));
    let alt = validator.check("alt", check_alt(&new.alt));
    match (kind, bytes, alt) {
        (Some(kind), Some(bytes), Some(alt)) => Ok((kind, bytes, alt)),
        _ => Err(validator.refusal()),
    }
}

/// Completes an upload: validates the uploaded file and adds the image to the gallery.
pub async fn complete(state: &State, admin: Admin, id: ImageUploadId) -> Result<StoredImage> {
    let now = state.clock.now();
    let missing = |message| UserError::new(UserErrorCode::NotFound, "id", message);
    let unknown = || missing("There is no such upload, or it has expired.");
    let upload = uploads::find(state.db.reader(), id).await?;
    let upload = upload.filter(|upload| upload.expires_at > now);
    let upload = upload.ok_or_else(unknown)?;
    let object = state.storage.get(&upload.object_key).await?;
    let waiting = || missing("The file has not been uploaded yet. Send it to `url` first.");
    let object = object.ok_or_else(waiting)?;
    // The size is part of the presigned request, but not every store enforces it.
    if object.bytes != u64::try_from(upload.bytes).map_err(Error::internal)? {
        return Err(Error::bad_input(
            "id",
            "The uploaded file does not have the declared size.",
        ));
    }
    let folder = gallery::folder(upload.product_id);
    let content = object.stream.boxed();
    let stored = store(state, &folder, "id", content).await?;
    let transaction = state.db.begin().await?;
    let gallery = gallery::lock(&transaction, upload.product_id).await?;
    if !uploads::delete(&transaction, id).await? {
        return Err(unknown().into());
    }
    // Until the URL expires, the client can upload again, so the deletion scheduled at the start remains.
    media::service::enqueue_deletions(&transaction, [upload.object_key], now).await?;
    let details = ImageDetails {
        alt: upload.alt,
        source_url: None,
    };
    let rows = gallery::append(&transaction, &gallery, vec![(&stored, details)], now).await?;
    let image = rows.into_iter().next().map(StoredImage::from);
    let image = image.ok_or_else(|| Error::internal(anyhow::anyhow!("no row was stored")))?;
    let entry = Entry::new("completeImageUpload")
        .about(gallery.0.id)
        .called(&gallery.0.name)
        .change("images", None, image.id.encode());
    audit::record(&transaction, Actor::Admin(admin), [entry], now).await?;
    auth::lock_admin_shared(&transaction, state, admin).await?;
    transaction.commit().await?;
    Stored::mark_committed(stored);
    Ok(image)
}

/// Deletes the uploads that were not completed in time. Background jobs delete their objects.
pub async fn delete_expired(state: &State) -> Result<()> {
    let transaction = state.db.begin().await?;
    uploads::delete_expired(&transaction, state.clock.now()).await?;
    Ok(transaction.commit().await?)
}
