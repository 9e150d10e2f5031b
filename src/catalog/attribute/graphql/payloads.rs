//! Payloads of the mutations of attributes, choices and product types.

use async_graphql::ID;

use super::{Attribute, AttributeChoice, ProductType};
use crate::catalog::attribute::entity::{Model, choice, product_type};
use crate::core::id::TypedId;
use crate::payload;

payload! {
    /// Payload of `createAttribute`.
    CreateAttributePayload,
    /// Payload of `updateAttribute`.
    UpdateAttributePayload,
    /// Payload of `reorderAttributeChoices`.
    ReorderAttributeChoicesPayload,
    (Model as attribute) {
        /// The attribute in its new state. Null if nothing was changed.
        attribute: Option<Attribute> = Some(Attribute(attribute)),
    }
}

payload! {
    /// Payload of `deleteAttribute`.
    DeleteAttributePayload,
    (Model as attribute) {
        /// The id of the deleted attribute. Null if nothing was deleted.
        attribute_id: Option<ID> = Some(attribute.id.encode().into()),
        /// The attribute as it was. Its choices are gone.
        attribute: Option<Attribute> = Some(Attribute(attribute)),
    }
}

payload! {
    /// Payload of `reorderAttributes`.
    ReorderAttributesPayload,
    (Vec<Model> as attributes) {
        /// All attributes in their new order. Empty if nothing was changed.
        attributes: Vec<Attribute> = attributes.into_iter().map(Attribute).collect(),
    }
}

payload! {
    /// Payload of `createAttributeChoice`.
    CreateAttributeChoicePayload,
    /// Payload of `updateAttributeChoice`.
    UpdateAttributeChoicePayload,
    (choice::Model as choice) {
        /// The choice in its new state. Null if nothing was changed.
        choice: Option<AttributeChoice> = Some(AttributeChoice(choice)),
    }
}

payload! {
    /// Payload of `deleteAttributeChoice`.
    DeleteAttributeChoicePayload,
    (choice::Model as choice) {
        /// The id of the deleted choice. Null if nothing was deleted.
        choice_id: Option<ID> = Some(choice.id.encode().into()),
        /// The choice as it was.
        choice: Option<AttributeChoice> = Some(AttributeChoice(choice)),
    }
}

payload! {
    /// Payload of `createProductType`.
    CreateProductTypePayload,
    /// Payload of `updateProductType`.
    UpdateProductTypePayload,
    (product_type::Model as row) {
        /// The product type in its new state. Null if nothing was changed.
        product_type: Option<ProductType> = Some(ProductType(row)),
    }
}

payload! {
    /// Payload of `deleteProductType`.
    DeleteProductTypePayload,
    (product_type::Model as row) {
        /// The id of the deleted product type. Null if nothing was deleted.
        product_type_id: Option<ID> = Some(row.id.encode().into()),
        /// The product type as it was, without its attributes.
        product_type: Option<ProductType> = Some(ProductType(row)),
    }
}
