//! Inputs and payloads of the discount mutations.

use async_graphql::{ID, InputObject, MaybeUndefined};

use super::{Discount, DiscountKind};
use crate::core::clock::Timestamp;
use crate::core::id::TypedId;
use crate::core::money::Decimal;
use crate::core::patch::Patch;
use crate::payload;
use crate::sales::discount::service::{
    CreateDiscount, Discount as Row, DiscountInput, UpdateDiscount,
};

/// Input of `createDiscount`.
#[derive(Debug, InputObject)]
pub struct CreateDiscountInput {
    /// Name for buyers: one line of 1 to 100 characters.
    name: String,
    /// The code that buyers enter: 1 to 50 characters without spaces, unique. Case is ignored. Default: none, the discount
    /// is automatic. A shop has at most 100 automatic discounts.
    code: Option<String>,
    /// The kind of discount.
    kind: DiscountKind,
    /// The percentage: above 0, at most 100, at most 4 decimals. Required for `PERCENT`, not allowed otherwise.
    percent: Option<Decimal>,
    /// The amount that is taken off, above 0, in the shop's currency. Required for `FIXED`, not allowed otherwise.
    amount: Option<Decimal>,
    /// Apply only to products of these categories and of those below them, at most 250. Not together with `productIds`.
    /// Default: all products.
    category_ids: Option<Vec<ID>>,
    /// Apply only to these products, at most 250. Not together with `categoryIds`. Default: all products.
    product_ids: Option<Vec<ID>>,
    /// Minimum amount of the items it applies to, before discounts.
    min_amount: Option<Decimal>,
    /// Minimum number of units of the items it applies to: at least 1.
    min_quantity: Option<i32>,
    /// The time from which it applies. Default: at once.
    starts_at: Option<Timestamp>,
    /// The time from which it does not apply any more, after `startsAt`. Default: never.
    ends_at: Option<Timestamp>,
    /// Whether it applies together with other combinable discounts. Default: false.
    combinable: Option<bool>,
    /// Whether it is switched on. Default: true.
    active: Option<bool>,
    /// Maximum number of orders that use it: at least 1. Default: unlimited.
    usage_limit: Option<i32>,
    /// Maximum number of orders of a customer that use it: at least 1. Default: unlimited.
    per_customer_limit: Option<i32>,
}

/// Input of `updateDiscount`. Absent fields stay unchanged; null clears all but `name`, `kind`, `combinable` and `active`.
#[derive(Debug, InputObject)]
pub struct UpdateDiscountInput {
    /// The id of the discount to update.
    id: ID,
    /// Update only if this is the current `version`; otherwise `CONFLICT`. Default: not checked.
    expected_version: Option<i32>,
    /// Name for buyers: one line of 1 to 100 characters. Not nullable.
    name: MaybeUndefined<String>,
    /// The code that buyers enter: 1 to 50 characters without spaces, unique. Null makes the discount automatic.
    code: MaybeUndefined<String>,
    /// The kind of discount. Not nullable. A new kind requires its `percent` or `amount`.
    kind: MaybeUndefined<DiscountKind>,
    /// The percentage: above 0, at most 100, at most 4 decimals. Only for `PERCENT`. Null is ignored.
    percent: MaybeUndefined<Decimal>,
    /// The amount that is taken off, above 0, in the shop's currency. Only for `FIXED`. Null is ignored.
    amount: MaybeUndefined<Decimal>,
    /// Apply only to products of these categories and of those below them, at most 250. Not together with `productIds`.
    /// Null clears it.
    category_ids: MaybeUndefined<Vec<ID>>,
    /// Apply only to these products, at most 250. Not together with `categoryIds`. Null clears it.
    product_ids: MaybeUndefined<Vec<ID>>,
    /// Minimum amount of the items it applies to, before discounts. Null clears it.
    min_amount: MaybeUndefined<Decimal>,
    /// Minimum number of units of the items it applies to: at least 1. Null clears it.
    min_quantity: MaybeUndefined<i32>,
    /// The time from which it applies. Null clears it.
    starts_at: MaybeUndefined<Timestamp>,
    /// The time from which it does not apply any more, after `startsAt`. Null clears it.
    ends_at: MaybeUndefined<Timestamp>,
    /// Whether it applies together with other combinable discounts. Not nullable.
    combinable: MaybeUndefined<bool>,
    /// Whether it is switched on. Not nullable.
    active: MaybeUndefined<bool>,
    /// Maximum number of orders that use it: at least 1, and not below `used`. Null makes it unlimited.
    usage_limit: MaybeUndefined<i32>,
    /// Maximum number of orders of a customer that use it: at least 1. Null makes it unlimited.
    per_customer_limit: MaybeUndefined<i32>,
}

/// Input of `deleteDiscount`.
#[derive(Debug, InputObject)]
pub struct DeleteDiscountInput {
    /// The id of the discount to delete. To use it again later, set `active` to false instead.
    pub id: ID,
    /// Delete only if this is the current `version`; otherwise `CONFLICT`. Default: not checked.
    pub expected_version: Option<i32>,
}

fn texts(ids: Vec<ID>) -> Vec<String> {
    ids.into_iter().map(|id| id.0).collect()
}

impl From<CreateDiscountInput> for CreateDiscount {
    fn from(input: CreateDiscountInput) -> Self {
        let fields = DiscountInput {
            name: Patch::Set(input.name),
            code: input.code.into(),
            kind: Patch::Set(input.kind.into()),
            percent: input.percent.into(),
            amount: input.amount.into(),
            category_ids: input.category_ids.map(texts).into(),
            product_ids: input.product_ids.map(texts).into(),
            min_amount: input.min_amount.into(),
            min_quantity: input.min_quantity.into(),
            starts_at: input.starts_at.into(),
            ends_at: input.ends_at.into(),
            combinable: input.combinable.into(),
            active: input.active.into(),
            usage_limit: input.usage_limit.into(),
            per_customer_limit: input.per_customer_limit.into(),
        };
        Self { fields }
    }
}

impl From<UpdateDiscountInput> for UpdateDiscount {
    fn from(input: UpdateDiscountInput) -> Self {
        Self {
            id: input.id.0,
            expected_version: input.expected_version,
            fields: DiscountInput {
                name: input.name.into(),
                code: input.code.into(),
                kind: input.kind.map_value(Into::into).into(),
                percent: input.percent.into(),
                amount: input.amount.into(),
                category_ids: input.category_ids.map_value(texts).into(),
                product_ids: input.product_ids.map_value(texts).into(),
                min_amount: input.min_amount.into(),
                min_quantity: input.min_quantity.into(),
                starts_at: input.starts_at.into(),
                ends_at: input.ends_at.into(),
                combinable: input.combinable.into(),
                active: input.active.into(),
                usage_limit: input.usage_limit.into(),
                per_customer_limit: input.per_customer_limit.into(),
            },
        }
    }
}

payload! {
    /// Payload of `createDiscount`.
    CreateDiscountPayload,
    /// Payload of `updateDiscount`.
    UpdateDiscountPayload,
    (Row as discount) {
        /// The discount in its new state. Null if nothing was changed.
        discount: Option<Discount> = Some(discount.into()),
    }
}

payload! {
    /// Payload of `deleteDiscount`.
    DeleteDiscountPayload,
    (Row as discount) {
        /// The id of the deleted discount. Null if nothing was deleted.
        discount_id: Option<ID> = Some(discount.row.id.encode().into()),
        /// The discount as it was.
        discount: Option<Discount> = Some(discount.into()),
    }
}
