//! Rows of `attributes`, and in the submodules those of `product_types`, `product_type_attributes`, `attribute_choices` and
//! `attribute_values`.

use sea_orm::entity::prelude::*;

use crate::core::clock::Timestamp;

crate::typed_id!(
    /// The id of an attribute.
    AttributeId,
    "attr",
    "attribute"
);

crate::typed_id!(
    /// The id of a choice of an attribute.
    ChoiceId,
    "attrc",
    "choice of an attribute"
);

crate::typed_id!(
    /// The id of a product type.
    ProductTypeId,
    "ptype",
    "product type"
);

/// The type of the values of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Kind {
    #[sea_orm(string_value = "TEXT")]
    Text,
    #[sea_orm(string_value = "NUMBER")]
    Number,
    #[sea_orm(string_value = "BOOLEAN")]
    Boolean,
    #[sea_orm(string_value = "CHOICE")]
    Choice,
    #[sea_orm(string_value = "DATE")]
    Date,
    #[sea_orm(string_value = "PRODUCT_REFERENCE")]
    ProductReference,
    #[sea_orm(string_value = "CATEGORY_REFERENCE")]
    CategoryReference,
}

impl Kind {
    /// Returns the stored representation.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "TEXT",
            Self::Number => "NUMBER",
            Self::Boolean => "BOOLEAN",
            Self::Choice => "CHOICE",
            Self::Date => "DATE",
            Self::ProductReference => "PRODUCT_REFERENCE",
            Self::CategoryReference => "CATEGORY_REFERENCE",
        }
    }

    /// Whether an owner can have several values.
    pub const fn may_be_multiple(self) -> bool {
        matches!(
            self,
            Self::Choice | Self::ProductReference | Self::CategoryReference
        )
    }
}

/// The things that have values of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Owner {
    #[sea_orm(string_value = "PRODUCT")]
    Product,
    #[sea_orm(string_value = "VARIANT")]
    Variant,
}

impl Owner {
    /// Returns the stored representation.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Product => "PRODUCT",
            Self::Variant => "VARIANT",
        }
    }
}

/// A property that products or variants can have.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "attributes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AttributeId,
    pub name: String,
    /// Identifies it in inputs, filters and files.
    pub code: String,
    pub kind: Kind,
    pub owner: Owner,
    /// The unit of numbers, such as `cm`.
    pub unit: Option<String>,
    pub multiple: bool,
    pub searchable: bool,
    pub filterable: bool,
    pub position: i32,
    pub version: i32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

crate::no_relations!();

/// A group of attributes for products of one type.
pub mod product_type {
    use sea_orm::entity::prelude::*;

    use super::{ProductTypeId, Timestamp};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "product_types")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ProductTypeId,
        pub name: String,
        /// The name for comparison, unique.
        pub name_key: String,
        pub slug: String,
        pub version: i32,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    crate::no_relations!();
}

/// An attribute of a product type.
pub mod type_attribute {
    use sea_orm::entity::prelude::*;

    use super::{AttributeId, ProductTypeId};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "product_type_attributes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub product_type_id: ProductTypeId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub attribute_id: AttributeId,
        pub position: i32,
    }

    crate::no_relations!();
}

/// A value that products or variants can choose, such as a color.
pub mod choice {
    use sea_orm::entity::prelude::*;

    use super::{AttributeId, ChoiceId};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "attribute_choices")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ChoiceId,
        pub attribute_id: AttributeId,
        pub name: String,
        /// The name for comparison, unique within the attribute.
        pub name_key: String,
        /// Unique within the attribute.
        pub code: String,
        /// A color in CSS notation: `#rrggbb`.
        pub swatch: Option<String>,
        pub position: i32,
        pub version: i32,
    }

    crate::no_relations!();
}

/// A value that a product or a variant has of an attribute. One of both owners and one typed column are set.
pub mod value {
    use sea_orm::entity::prelude::*;

    use super::{AttributeId, ChoiceId};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "attribute_values")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub attribute_id: AttributeId,
        pub product_id: Option<Uuid>,
        pub variant_id: Option<Uuid>,
        /// Position among the values of the attribute.
        pub position: i32,
        pub text_value: Option<String>,
        /// In millionths.
        pub number_value: Option<i64>,
        pub boolean_value: Option<bool>,
        pub choice_id: Option<ChoiceId>,
        /// In days since 1970.
        pub date_value: Option<i64>,
        pub referenced_product_id: Option<Uuid>,
        pub referenced_category_id: Option<Uuid>,
    }

    crate::no_relations!();
}
