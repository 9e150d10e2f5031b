//! Rows of `variants`, `variant_values`, `product_options` and `product_option_values`.

use sea_orm::entity::prelude::*;

use super::ProductId;
use super::stock::level;
use crate::core::clock::Timestamp;
use crate::platform::media::ImageId;

crate::typed_id!(
    /// The id of a variant.
    VariantId,
    "var",
    "variant"
);

crate::typed_id!(
    /// The id of an option.
    OptionId,
    "opt",
    "option"
);

crate::typed_id!(
    /// The id of a value of an option.
    ValueId,
    "optv",
    "value of an option"
);

crate::typed_id!(
    /// The id of a tax class, which belongs to the feature `tax` of `sales`.
    TaxClassId,
    "taxc",
    "tax class"
);

/// One of the things that a product is sold as. A product without options has exactly one.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "variants")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: VariantId,
    pub product_id: ProductId,
    pub position: i32,
    pub sku: Option<String>,
    pub barcode: Option<String>,
    /// In minor units of the shop's currency.
    pub price: i64,
    /// In minor units, greater than the price.
    pub compare_at_price: Option<i64>,
    /// If the price was lowered: the lowest price of the 30 days before, in minor units.
    pub prior_price: Option<i64>,
    /// In grams.
    pub weight: Option<i32>,
    pub requires_shipping: bool,
    /// Whether its units are counted. Others are always in stock.
    pub tracked: bool,
    /// The stock from which an admin wants to reorder.
    pub low_stock_at: Option<i32>,
    pub image_id: Option<ImageId>,
    /// Whether customers can see and buy it.
    pub active: bool,
    /// The ids of its values in ascending order, separated by spaces. Unique within the product.
    pub combination: String,
    pub version: i32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// `None` is the default tax class.
    pub tax_class_id: Option<TaxClassId>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "level::Entity",
        from = "Column::Id",
        to = "level::Column::VariantId"
    )]
    Level,
}

impl Related<level::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Level.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Returns the ids of its values.
    pub fn values(&self) -> impl Iterator<Item = ValueId> {
        let words = self.combination.split(' ');
        words.filter_map(|word| Some(ValueId(Uuid::try_parse(word).ok()?)))
    }
}

/// Returns the key of a set of values. See [`Model::combination`].
pub fn combination(values: impl IntoIterator<Item = ValueId>) -> String {
    let mut values: Vec<_> = values.into_iter().collect();
    values.sort_unstable();
    let values = values.iter().map(|value| value.0.simple().to_string());
    values.collect::<Vec<_>>().join(" ")
}

/// Something that distinguishes the variants of a product, such as the size.
pub mod option {
    use sea_orm::entity::prelude::*;

    use super::{OptionId, ProductId, option_value};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "product_options")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: OptionId,
        pub product_id: ProductId,
        pub name: String,
        /// The name for comparison, unique within the product.
        pub name_key: String,
        pub position: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "option_value::Entity",
            from = "Column::Id",
            to = "option_value::Column::OptionId"
        )]
        Value,
    }

    impl Related<option_value::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Value.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A value of an option, such as "M".
pub mod option_value {
    use sea_orm::entity::prelude::*;

    use super::{OptionId, ValueId};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "product_option_values")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ValueId,
        pub option_id: OptionId,
        pub name: String,
        /// The name for comparison, unique within the option.
        pub name_key: String,
        pub position: i32,
        /// A color in CSS notation: `#rrggbb`.
        pub swatch: Option<String>,
    }

    crate::no_relations!();
}

/// The value that a variant has of an option.
pub mod variant_value {
    use sea_orm::entity::prelude::*;

    use super::{OptionId, ValueId, VariantId};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "variant_values")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub variant_id: VariantId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub option_id: OptionId,
        pub value_id: ValueId,
    }

    crate::no_relations!();
}

/// The prices that a variant had, each from a time on. Rows are only added.
pub mod price_history {
    use sea_orm::entity::prelude::*;

    use super::{Timestamp, VariantId};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "price_history")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub variant_id: VariantId,
        pub since: Timestamp,
        pub price: i64,
        pub compare_at_price: Option<i64>,
    }

    crate::no_relations!();
}
