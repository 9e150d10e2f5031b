//! Rows of `categories` and `category_slugs`.

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
    /// Index among its siblings. Starts at 0.
    pub position: i32,
    /// The positions from the root down to this category, [`PATH_STEP`] hexadecimal digits each.
    pub path: String,
    /// Whether this category and all its ancestors are published.
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

/// Number of path characters per level of the tree.
pub const PATH_STEP: u8 = 4;

impl Model {
    /// Returns the path of the category at `position` below the path `parent`.
    pub fn path_below(parent: &str, position: i32) -> String {
        format!("{parent}{position:04x}")
    }

    /// Depth in the tree. 0 is a root.
    pub const fn level(&self) -> usize {
        self.path.len() / PATH_STEP as usize - 1
    }

    /// Returns the path of the parent. Empty for a root.
    pub fn parent_path(&self) -> &str {
        &self.path[..self.level() * usize::from(PATH_STEP)]
    }

    /// Returns the paths of the ancestors, from the root down.
    pub fn ancestor_paths(&self) -> impl Iterator<Item = &str> {
        (1..=self.level()).map(|depth| &self.path[..depth * usize::from(PATH_STEP)])
    }
}

crate::no_relations!();

/// A former slug of a category.
pub mod old_slug {
    use sea_orm::entity::prelude::*;

    use super::{CategoryId, Timestamp};
    use crate::infra::database::slug::FormerSlug;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "category_slugs")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub slug: String,
        pub category_id: CategoryId,
        pub created_at: Timestamp,
    }

    crate::no_relations!();

    impl FormerSlug for Entity {
        const SLUG: Column = Column::Slug;
        const OWNER: Column = Column::CategoryId;
        const CREATED_AT: Column = Column::CreatedAt;
    }
}
