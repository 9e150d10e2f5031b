//! Batched lookups of attributes, choices, product types, and the values of products and variants.

use std::collections::HashMap;

use async_graphql::Context;
use uuid::Uuid;

use super::{Attribute, AttributeChoice, ProductType};
use crate::catalog::attribute::entity::{
    AttributeId, ChoiceId, Model, Owner, ProductTypeId, choice, product_type,
};
use crate::catalog::attribute::service::{self, Assigned};
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::graphql::dataloader::{ContextExt, Load, LoadContext};
use crate::graphql::node::NodeType;

/// Loads attributes by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ById(pub AttributeId);

impl Load<ById> for LoadContext {
    type Value = Model;

    async fn load(&self, keys: &[ById]) -> Result<HashMap<ById, Model>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = service::find_attributes(self.state.db.reader(), &ids).await?;
        Ok(found.into_iter().map(|(id, row)| (ById(id), row)).collect())
    }
}

/// Loads choices by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChoiceById(pub ChoiceId);

impl Load<ChoiceById> for LoadContext {
    type Value = choice::Model;

    async fn load(&self, keys: &[ChoiceById]) -> Result<HashMap<ChoiceById, choice::Model>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = service::find_choices(self.state.db.reader(), &ids).await?;
        let found = found.into_iter();
        Ok(found.map(|(id, row)| (ChoiceById(id), row)).collect())
    }
}

/// Loads the choices of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChoicesOf(pub AttributeId);

impl Load<ChoicesOf> for LoadContext {
    type Value = Vec<choice::Model>;

    async fn load(&self, keys: &[ChoicesOf]) -> Result<HashMap<ChoicesOf, Self::Value>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = service::choices_of(self.state.db.reader(), &ids).await?;
        let found = found.into_iter();
        Ok(found.map(|(id, rows)| (ChoicesOf(id), rows)).collect())
    }
}

/// Loads product types by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TypeById(pub ProductTypeId);

impl Load<TypeById> for LoadContext {
    type Value = product_type::Model;

    async fn load(&self, keys: &[TypeById]) -> Result<HashMap<TypeById, product_type::Model>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = service::find_types(&self.state.db, &ids).await?;
        let found = found.into_iter();
        Ok(found.map(|(id, row)| (TypeById(id), row)).collect())
    }
}

/// Loads the attributes of a product type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AttributesOfType(pub ProductTypeId);

impl Load<AttributesOfType> for LoadContext {
    type Value = Vec<Model>;

    async fn load(
        &self,
        keys: &[AttributesOfType],
    ) -> Result<HashMap<AttributesOfType, Vec<Model>>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = service::attributes_of_types(&self.state.db, &ids).await?;
        let found = found.into_iter();
        Ok(found
            .map(|(id, rows)| (AttributesOfType(id), rows))
            .collect())
    }
}

/// Loads the values of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ValuesOfProduct(pub Uuid);

impl Load<ValuesOfProduct> for LoadContext {
    type Value = Vec<Assigned>;

    async fn load(
        &self,
        keys: &[ValuesOfProduct],
    ) -> Result<HashMap<ValuesOfProduct, Self::Value>> {
        let owners: Vec<_> = keys.iter().map(|key| (key.0, key.0)).collect();
        let found = service::of_owners(self.state.db.reader(), Owner::Product, &owners).await?;
        let found = found.into_iter();
        Ok(found
            .map(|(id, values)| (ValuesOfProduct(id), values))
            .collect())
    }
}

/// Loads the values of a variant, given with its product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ValuesOfVariant(pub Uuid, pub Uuid);

impl Load<ValuesOfVariant> for LoadContext {
    type Value = Vec<Assigned>;

    async fn load(
        &self,
        keys: &[ValuesOfVariant],
    ) -> Result<HashMap<ValuesOfVariant, Self::Value>> {
        let owners: Vec<_> = keys.iter().map(|key| (key.0, key.1)).collect();
        let mut found = service::of_owners(self.state.db.reader(), Owner::Variant, &owners).await?;
        let values = keys
            .iter()
            .filter_map(|key| Some((*key, found.remove(&key.0)?)));
        Ok(values.collect())
    }
}

impl NodeType for Attribute {
    const PREFIX: &'static str = AttributeId::PREFIX;

    async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        Ok(ctx.load(ById(id.into())).await?.map(Self))
    }
}

impl NodeType for AttributeChoice {
    const PREFIX: &'static str = ChoiceId::PREFIX;

    async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        Ok(ctx.load(ChoiceById(id.into())).await?.map(Self))
    }
}

impl NodeType for ProductType {
    const PREFIX: &'static str = ProductTypeId::PREFIX;

    async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        Ok(ctx.load(TypeById(id.into())).await?.map(Self))
    }
}
