//! Inputs and payloads of the mutations of shipping methods.

use async_graphql::{ID, InputObject, MaybeUndefined};

use super::{ShippingMethod, ShippingMethodKind, ShippingPriceBy};
use crate::core::id::TypedId;
use crate::core::money::Decimal;
use crate::core::patch::Patch;
use crate::payload;
use crate::sales::shipping::service::{
    BracketInput, CreateMethod, Method, MethodInput, UpdateMethod,
};

/// The price of a shipping method from a weight or an amount on.
#[derive(Debug, InputObject)]
pub struct ShippingBracketInput {
    /// Lower bound: whole grams, or an amount in the shop's currency, as `priceBy` says. 0 for a price that always applies.
    from: Decimal,
    /// The price of shipping in the shop's currency. `"0"` for free shipping.
    price: Decimal,
}

/// Input of `createShippingMethod`.
#[derive(Debug, InputObject)]
pub struct CreateShippingMethodInput {
    /// The zone in which the method is offered.
    zone_id: ID,
    /// Name for buyers: one line of 1 to 100 characters.
    name: String,
    /// Plain text for buyers, at most 1,000 characters. Default: empty.
    description: Option<String>,
    /// How an order reaches the buyer. Default: `SHIP`.
    kind: Option<ShippingMethodKind>,
    /// The measure that the price depends on. Default: `AMOUNT`.
    price_by: Option<ShippingPriceBy>,
    /// The prices, 1 to 50, each with another `from`. The one with the highest `from` that is not above the weight or the
    /// amount applies; below the lowest one the method is not offered.
    brackets: Vec<ShippingBracketInput>,
    /// The tax class. Default: the default tax class.
    tax_class_id: Option<ID>,
    /// Minimum number of days until delivery, 0 to 365.
    min_days: Option<i32>,
    /// Maximum number of days until delivery, `minDays` to 365.
    max_days: Option<i32>,
    /// Whether it is offered to buyers. Default: true.
    active: Option<bool>,
    /// Methods of a zone are sorted by it, then by age. 0 to 1,000,000. Default: one above the last.
    position: Option<i32>,
}

/// Input of `updateShippingMethod`. Absent fields stay unchanged; null clears `description`, `taxClassId`, `minDays` and
/// `maxDays`.
#[derive(Debug, InputObject)]
pub struct UpdateShippingMethodInput {
    /// The id of the method to update.
    id: ID,
    /// Update only if this is the current `version`; otherwise `CONFLICT`. Default: not checked.
    expected_version: Option<i32>,
    /// Name for buyers: one line of 1 to 100 characters. Not nullable.
    name: MaybeUndefined<String>,
    /// Plain text for buyers, at most 1,000 characters. Null clears it.
    description: MaybeUndefined<String>,
    /// How an order reaches the buyer. Not nullable.
    kind: MaybeUndefined<ShippingMethodKind>,
    /// The measure that the price depends on. Not nullable. A new value requires `brackets`.
    price_by: MaybeUndefined<ShippingPriceBy>,
    /// All prices, 1 to 50, each with another `from`: they replace the current ones. Not nullable.
    brackets: MaybeUndefined<Vec<ShippingBracketInput>>,
    /// The tax class. Null is the default tax class.
    tax_class_id: MaybeUndefined<ID>,
    /// Minimum number of days until delivery, 0 to 365. Null clears it.
    min_days: MaybeUndefined<i32>,
    /// Maximum number of days until delivery, `minDays` to 365. Null clears it.
    max_days: MaybeUndefined<i32>,
    /// Whether it is offered to buyers. Not nullable.
    active: MaybeUndefined<bool>,
    /// Methods of a zone are sorted by it, then by age. 0 to 1,000,000. Not nullable.
    position: MaybeUndefined<i32>,
}

/// Input of `deleteShippingMethod`.
#[derive(Debug, InputObject)]
pub struct DeleteShippingMethodInput {
    /// The id of the method to delete. To use it again later, set `active` to false instead.
    pub id: ID,
    /// Delete only if this is the current `version`; otherwise `CONFLICT`. Default: not checked.
    pub expected_version: Option<i32>,
}

fn brackets(brackets: Vec<ShippingBracketInput>) -> Vec<BracketInput> {
    let brackets = brackets.into_iter().map(|bracket| BracketInput {
        from: bracket.from,
        price: bracket.price,
    });
    brackets.collect()
}

impl From<CreateShippingMethodInput> for CreateMethod {
    fn from(input: CreateShippingMethodInput) -> Self {
        Self {
            zone_id: input.zone_id.0,
            fields: MethodInput {
                name: Patch::Set(input.name),
                description: input.description.into(),
                kind: input.kind.map(Into::into).into(),
                price_by: input.price_by.map(Into::into).into(),
                brackets: Patch::Set(brackets(input.brackets)),
                tax_class_id: input.tax_class_id.map(|id| id.0).into(),
                min_days: input.min_days.into(),
                max_days: input.max_days.into(),
                active: input.active.into(),
                position: input.position.into(),
            },
        }
    }
}

impl From<UpdateShippingMethodInput> for UpdateMethod {
    fn from(input: UpdateShippingMethodInput) -> Self {
        Self {
            id: input.id.0,
            expected_version: input.expected_version,
            fields: MethodInput {
                name: input.name.into(),
                description: input.description.into(),
                kind: input.kind.map_value(Into::into).into(),
                price_by: input.price_by.map_value(Into::into).into(),
                brackets: input.brackets.map_value(brackets).into(),
                tax_class_id: input.tax_class_id.map_value(|id| id.0).into(),
                min_days: input.min_days.into(),
                max_days: input.max_days.into(),
                active: input.active.into(),
                position: input.position.into(),
            },
        }
    }
}

payload! {
    /// Payload of `createShippingMethod`.
    CreateShippingMethodPayload,
    /// Payload of `updateShippingMethod`.
    UpdateShippingMethodPayload,
    (Method as method) {
        /// The shipping method in its new state. Null if nothing was changed.
        shipping_method: Option<ShippingMethod> = Some(ShippingMethod(method)),
    }
}

payload! {
    /// Payload of `deleteShippingMethod`.
    DeleteShippingMethodPayload,
    (Method as method) {
        /// The id of the deleted shipping method. Null if nothing was deleted.
        shipping_method_id: Option<ID> = Some(method.row.id.encode().into()),
        /// The shipping method as it was.
        shipping_method: Option<ShippingMethod> = Some(ShippingMethod(method)),
    }
}
