//! Updates the fields of a category.

use super::entry::entry;
use super::search::is_search_text_changed;
use super::{slugs, tree};
use crate::catalog::category::entity::{CategoryId, Model};
use crate::catalog::category::repository;
use crate::core::error::Result;
use crate::core::patch::Patch;
use crate::core::validation::Validator;
use crate::core::viewer::Admin;
use crate::core::{slug, text};
use crate::infra::database::{Transaction, violates_unique_constraint};
use crate::platform::audit::service::{self as audit, Actor};
use crate::state::State;

/// Input of [`update`].
#[derive(Clone, Debug)]
pub struct UpdateCategory {
    pub id: String,
    pub expected_version: Option<i32>,
    pub name: Patch<String>,
    pub slug: Patch<String>,
    pub description: Patch<String>,
    pub published: Patch<bool>,
}

/// Updates a category. An update without effect changes nothing and is not audited.
///
/// # Errors
/// Invalid fields, a slug that is taken, or a version that is not the expected one.
pub async fn update(state: &State, admin: Admin, change: UpdateCategory) -> Result<Model> {
    let mut validator = Validator::default();
    let id: Option<CategoryId> = validator.id("id", &change.id);
    let name = validator.required("name", change.name);
    let name = name.and_then(|name| validator.check("name", text::check_name(&name)));
    let slug = validator.required("slug", change.slug);
    let slug = slug.and_then(|slug| validator.check("slug", slug::check(&slug)));
    let check = |text: String| text::check_description(&text);
    let description = validator.patch("description", change.description, check);
    let published = validator.required("published", change.published);
    let (Some(id), true) = (id, validator.is_valid()) else {
        return Err(validator.refusal());
    };
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    tree::lock(&transaction).await?;
    let before = repository::find(&transaction, id).await?;
    let before = tree::expect(before, change.expected_version)?;
    let mut after = before.clone();
    after.name = name.unwrap_or(after.name);
    after.name_key = text::sort_key(&after.name);
    after.slug = slug.unwrap_or(after.slug);
    after.description = description
        .apply_to(Some(after.description))
        .unwrap_or_default();
    after.published = published.unwrap_or(after.published);
    if after == before {
        return Ok(before);
    }
    after.version += 1;
    after.updated_at = now;
    let after = store(&transaction, &before, after).await?;
    let entries = [entry("updateCategory", Some(&before), Some(&after))];
    audit::record(&transaction, Actor::Admin(admin), entries, now).await?;
    transaction.commit().await?;
    Ok(after)
}

/// Stores a changed category and its dependent data: search index, former slugs, paths.
async fn store(transaction: &Transaction, before: &Model, after: Model) -> Result<Model> {
    let stored = repository::update(transaction, after).await;
    let after = stored.map_err(|error| {
        if violates_unique_constraint(&error, "categories_slug_key", "categories.slug") {
            slugs::slug_conflict()
        } else {
            error.into()
        }
    })?;
    if is_search_text_changed(before, &after) {
        repository::search::index_many(transaction, std::slice::from_ref(&after)).await?;
    }
    if before.name != after.name {
        repository::search::queue_products_below(transaction, &after.path).await?;
    }
    if before.slug != after.slug {
        let former = before.slug.clone();
        slugs::replace(transaction, former, &after, after.updated_at).await?;
    }
    if before.published == after.published {
        return Ok(after);
    }
    repository::tree::recompute_paths(transaction, Some(after.id)).await?;
    tree::reload(transaction, after.id).await
}
