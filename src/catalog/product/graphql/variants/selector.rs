//! GraphQL types of options and their values: what a product page needs to let customers choose a variant.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use futures_util::future::try_join;

use super::inputs::{self, OptionChoiceInput};
use super::{OptionsOf, Variant, VariantsOf};
use crate::catalog::product::ProductId;
use crate::catalog::product::entity::variant::{ValueId, option_value};
use crate::catalog::product::service::variants::{self as service, name_key};
use crate::core::error::{Error, Result};
use crate::core::id::TypedId;
use crate::graphql::dataloader::ContextExt;

/// An option of a product as a GraphQL object.
#[derive(Clone, Debug)]
pub struct ProductOption {
    all: Arc<Vec<service::ProductOption>>,
    index: usize,
    /// The variants of the product, if `available` is selected.
    variants: Arc<Vec<Variant>>,
}

impl ProductOption {
    /// Loads the options of a product, together with the variants if `available` is selected.
    pub async fn of(ctx: &Context<'_>, product: ProductId) -> Result<Vec<Self>> {
        let available = ctx.look_ahead().field("values").field("available");
        let (all, variants) = if available.exists() {
            let (options, variants) = (ctx.load(OptionsOf(product)), ctx.load(VariantsOf(product)));
            try_join(options, variants).await?
        } else {
            (ctx.load(OptionsOf(product)).await?, None)
        };
        let (all, variants) = (all.unwrap_or_default(), variants.unwrap_or_default());
        let option = |index| Self {
            all: all.clone(),
            index,
            variants: variants.clone(),
        };
        Ok((0..all.len()).map(option).collect())
    }

    fn option(&self) -> &service::ProductOption {
        &self.all[self.index]
    }
}

/// Something that distinguishes the variants of a product, such as the size or the color.
#[Object]
impl ProductOption {
    /// Opaque, stable id: `opt_...`.
    async fn id(&self) -> ID {
        self.option().row.id.encode().into()
    }

    /// Name, such as `Size`. At most 50 characters.
    async fn name(&self) -> &str {
        &self.option().row.name
    }

    /// The values in the order of the shop. At most 1,000.
    async fn values(&self) -> Vec<ProductOptionValue> {
        let values = self.option().values.iter();
        let value = |value: &option_value::Model| ProductOptionValue {
            all: self.all.clone(),
            variants: self.variants.clone(),
            value: value.clone(),
        };
        values.map(value).collect()
    }
}

/// A value of an option as a GraphQL object.
#[derive(Clone, Debug)]
pub struct ProductOptionValue {
    all: Arc<Vec<service::ProductOption>>,
    variants: Arc<Vec<Variant>>,
    value: option_value::Model,
}

/// A value of an option, such as `M`.
#[Object]
impl ProductOptionValue {
    /// Opaque, stable id: `optv_...`.
    async fn id(&self) -> ID {
        self.value.id.encode().into()
    }

    /// Name, such as `M`. At most 100 characters.
    async fn name(&self) -> &str {
        &self.value.name
    }

    /// Color to show beside the name: `#rrggbb`. Null if there is none.
    async fn swatch(&self) -> Option<&str> {
        self.value.swatch.as_deref()
    }

    /// Whether a variant with this value can be ordered now. A selector that disables the other values offers no
    /// combination that does not exist or is out of stock.
    ///
    /// Errors: `BAD_USER_INPUT` for an option that the product does not have.
    #[expect(clippy::unused_async, reason = "required by the macro")]
    async fn available(
        &self,
        #[graphql(
            desc = "Only variants with these values, the customer's choices so far. A choice of the same option is ignored. A value that does not exist matches nothing."
        )]
        with: Option<Vec<OptionChoiceInput>>,
    ) -> Result<bool> {
        let mut chosen = Vec::new();
        for (name, value) in inputs::choices(with.unwrap_or_default(), "with")? {
            let option = self.all.iter().find(|option| option.row.name_key == name);
            let option = option.ok_or_else(|| no_option("with"))?;
            if option.row.id != self.value.option_id {
                chosen.push(find(option, &value));
            }
        }
        chosen.push(Some(self.value.id));
        let Some(chosen) = chosen.into_iter().collect::<Option<Vec<_>>>() else {
            return Ok(false);
        };
        let is_match = |variant: &Variant| variant.is_orderable() && variant.has_all(&chosen);
        Ok(self.variants.iter().any(is_match))
    }
}

/// Returns the variant of a product with exactly these values: one of each option.
pub async fn find_variant(
    ctx: &Context<'_>,
    product: ProductId,
    options: Vec<OptionChoiceInput>,
) -> Result<Option<Variant>> {
    let (all, variants) = (ctx.load(OptionsOf(product)), ctx.load(VariantsOf(product)));
    let (all, variants) = try_join(all, variants).await?;
    let (all, variants) = (all.unwrap_or_default(), variants.unwrap_or_default());
    let mut chosen = Vec::new();
    for (name, value) in inputs::choices(options, "options")? {
        let option = all.iter().find(|option| option.row.name_key == name);
        let option = option.ok_or_else(|| no_option("options"))?;
        chosen.push(find(option, &value));
    }
    if chosen.len() < all.len() {
        let message = "A value of each option is required.";
        return Err(Error::bad_input("options", message));
    }
    let Some(chosen) = chosen.into_iter().collect::<Option<Vec<_>>>() else {
        return Ok(None);
    };
    let found = variants.iter().find(|variant| variant.has_all(&chosen));
    Ok(found.cloned())
}

fn find(option: &service::ProductOption, value: &str) -> Option<ValueId> {
    let mut values = option.values.iter();
    values
        .find(|other| other.name_key == name_key(value))
        .map(|value| value.id)
}

fn no_option(field: &str) -> Error {
    Error::bad_input(field, "The product has no such option.")
}
