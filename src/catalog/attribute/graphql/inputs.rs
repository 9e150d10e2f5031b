//! Inputs of the mutations of attributes, choices and product types.

use async_graphql::{ID, InputObject, MaybeUndefined};

use super::{AttributeOwner, AttributeType};
use crate::catalog::attribute::service::{AttributeFields, AttributeInput, ChoiceInput, TypeInput};
use crate::core::patch::Patch;

/// Input of `createAttribute`.
#[derive(Debug, InputObject)]
pub struct CreateAttributeInput {
    /// Name for customers: one line of 1 to 100 characters.
    name: String,
    /// Identifies it in inputs, filters and files: 1 to 64 lower-case letters, digits, hyphens and underscores, unique.
    /// Default: derived from the name.
    code: Option<String>,
    /// The type of its values. It can't be changed.
    r#type: AttributeType,
    /// The things that have values of it. It can't be changed. Default: `PRODUCT`.
    owner: Option<AttributeOwner>,
    /// The unit of its numbers, such as `cm`: one line of 1 to 20 characters. Only for `NUMBER`.
    unit: Option<String>,
    /// Whether a product or a variant can have several values. Only for choices and references. It can't be changed.
    /// Default: false.
    multiple: Option<bool>,
    /// Whether products are found by its values in a search. Default: false.
    searchable: Option<bool>,
    /// Whether it can be used in filters and is in facets. Default: false.
    filterable: Option<bool>,
}

impl From<CreateAttributeInput> for (AttributeInput, AttributeFields) {
    fn from(input: CreateAttributeInput) -> Self {
        let fields = AttributeFields {
            kind: input.r#type.into(),
            owner: input.owner.unwrap_or(AttributeOwner::Product).into(),
            multiple: input.multiple.unwrap_or_default(),
        };
        let input = AttributeInput {
            name: Patch::Set(input.name),
            code: input.code.into(),
            unit: input.unit.into(),
            searchable: input.searchable.into(),
            filterable: input.filterable.into(),
        };
        (input, fields)
    }
}

/// Input of `updateAttribute`. Absent fields stay unchanged; null clears `unit`.
#[derive(Debug, InputObject)]
pub struct UpdateAttributeInput {
    /// The id of the attribute to update.
    pub id: ID,
    /// Update only if this is the current `version`; otherwise `CONFLICT`. Default: not checked.
    pub expected_version: Option<i32>,
    /// Name for customers: one line of 1 to 100 characters. Not nullable.
    name: MaybeUndefined<String>,
    /// Identifies it in inputs, filters and files: 1 to 64 lower-case letters, digits, hyphens and underscores, unique.
    /// Not nullable.
    code: MaybeUndefined<String>,
    /// The unit of its numbers: one line of 1 to 20 characters. Only for `NUMBER`. Numbers are not converted. Null clears it.
    unit: MaybeUndefined<String>,
    /// Whether products are found by its values in a search. Not nullable.
    searchable: MaybeUndefined<bool>,
    /// Whether it can be used in filters and is in facets. Not nullable.
    filterable: MaybeUndefined<bool>,
}

impl From<UpdateAttributeInput> for AttributeInput {
    fn from(input: UpdateAttributeInput) -> Self {
        Self {
            name: input.name.into(),
            code: input.code.into(),
            unit: input.unit.into(),
            searchable: input.searchable.into(),
            filterable: input.filterable.into(),
        }
    }
}

/// Input of `deleteAttribute`.
#[derive(Debug, InputObject)]
pub struct DeleteAttributeInput {
    /// The id of the attribute to delete.
    pub id: ID,
    /// Delete only if this is the current `version`; otherwise `CONFLICT`. Default: not checked.
    pub expected_version: Option<i32>,
}

/// Input of `reorderAttributes`.
#[derive(Debug, InputObject)]
pub struct ReorderAttributesInput {
    /// The ids of all attributes, in their new order.
    pub attribute_ids: Vec<ID>,
}

/// Input of `createAttributeChoice`.
#[derive(Debug, InputObject)]
pub struct CreateAttributeChoiceInput {
    /// The id of the attribute, of the type `CHOICE`.
    pub attribute_id: ID,
    /// Name for customers: one line of 1 to 100 characters, unique within the attribute.
    name: String,
    /// Identifies it in inputs, filters and files: 1 to 64 lower-case letters, digits, hyphens and underscores, unique
    /// within the attribute. Default: derived from the name.
    code: Option<String>,
    /// Color to show beside the name: `#rrggbb`.
    swatch: Option<String>,
}

impl From<CreateAttributeChoiceInput> for ChoiceInput {
    fn from(input: CreateAttributeChoiceInput) -> Self {
        Self {
            name: Patch::Set(input.name),
            code: input.code.into(),
            swatch: input.swatch.into(),
        }
    }
}

/// Input of `updateAttributeChoice`. Absent fields stay unchanged; null clears `swatch`.
#[derive(Debug, InputObject)]
pub struct UpdateAttributeChoiceInput {
    /// The id of the choice to update.
    pub id: ID,
    /// Update only if this is the current `version`; otherwise `CONFLICT`. Default: not checked.
    pub expected_version: Option<i32>,
    /// Name for customers: one line of 1 to 100 characters, unique within the attribute. Not nullable.
    name: MaybeUndefined<String>,
    /// Identifies it in inputs, filters and files: 1 to 64 lower-case letters, digits, hyphens and underscores, unique
    /// within the attribute. Not nullable.
    code: MaybeUndefined<String>,
    /// Color to show beside the name: `#rrggbb`. Null clears it.
    swatch: MaybeUndefined<String>,
}

impl From<UpdateAttributeChoiceInput> for ChoiceInput {
    fn from(input: UpdateAttributeChoiceInput) -> Self {
        Self {
            name: input.name.into(),
            code: input.code.into(),
            swatch: input.swatch.into(),
        }
    }
}

/// Input of `deleteAttributeChoice`.
#[derive(Debug, InputObject)]
pub struct DeleteAttributeChoiceInput {
    /// The id of the choice to delete.
    pub id: ID,
    /// Delete only if this is the current `version`; otherwise `CONFLICT`. Default: not checked.
    pub expected_version: Option<i32>,
}

/// Input of `reorderAttributeChoices`.
#[derive(Debug, InputObject)]
pub struct ReorderAttributeChoicesInput {
    /// The id of the attribute.
    pub attribute_id: ID,
    /// The ids of all its choices, in their new order.
    pub choice_ids: Vec<ID>,
}

/// Input of `createProductType`.
#[derive(Debug, InputObject)]
pub struct CreateProductTypeInput {
    /// Name: one line of 1 to 100 characters, unique among product types.
    name: String,
    /// URL slug: lowercase letters and digits, words joined by single hyphens, unique. Default: derived from the name.
    slug: Option<String>,
    /// The ids of its attributes, in their order. At most 100.
    attribute_ids: Option<Vec<ID>>,
}

impl From<CreateProductTypeInput> for TypeInput {
    fn from(input: CreateProductTypeInput) -> Self {
        Self {
            name: Patch::Set(input.name),
            slug: input.slug.into(),
            attributes: input.attribute_ids.map(texts).into(),
        }
    }
}

/// Input of `updateProductType`. Absent fields stay unchanged; null clears `attributeIds`.
#[derive(Debug, InputObject)]
pub struct UpdateProductTypeInput {
    /// The id of the product type to update.
    pub id: ID,
    /// Update only if this is the current `version`; otherwise `CONFLICT`. Default: not checked.
    pub expected_version: Option<i32>,
    /// Name: one line of 1 to 100 characters, unique among product types. Not nullable.
    name: MaybeUndefined<String>,
    /// URL slug, unique among product types. Not nullable.
    slug: MaybeUndefined<String>,
    /// The ids of all its attributes, in their order. At most 100. Replaces the current ones; the values of products stay.
    /// Null or an empty list removes them all.
    attribute_ids: MaybeUndefined<Vec<ID>>,
}

impl From<UpdateProductTypeInput> for TypeInput {
    fn from(input: UpdateProductTypeInput) -> Self {
        Self {
            name: input.name.into(),
            slug: input.slug.into(),
            attributes: input.attribute_ids.map_value(texts).into(),
        }
    }
}

/// Input of `deleteProductType`.
#[derive(Debug, InputObject)]
pub struct DeleteProductTypeInput {
    /// The id of the product type to delete.
    pub id: ID,
    /// Delete only if this is the current `version`; otherwise `CONFLICT`. Default: not checked.
    pub expected_version: Option<i32>,
}

fn texts(ids: Vec<ID>) -> Vec<String> {
    ids.into_iter().map(|id| id.0).collect()
}
