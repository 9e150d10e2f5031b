//! Data loaders of variants and options.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::Context;
use uuid::Uuid;

use super::Variant;
use crate::catalog::product::ProductId;
use crate::catalog::product::entity::stock::StockSummary;
use crate::catalog::product::entity::variant::VariantId;
use crate::catalog::product::repository::variants::StockedVariant;
use crate::catalog::product::service::variants::{self as service, ProductOption};
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::graphql::dataloader::{ContextExt, Load, LoadContext};
use crate::graphql::node::NodeType;

crate::load_by_id!(
    /// Loads variants by ID.
    ById,
    VariantId,
    StockedVariant,
    service
);

/// Loads the variants of a product that the viewer may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VariantsOf(pub ProductId);

impl Load<VariantsOf> for LoadContext {
    // Shared: each value of an option looks through all variants.
    type Value = Arc<Vec<Variant>>;

    async fn load(&self, keys: &[VariantsOf]) -> Result<HashMap<VariantsOf, Self::Value>> {
        let products: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = service::variants_of(&self.state.db, self.audience, &products).await?;
        let found = found.into_iter().map(|(id, rows)| {
            let variants = rows.into_iter().map(Variant::from).collect();
            (VariantsOf(id), Arc::new(variants))
        });
        Ok(found.collect())
    }
}

/// Loads the units of the variants of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StockOf(pub ProductId);

impl Load<StockOf> for LoadContext {
    type Value = StockSummary;

    async fn load(&self, keys: &[StockOf]) -> Result<HashMap<StockOf, StockSummary>> {
        let products: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = service::stocks_of(&self.state.db, &products).await?;
        let found = found.into_iter();
        Ok(found.map(|(id, stock)| (StockOf(id), stock)).collect())
    }
}

/// Loads the options of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OptionsOf(pub ProductId);

impl Load<OptionsOf> for LoadContext {
    // Shared: each variant looks up the names of its values.
    type Value = Arc<Vec<ProductOption>>;

    async fn load(&self, keys: &[OptionsOf]) -> Result<HashMap<OptionsOf, Self::Value>> {
        let products: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = service::options_of(&self.state.db, &products).await?;
        let found = found.into_iter();
        Ok(found
            .map(|(id, rows)| (OptionsOf(id), Arc::new(rows)))
            .collect())
    }
}

impl NodeType for Variant {
    const PREFIX: &'static str = VariantId::PREFIX;

    async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        Ok(ctx.load(ById(id.into())).await?.map(Self::from))
    }
}
