//! GraphQL types of the prices of an order.

use async_graphql::{Context, Object, SimpleObject};

use super::loaders::TaxesOf;
use crate::core::error::Result;
use crate::core::money::{Currency, Decimal, Money};
use crate::graphql::dataloader::ContextExt;
use crate::sales::order::entity::{Model, detail};

/// The totals of an order.
#[derive(Clone, Debug)]
pub struct OrderTotals {
    pub order: Model,
    pub currency: Currency,
}

impl OrderTotals {
    const fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.currency)
    }
}

/// The totals of an order, which never change: `total` = `items` - `discount` + `shipping`, and + `tax` unless prices
/// include it.
#[Object(cache_control(private))]
impl OrderTotals {
    /// The items before discounts.
    async fn items(&self) -> Money {
        self.money(self.order.items)
    }

    /// All discounts, including free shipping.
    async fn discount(&self) -> Money {
        self.money(self.order.discount)
    }

    /// The price of shipping, before free shipping.
    async fn shipping(&self) -> Money {
        self.money(self.order.shipping)
    }

    /// All taxes.
    async fn tax(&self) -> Money {
        self.money(self.order.tax)
    }

    /// Whether the other amounts include the tax.
    async fn tax_included(&self) -> bool {
        self.order.prices_include_tax
    }

    /// The amount to pay.
    async fn total(&self) -> Money {
        self.money(self.order.total)
    }

    /// The taxes by name and rate. At most one for each.
    async fn taxes(&self, ctx: &Context<'_>) -> Result<Vec<OrderTax>> {
        let found = ctx.load(TaxesOf(self.order.id)).await?;
        let found = found.unwrap_or_default().into_iter();
        Ok(found.map(|tax| OrderTax::new(tax, self.currency)).collect())
    }
}

/// A tax of an order.
#[derive(Clone, Debug, SimpleObject)]
pub struct OrderTax {
    /// Name of the tax, such as `VAT`.
    name: String,
    /// The rate in percent: `"19"`.
    rate: Decimal,
    /// The amount that is taxed, without the tax.
    base: Money,
    /// The amount of the tax.
    tax: Money,
}

impl OrderTax {
    fn new(row: detail::tax::Model, currency: Currency) -> Self {
        Self {
            rate: Decimal::from_ppm(u32::try_from(row.ppm).unwrap_or_default()),
            base: Money::new(row.base, currency),
            tax: Money::new(row.amount, currency),
            name: row.name,
        }
    }
}

/// A discount that was applied to an order.
#[derive(Clone, Debug, SimpleObject)]
pub struct OrderDiscount {
    /// Name.
    name: String,
    /// The code. Null for an automatic discount.
    code: Option<String>,
    /// The amount that was taken off.
    amount: Money,
}

impl OrderDiscount {
    pub fn new(row: detail::discount::Model, currency: Currency) -> Self {
        Self {
            name: row.name,
            code: row.code,
            amount: Money::new(row.amount, currency),
        }
    }
}
