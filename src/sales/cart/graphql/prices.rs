//! GraphQL types of the prices of a cart.

use async_graphql::{ID, SimpleObject};

use crate::core::id::TypedId;
use crate::core::money::{Currency, Decimal, Money};
use crate::core::pricing::{TaxTotal as Tax, Totals};
use crate::sales::discount::list::code_key;
use crate::sales::quote::{AppliedDiscount, MethodQuote, Quote};
use crate::sales::shipping::graphql::ShippingMethodKind;

/// The totals of a cart: `total` = `items` - `discount` + `shipping`, and + `tax` unless prices include it.
#[derive(Clone, Debug, SimpleObject)]
pub struct CartTotals {
    /// The items before discounts.
    items: Money,
    /// All discounts, including free shipping.
    discount: Money,
    /// The price of the chosen shipping method, before free shipping. 0 if none is chosen.
    shipping: Money,
    /// All taxes. Until there is a shipping address, they are those of the shop's country.
    tax: Money,
    /// Whether the other amounts include the tax.
    tax_included: bool,
    /// The amount to pay.
    total: Money,
    /// The taxes by name and rate. At most one for each.
    taxes: Vec<CartTax>,
}

/// A tax of a cart.
#[derive(Clone, Debug, SimpleObject)]
pub struct CartTax {
    /// Name of the tax, such as `VAT`.
    name: String,
    /// The rate in percent: `"19"`.
    rate: Decimal,
    /// The amount that is taxed, without the tax.
    base: Money,
    /// The amount of the tax.
    tax: Money,
}

/// A shipping method that is offered for a cart, and its price.
#[derive(Clone, Debug, SimpleObject)]
pub struct ShippingQuote {
    /// The id of the shipping method: `ship_...`.
    method_id: ID,
    /// Name for buyers.
    name: String,
    /// Plain text for buyers. May be empty.
    description: String,
    /// How an order reaches the buyer.
    kind: ShippingMethodKind,
    /// Minimum number of days until delivery. Null if unknown.
    min_days: Option<i32>,
    /// Maximum number of days until delivery. Null if unknown.
    max_days: Option<i32>,
    /// The price for this cart, before free shipping.
    price: Money,
}

/// A discount that applies to a cart.
#[derive(Clone, Debug, SimpleObject)]
pub struct CartDiscount {
    /// Name for buyers.
    name: String,
    /// The code. Null for an automatic discount.
    code: Option<String>,
    /// The amount that is taken off.
    amount: Money,
}

/// A code that the buyer has entered.
#[derive(Clone, Debug, SimpleObject)]
pub struct CartDiscountCode {
    /// The code as it was entered.
    code: String,
    /// Whether its discount applies. If not, `Cart.problems` has the reason.
    applied: bool,
}

impl CartTotals {
    /// Converts the totals of a cart.
    pub fn new(quote: &Quote, tax_included: bool, currency: Currency) -> Self {
        let money = |minor| Money::new(minor, currency);
        let Totals {
            items,
            discount,
            shipping,
            tax,
            total,
        } = quote.prices.totals;
        let taxes = quote.prices.taxes.iter();
        Self {
            items: money(items),
            discount: money(discount),
            shipping: money(shipping),
            tax: money(tax),
            tax_included,
            total: money(total),
            taxes: taxes.map(|tax| CartTax::new(tax, currency)).collect(),
        }
    }
}

impl CartTax {
    fn new(tax: &Tax, currency: Currency) -> Self {
        Self {
            name: tax.tax.name.clone(),
            rate: Decimal::from_ppm(tax.tax.ppm),
            base: Money::new(tax.base, currency),
            tax: Money::new(tax.amount, currency),
        }
    }
}

impl ShippingQuote {
    pub fn new(quote: &MethodQuote, currency: Currency) -> Self {
        let row = &quote.method.row;
        Self {
            method_id: row.id.encode().into(),
            name: row.name.clone(),
            description: row.description.clone(),
            kind: row.kind.into(),
            min_days: row.min_days,
            max_days: row.max_days,
            price: Money::new(quote.price, currency),
        }
    }
}

impl CartDiscount {
    pub fn new(applied: &AppliedDiscount, currency: Currency) -> Self {
        Self {
            name: applied.discount.name.clone(),
            code: applied.discount.code.clone(),
            amount: Money::new(applied.amount, currency),
        }
    }
}

impl CartDiscountCode {
    pub fn new(code: String, quote: &Quote) -> Self {
        let key = code_key(&code);
        let mut discounts = quote.discounts.iter();
        let applied =
            discounts.any(|applied| applied.discount.code_key.as_deref() == Some(key.as_str()));
        Self { code, applied }
    }
}
