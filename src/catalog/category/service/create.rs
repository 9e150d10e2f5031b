//! Creates categories.

use super::entry::entry;
use super::{NewCategory, build, slugs, tree};
use crate::catalog::category::entity::{CategoryId, Model};
use crate::catalog::category::repository;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::validation::Validator;
use crate::core::viewer::Admin;
use crate::core::{slug, text};
use crate::infra::database::Transaction;
use crate::platform::audit::service::{self as audit, Actor};
use crate::state::State;

/// Input of [`create`].
#[derive(Clone, Debug)]
pub struct CreateCategory {
    pub name: String,
    /// Derived from the name if absent.
    pub slug: Option<String>,
    pub description: Option<String>,
    /// ID of the parent; `None` for a root.
    pub parent_id: Option<String>,
    pub published: bool,
}

/// Creates a category as the last of its siblings.
///
/// # Errors
/// Invalid fields, a slug that is taken, a parent that is missing, full or already at the maximum depth.
pub async fn create(state: &State, admin: Admin, new: CreateCategory) -> Result<Model> {
    let mut validator = Validator::default();
    let name = validator.check("name", text::check_name(&new.name));
    let slug = new
        .slug
        .and_then(|slug| validator.check("slug", slug::check(&slug)));
    let description = text::check_description(&new.description.unwrap_or_default());
    let description = validator.check("description", description);
    let parent_id: Option<CategoryId> = new.parent_id.and_then(|id| validator.id("parentId", &id));
    let (Some(name), Some(description), true) = (name, description, validator.is_valid()) else {
        return Err(validator.refusal());
    };
    let validated = ValidatedCategory {
        name,
        slug,
        description,
        published: new.published,
    };
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    tree::lock(&transaction).await?;
    let parent = tree::find_parent(&transaction, parent_id).await?;
    let category = add(&transaction, validated, parent.as_ref(), now).await?;
    let entries = [entry("createCategory", None, Some(&category))];
    audit::record(&transaction, Actor::Admin(admin), entries, now).await?;
    transaction.commit().await?;
    Ok(category)
}

/// A new category with validated fields.
pub struct ValidatedCategory {
    pub name: String,
    pub slug: Option<String>,
    pub description: String,
    pub published: bool,
}

/// Inserts a new category as the last child of `parent`. The caller must hold the tree lock.
pub async fn add(
    transaction: &Transaction,
    validated: ValidatedCategory,
    parent: Option<&Model>,
    now: Timestamp,
) -> Result<Model> {
    tree::check_depth(parent, 1)?;
    let position = tree::next_position(transaction, parent.map(|parent| parent.id)).await?;
    tree::check_sibling_limit(position)?;
    let slug = match validated.slug {
        Some(slug) => slug,
        None => slugs::derive(transaction, &validated.name).await?,
    };
    let new = NewCategory {
        name: validated.name,
        slug,
        description: validated.description,
        published: validated.published,
        position,
    };
    let category = build(new, parent, now);
    if !repository::insert(transaction, category.clone()).await? {
        return Err(slugs::slug_conflict());
    }
    repository::slugs::delete(transaction, &category.slug).await?;
    Ok(category)
}
