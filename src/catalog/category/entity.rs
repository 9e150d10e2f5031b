//! The rows of `categories` and of the slugs they had before.

use sea_orm::entity::prelude::*;

use crate::core::clock::Timestamp;

crate::typed_id!(
    /// The id of a category.
    CategoryId,
    "cat",
    "category"
);

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "categories")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CategoryId,
    pub parent_id: Option<CategoryId>,
    /// From 0 among its siblings.
    pub position: i32,
    /// The positions from the root down to this one, [`PATH_STEP`] characters each.
    pub path: String,
    /// Whether it and all its ancestors are published.
    pub visible: bool,
    pub name: String,
    pub name_key: String,
    pub slug: String,
    pub description: String,
    pub published: bool,
    pub version: i32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Characters of a path for each level of the tree.
pub const PATH_STEP: u8 = 4;

impl Model {
    /// The path of a category at `position` below the one with the path `parent`.
    pub fn path_below(parent: &str, position: i32) -> String {
        format!("{parent}{position:04x}")
    }

    /// How far below the roots it is: 0 for a root.
    pub const fn level(&self) -> usize {
        self.path.len() / PATH_STEP as usize - 1
    }

    /// The path of the one above it; empty for a root.
    pub fn parent_path(&self) -> &str {
        &self.path[..self.level() * usize::from(PATH_STEP)]
    }

    /// The paths of its ancestors, from the root down.
    pub fn ancestor_paths(&self) -> impl Iterator<Item = &str> {
        (1..=self.level()).map(|depth| &self.path[..depth * usize::from(PATH_STEP)])
    }
}

crate::no_relations!();

/// A slug that a category had before.
pub mod old_slug {
    use sea_orm::entity::prelude::*;

    use super::{CategoryId, Timestamp};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "category_slugs")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub slug: String,
        pub category_id: CategoryId,
        pub created_at: Timestamp,
    }

    crate::no_relations!();
}
