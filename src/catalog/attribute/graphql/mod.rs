//! GraphQL API of attributes, choices and product types, and of the values of products and variants.

mod inputs;
mod loaders;
mod mutation;
mod payloads;
mod query;
mod value_inputs;
mod values;

pub use loaders::{ById, ChoicesOf};
pub use mutation::{AttributeChoiceMutation, AttributeMutation, ProductTypeMutation};
pub use query::AttributeQuery;
pub use value_inputs::{AttributeFilter, AttributeValueInput, to_conditions};
pub use values::{AttributeValue, of_product, of_variant, type_of_product};

use async_graphql::{Context, Enum, ID, Object};

use self::loaders::AttributesOfType;
use super::entity::{Kind, Model, Owner, choice, product_type};
use super::service::MAX_CHOICES;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::id::TypedId;
use crate::graphql::dataloader::ContextExt;

/// The type of the values of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Kind")]
pub enum AttributeType {
    /// One line of text: `TextValue`.
    Text,
    /// An exact number, with the unit of the attribute: `NumberValue`.
    Number,
    /// True or false: `BooleanValue`.
    Boolean,
    /// One or several of the attribute's choices: `ChoiceValue`.
    Choice,
    /// A calendar date: `DateValue`.
    Date,
    /// One or several products: `ProductReferenceValue`.
    ProductReference,
    /// One or several categories: `CategoryReferenceValue`.
    CategoryReference,
}

/// The things that have values of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Owner")]
pub enum AttributeOwner {
    /// Products.
    Product,
    /// Variants of products.
    Variant,
}

/// An attribute row as a GraphQL object.
#[derive(Clone, Debug)]
pub struct Attribute(pub Model);

/// A property that products or variants can have, such as the material or the capacity.
#[Object]
impl Attribute {
    /// Opaque, stable id: `attr_...`.
    pub async fn id(&self) -> ID {
        self.0.id.encode().into()
    }

    /// Name for customers, such as `Material`. At most 100 characters.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Identifies the attribute in inputs, filters and files, such as `material`. Unique among attributes.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// The type of its values.
    async fn r#type(&self) -> AttributeType {
        self.0.kind.into()
    }

    /// The things that have values of it.
    async fn owner(&self) -> AttributeOwner {
        self.0.owner.into()
    }

    /// The unit of its numbers, such as `cm`. Null if there is none, or if it is no `NUMBER`.
    async fn unit(&self) -> Option<&str> {
        self.0.unit.as_deref()
    }

    /// Whether a product or a variant can have several values of it. Only choices and references.
    async fn multiple(&self) -> bool {
        self.0.multiple
    }

    /// Whether products are found by its values in a search.
    async fn searchable(&self) -> bool {
        self.0.searchable
    }

    /// Whether it can be used in `ProductFilter.attributes` and is in `ProductFacets.attributes`.
    async fn filterable(&self) -> bool {
        self.0.filterable
    }

    /// Position among all attributes, from 0.
    async fn position(&self) -> i32 {
        self.0.position
    }

    /// Its choices, in the order of the shop. Empty unless its type is `CHOICE`; at most 500.
    ///
    /// Errors: `BAD_USER_INPUT` for `first` out of bounds.
    async fn choices(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 100, desc = "Maximum number of choices to return, 1 to 500.")]
        first: i32,
    ) -> Result<Vec<AttributeChoice>> {
        let first = usize::try_from(first)
            .ok()
            .filter(|first| (1..=MAX_CHOICES).contains(first));
        let first = first.ok_or_else(|| {
            Error::bad_input("first", format!("`first` must be from 1 to {MAX_CHOICES}."))
        })?;
        if self.0.kind != Kind::Choice {
            return Ok(Vec::new());
        }
        let choices = ctx.load(ChoicesOf(self.0.id)).await?.unwrap_or_default();
        Ok(choices
            .into_iter()
            .take(first)
            .map(AttributeChoice)
            .collect())
    }

    /// Version number. Starts at 1 and increases by 1 with each change, except of its choices.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// Creation time.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// Time of the last change, except of its choices.
    async fn updated_at(&self) -> Timestamp {
        self.0.updated_at
    }
}

/// A choice row as a GraphQL object.
#[derive(Clone, Debug)]
pub struct AttributeChoice(pub choice::Model);

/// A value that products or variants can have of an attribute of the type `CHOICE`.
#[Object]
impl AttributeChoice {
    /// Opaque, stable id: `attrc_...`.
    pub async fn id(&self) -> ID {
        self.0.id.encode().into()
    }

    /// Name for customers, such as `Leather`. Unique within the attribute, at most 100 characters.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Identifies the choice in inputs, filters and files, such as `leather`. Unique within the attribute.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Color to show beside the name: `#rrggbb`. Null if there is none.
    async fn swatch(&self) -> Option<&str> {
        self.0.swatch.as_deref()
    }

    /// Position among the choices of the attribute, from 0.
    async fn position(&self) -> i32 {
        self.0.position
    }

    /// Version number. Starts at 1 and increases by 1 with each change.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

/// A product type row as a GraphQL object.
#[derive(Clone, Debug)]
pub struct ProductType(pub product_type::Model);

/// A type of products, such as shoes: the attributes that its products usually have.
#[Object]
impl ProductType {
    /// Opaque, stable id: `ptype_...`.
    pub async fn id(&self) -> ID {
        self.0.id.encode().into()
    }

    /// Name, such as `Shoes`. Unique among product types, at most 100 characters.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// URL slug, unique among product types.
    async fn slug(&self) -> &str {
        &self.0.slug
    }

    /// Its attributes, in its own order. At most 100. Products of the type may have values of other attributes too.
    async fn attributes(&self, ctx: &Context<'_>) -> Result<Vec<Attribute>> {
        let found = ctx.load(AttributesOfType(self.0.id)).await?;
        Ok(found
            .unwrap_or_default()
            .into_iter()
            .map(Attribute)
            .collect())
    }

    /// Version number. Starts at 1 and increases by 1 with each change.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// Creation time.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// Time of the last change.
    async fn updated_at(&self) -> Timestamp {
        self.0.updated_at
    }
}
