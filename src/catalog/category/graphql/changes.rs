//! What clients send to change categories, and what they get back.

use async_graphql::{ID, InputObject, MaybeUndefined};

use super::Category;
use crate::catalog::category::entity::Model;
use crate::catalog::category::service::{CreateCategory, MoveCategory, UpdateCategory};
use crate::core::id::TypedId;
use crate::payload;

/// A new category.
#[derive(Debug, InputObject)]
pub struct CreateCategoryInput {
    /// What customers call it: one line of 1 to 200 characters.
    name: String,
    /// Its place in an address: small letters and digits, with single hyphens between words, at most 200 characters. Made
    /// from the name when absent.
    slug: Option<String>,
    /// Plain text of at most 20,000 characters; empty when absent.
    description: Option<String>,
    /// The category it is right below; a root when absent. It comes to the end of its siblings.
    parent_id: Option<ID>,
    /// Whether it is meant to be seen; yes when absent.
    published: Option<bool>,
}

/// What to change about a category. What is absent stays.
#[derive(Debug, InputObject)]
pub struct UpdateCategoryInput {
    /// Which category.
    id: ID,
    /// Change it only if this is its `version` now.
    expected_version: Option<i32>,
    /// What customers call it: one line of 1 to 200 characters. Not null.
    name: MaybeUndefined<String>,
    /// Its place in an address: small letters and digits, with single hyphens between words, at most 200 characters. Not
    /// null. The one it has now keeps leading to it, until another category takes it.
    slug: MaybeUndefined<String>,
    /// Plain text of at most 20,000 characters; null makes it empty.
    description: MaybeUndefined<String>,
    /// Whether it is meant to be seen. Not null. What is below it is hidden with it.
    published: MaybeUndefined<bool>,
}

/// Where to move a category.
#[derive(Debug, InputObject)]
pub struct MoveCategoryInput {
    /// Which category. All below it moves along.
    id: ID,
    /// Move it only if this is its `version` now.
    expected_version: Option<i32>,
    /// The category to come right below; null makes it a root. When absent, it stays below its parent.
    parent_id: MaybeUndefined<ID>,
    /// Its place among its siblings after the move, from 0; they make room. When absent, it comes to the end of those
    /// below a new parent, and keeps its place below the same one.
    position: Option<i32>,
}

/// Which category to delete.
#[derive(Debug, InputObject)]
pub struct DeleteCategoryInput {
    /// Which category.
    pub id: ID,
    /// Delete it only if this is its `version` now.
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
        /// The category after the change. Null if it was refused.
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
