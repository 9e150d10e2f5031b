//! Uploads images in a mutation.

use futures_util::future::BoxFuture;

use super::gallery::{self, ImageDetails, check_alt, check_image_limit};
use crate::accounts::auth::service as auth;
use crate::catalog::product::{self, ProductId};
use crate::catalog::product_image::repository;
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::core::id::TypedId;
use crate::core::validation::Validator;
use crate::core::viewer::Admin;
use crate::graphql::upload::FileStream;
use crate::platform::audit::service::{self as audit, Actor, Entry};
use crate::platform::media::StoredImage;
use crate::platform::media::service::{Stored, store};
use crate::state::State;

/// Field names of the files in errors.
pub const FILE_FIELDS: [&str; 5] = ["files.0", "files.1", "files.2", "files.3", "files.4"];

/// Stores images and adds them to the gallery of a product, all or none. `open` starts reading one of `count` files;
/// they are read one after another.
pub async fn upload<'a>(
    state: &State,
    admin: Admin,
    product: ProductId,
    (count, alts): (usize, Option<Vec<String>>),
    open: impl Fn(usize) -> BoxFuture<'a, Result<FileStream>> + Send,
) -> Result<Vec<StoredImage>> {
    let alts = check(count, alts)?;
    // Checked before reading the files, and again after storing them.
    check_target(state, product, count).await?;
    let mut validator = Validator::default();
    let mut stored = Vec::new();
    for (number, field) in FILE_FIELDS.into_iter().enumerate().take(count) {
        let file = open(number).await?;
        match store(state, &gallery::folder(product), field, file).await {
            Ok(image) => stored.push(image),
            // Report the errors of the other files too.
            Err(Error::BadUserInput { field, message }) => {
                let error = UserError::new(UserErrorCode::BadUserInput, field.as_str(), message);
                validator.refuse(error);
            }
            Err(other) => return Err(other),
        }
        for waiting in &mut stored {
            waiting.renew().await?;
        }
    }
    validator.finish()?;
    add(state, admin, product, stored, alts).await
}

async fn check_target(state: &State, product: ProductId, count: usize) -> Result<()> {
    let db = state.db.reader();
    if !product::service::exists(db, product).await? {
        let message = "There is no such product.";
        return Err(UserError::new(UserErrorCode::NotFound, "productId", message).into());
    }
    let present = repository::find_by_products(db, &[product], None).await?;
    check_image_limit(present.len(), count)
}

fn check(count: usize, alts: Option<Vec<String>>) -> Result<Vec<String>> {
    let mut validator = Validator::default();
    if count == 0 || count > FILE_FIELDS.len() {
        let message = format!("`files` must contain 1 to {} files.", FILE_FIELDS.len());
        validator.check::<()>("files", Err(message));
    }
    let alts = alts.unwrap_or_default();
    if alts.len() > count {
        validator.check::<()>(
            "alts",
            Err("`alts` must not have more entries than `files`."),
        );
    }
    let mut checked = Vec::new();
    for (number, alt) in alts.iter().enumerate().take(count) {
        checked.extend(validator.check(&format!("alts.{number}"), check_alt(alt)));
    }
    validator.finish()?;
    checked.resize(count, String::new());
    Ok(checked)
}

async fn add(
    state: &State,
    admin: Admin,
    product: ProductId,
    stored: Vec<Stored>,
    alts: Vec<String>,
) -> Result<Vec<StoredImage>> {
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    let gallery = gallery::lock(&transaction, product).await?;
    let details = alts.into_iter().map(|alt| ImageDetails {
        alt,
        source_url: None,
    });
    let images = stored.iter().zip(details).collect();
    let rows = gallery::append(&transaction, &gallery, images, now).await?;
    let ids: Vec<_> = rows.iter().map(|row| row.id.encode()).collect();
    let entry = Entry::new("uploadProductImages")
        .about(product)
        .called(&gallery.0.name)
        .change("images", None, ids.join(", "));
    audit::record(&transaction, Actor::Admin(admin), [entry], now).await?;
    // Recheck: uploading the files may have taken minutes.
    auth::lock_admin_shared(&transaction, state, admin).await?;
    transaction.commit().await?;
    stored.into_iter().for_each(Stored::mark_committed);
    Ok(rows.into_iter().map(StoredImage::from).collect())
}
