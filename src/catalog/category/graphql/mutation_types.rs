//! Inputs and payloads of the category mutations.

use async_graphql::{ID, InputObject, MaybeUndefined};

use super::Category;
use crate::catalog::category::entity::Model;
use crate::catalog::category::service::{CreateCategory, MoveCategory, UpdateCategory};
use crate::core::id::TypedId;
use crate::payload;

/// Input of `createCategory`.
#[derive(Debug, InputObject)]
pub struct CreateCategoryInput {
    /// Display name: one line of 1 to 200 characters.
    name: String,
    /// URL slug: lowercase letters and digits, words joined by single hyphens, at most 200 characters. Default:
    /// derived from the name.
    slug: Option<String>,
    /// Plain text, at most 20,000 characters. Default: empty.
    description: Option<String>,
    /// The parent category. Default: none, which makes a root. The new category becomes the last of its siblings.
    parent_id: Option<ID>,
    /// Whether the category is published. Default: true.
    published: Option<bool>,
}

/// Input of `updateCategory`. Absent fields stay unchanged; null clears `description`.
#[derive(Debug, InputObject)]
pub struct UpdateCategoryInput {
    /// The id of the category to update.
    id: ID,
    /// Update only if this is the current `version`; otherwise `CONFLICT`. Default: not checked.
    expected_version: Option<i32>,
    /// Display name: one line of 1 to 200 characters. Not nullable.
    name: MaybeUndefined<String>,
    /// URL slug: lowercase letters and digits, words joined by single hyphens, at most 200 characters. Not nullable.
    /// The former slug still finds the category until another category takes it.
    slug: MaybeUndefined<String>,
    /// Plain text, at most 20,000 characters. Null clears it.
    description: MaybeUndefined<String>,
    /// Whether the category is published. Not nullable. Descendants of an unpublished category are hidden too.
    published: MaybeUndefined<bool>,
}

/// Input of `moveCategory`.
#[derive(Debug, InputObject)]
pub struct MoveCategoryInput {
    /// The id of the category to move. Its descendants move with it.
    id: ID,
    /// Move only if this is the current `version`; otherwise `CONFLICT`. Default: not checked.
    expected_version: Option<i32>,
    /// The new parent. Null makes the category a root. Default: the current parent.
    parent_id: MaybeUndefined<ID>,
    /// Index among the siblings after the move. Starts at 0; the siblings are renumbered. Default: the last position
    /// below a new parent, or the current position below the same parent.
    position: Option<i32>,
}

/// Input of `deleteCategory`.
#[derive(Debug, InputObject)]
pub struct DeleteCategoryInput {
    /// The id of the category to delete.
    pub id: ID,
    /// Delete only if this is the current `version`; otherwise `CONFLICT`.
    pub expected_version: Option<i32>,
}

impl From<CreateCategoryInput> for CreateCategory {
    fn from(input: CreateCategoryInput) -> Self {
        Self {
            name: input.name,
            slug: input.slug,
            description: input.description,
            parent_id: input.parent_id.map(|id| id.0),
            published: input.published.unwrap_or(true),
        }
    }
}

impl From<UpdateCategoryInput> for UpdateCategory {
    fn from(input: UpdateCategoryInput) -> Self {
        Self {
            id: input.id.0,
            expected_version: input.expected_version,
            name: input.name.into(),
            slug: input.slug.into(),
            description: input.description.into(),
            published: input.published.into(),
        }
    }
}

impl From<MoveCategoryInput> for MoveCategory {
    fn from(input: MoveCategoryInput) -> Self {
        Self {
            id: input.id.0,
            expected_version: input.expected_version,
            parent_id: input.parent_id.map_value(|id| id.0).into(),
            position: input.position,
        }
    }
}

payload! {
    /// Payload of `createCategory`.
    CreateCategoryPayload,
    /// Payload of `updateCategory`.
    UpdateCategoryPayload,
    /// Payload of `moveCategory`.
    MoveCategoryPayload,
    (Model as category) {
        /// The category in its new state. Null if nothing was changed.
        category: Option<Category> = Some(Category(category)),
    }
}

payload! {
    /// Payload of `deleteCategory`.
    DeleteCategoryPayload,
    (Model as category) {
        /// The id of the deleted category. Null if nothing was deleted.
        category_id: Option<ID> = Some(category.id.encode().into()),
        /// The category as it was.
        category: Option<Category> = Some(Category(category)),
    }
}
