//! Rows of `products`, `product_categories`, `product_tags`, `product_relations`, `product_slugs`, and in [`variant`] and
//! [`stock`] those of their variants.

pub mod stock;
pub mod variant;

use sea_orm::entity::prelude::*;

use crate::catalog::attribute::ProductTypeId;
use crate::catalog::category::CategoryId;
use crate::core::clock::Timestamp;

crate::typed_id!(
    /// The id of a product.
    ProductId,
    "prod",
    "product"
);

/// Publication status of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Status {
    #[sea_orm(string_value = "DRAFT")]
    Draft,
    #[sea_orm(string_value = "ACTIVE")]
    Active,
    #[sea_orm(string_value = "ARCHIVED")]
    Archived,
}

impl Status {
    /// Returns the stored representation, which is also used in files and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "DRAFT",
            Self::Active => "ACTIVE",
            Self::Archived => "ARCHIVED",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "products")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ProductId,
    pub name: String,
    pub name_key: String,
    pub slug: String,
    pub sku: Option<String>,
    pub description: String,
    /// The lowest price of the variants, in minor units of the shop's currency.
    pub price: i64,
    /// The units on hand of all variants.
    pub stock: i32,
    pub status: Status,
    /// The primary category.
    pub category_id: CategoryId,
    pub version: i32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// The highest price of the variants. None in rows of the previous version: it is the only price.
    pub price_max: Option<i64>,
    /// Of the variant with the lowest price.
    pub compare_at_price: Option<i64>,
    /// Of the variant with the lowest price.
    pub prior_price: Option<i64>,
    /// Whether an active variant is in stock, or is sold without counting.
    pub in_stock: bool,
    /// Whether it is out of stock and an active variant can be ordered anyway.
    pub backorder: bool,
    pub variant_count: i32,
    pub brand: Option<String>,
    pub seo_title: Option<String>,
    pub seo_description: Option<String>,
    /// Sanitized. `None` if the description was given as plain text.
    pub description_html: Option<String>,
    /// The time when the status first became active.
    pub published_at: Option<Timestamp>,
    /// The time when a draft becomes active.
    pub available_from: Option<Timestamp>,
    pub product_type_id: Option<ProductTypeId>,
}

crate::no_relations!();

/// Assignment of a product to a category. The primary category has a row too.
pub mod product_category {
    use sea_orm::entity::prelude::*;

    use super::{CategoryId, ProductId};
    use crate::catalog::category::entity as category;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "product_categories")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub product_id: ProductId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub category_id: CategoryId,
        /// Position among the products of the category. [`UNPLACED`] if no admin has put it in order.
        pub position: i32,
    }

    /// The position of products that follow those in order, oldest first.
    pub const UNPLACED: i32 = i32::MAX;

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "category::Entity",
            from = "Column::CategoryId",
            to = "category::Column::Id"
        )]
        Category,
    }

    impl Related<category::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Category.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A tag of a product.
pub mod product_tag {
    use sea_orm::entity::prelude::*;

    use super::ProductId;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "product_tags")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub product_id: ProductId,
        /// See [`tag_key`](crate::core::text::tag_key).
        #[sea_orm(primary_key, auto_increment = false)]
        pub tag_key: String,
        pub tag: String,
        pub position: i32,
    }

    crate::no_relations!();
}

/// A product that is shown with another one.
pub mod product_relation {
    use sea_orm::entity::prelude::*;

    use super::ProductId;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "product_relations")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub product_id: ProductId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub related_id: ProductId,
        pub position: i32,
    }

    crate::no_relations!();
}

/// A former slug of a product.
pub mod old_slug {
    use sea_orm::entity::prelude::*;

    use super::{ProductId, Timestamp};
    use crate::infra::database::slug::FormerSlug;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "product_slugs")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub slug: String,
        pub product_id: ProductId,
        pub created_at: Timestamp,
    }

    crate::no_relations!();

    impl FormerSlug for Entity {
        const SLUG: Column = Column::Slug;
        const OWNER: Column = Column::ProductId;
        const CREATED_AT: Column = Column::CreatedAt;
    }
}
