//! The prices of an order: line totals, discounts, shipping and taxes, in minor units. [`price`] is a pure function
//! without rounding errors: every total is the sum of its parts.
//!
//! 1. A line is unit price times quantity.
//! 2. Discounts apply in their order, each to the amount that the ones before it left of its lines. A discount is shared
//!    among its lines in proportion, by largest remainder; no line falls below 0.
//! 3. Taxes are calculated by rate over the order, not by line: base times rate, rounded half up, as the VAT breakdown of
//!    an invoice requires. The tax of a line is its share of that, by largest remainder.
//! 4. Total = items - discount + shipping, and + tax if prices do not include it.
//!
//! [`part_of_units`](crate::core::money::part_of_units) of the total of a line is the refund of some of its units.

mod calculate;
mod taxes;

use clap::ValueEnum;

use crate::core::error::Error;
use crate::core::money::MAX_MINOR;

pub use calculate::price;

/// The denominator of all rates: rates are parts per million. 19 % is 190,000.
pub const MILLION: u32 = 1_000_000;

/// A tax, with the rate of the destination. Lines whose taxes are equal are taxed together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tax {
    /// The name on the invoice, such as `VAT`.
    pub name: String,
    /// The rate in parts per million. 0 is a rate, too: its lines are in the tax breakdown.
    pub ppm: u32,
}

/// A line of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The price of a unit in the shop.
    pub unit_price: i64,
    pub quantity: u32,
    /// The tax at the destination; `None` if there is none.
    pub tax: Option<Tax>,
    /// The rate in the country of the shop in parts per million, which a price that includes tax contains. 0 if there is
    /// no tax.
    pub home_ppm: u32,
}

/// The shipping of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shipping {
    /// The price of the shipping method in the shop.
    pub price: i64,
    /// The tax of its own tax class at the destination.
    pub tax: Option<Tax>,
    /// The rate of its own tax class in the country of the shop in parts per million.
    pub home_ppm: u32,
}

/// A discount that applies to an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discount {
    pub kind: DiscountKind,
    /// The indexes of the lines that are discounted. Free shipping ignores them.
    pub lines: Vec<usize>,
}

/// The amount of a discount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiscountKind {
    /// A part of the amount of its lines, in parts per million.
    Percent { ppm: u32 },
    /// An amount, at most that of its lines.
    Fixed { amount: i64 },
    /// The price of shipping.
    FreeShipping,
}

/// The rules of the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode {
    /// Whether prices include tax.
    pub prices_include_tax: bool,
    pub cross_border: CrossBorder,
    pub shipping_tax: ShippingTax,
}

/// The price of a product in a country with another tax rate than that of the shop, if prices include tax.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum CrossBorder {
    /// The price is the same in all countries.
    KeepGross,
    /// The price without tax is the same in all countries.
    KeepNet,
}

/// The tax of shipping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum ShippingTax {
    /// The tax class of the shipping method.
    Own,
    /// The tax classes of the goods, in proportion to their amounts.
    Proportional,
}

/// The prices of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prices {
    /// The lines, in the order of the arguments.
    pub lines: Vec<LinePrices>,
    /// `None` if the order has no shipping method.
    pub shipping: Option<ShippingPrices>,
    /// The amounts of the discounts, in the order of the arguments.
    pub discounts: Vec<i64>,
    /// The tax breakdown, by tax, in the order of their first lines. Taxes without an amount to tax are omitted.
    pub taxes: Vec<TaxTotal>,
    pub totals: Totals,
}

/// The prices of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinePrices {
    /// The price of a unit at the destination.
    pub unit_price: i64,
    /// `unit_price` times quantity.
    pub subtotal: i64,
    /// The share of the discounts.
    pub discount: i64,
    /// `subtotal` without `discount`.
    pub total: i64,
    /// The share of the taxes. Part of `total` if prices include tax.
    pub tax: i64,
}

/// The prices of shipping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShippingPrices {
    /// The price of the shipping method at the destination.
    pub price: i64,
    /// The discount of free shipping: 0 or `price`.
    pub discount: i64,
    /// `price` without `discount`.
    pub total: i64,
    /// The share of the taxes. Part of `total` if prices include tax.
    pub tax: i64,
}

/// A tax in the breakdown of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaxTotal {
    pub tax: Tax,
    /// The amount that is taxed, without the tax.
    pub base: i64,
    /// The amount of the tax.
    pub amount: i64,
}

/// The totals of an order: `total` = `items` - `discount` + `shipping`, and + `tax` if prices do not include it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// The lines before discounts.
    pub items: i64,
    /// All discounts, including free shipping.
    pub discount: i64,
    /// Shipping before free shipping.
    pub shipping: i64,
    /// All taxes.
    pub tax: i64,
    pub total: i64,
}

/// An order without prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PricingError {
    /// An amount is above the maximum, 10^12 minor units.
    TooLarge,
    /// An argument is negative.
    Negative,
}

impl LinePrices {
    /// Returns the amount to pay for the line, with tax.
    pub const fn with_tax(&self, mode: Mode) -> i64 {
        self.total + if mode.prices_include_tax { 0 } else { self.tax }
    }
}

impl ShippingPrices {
    /// Returns the amount to pay for shipping, with tax.
    pub const fn with_tax(&self, mode: Mode) -> i64 {
        self.total + if mode.prices_include_tax { 0 } else { self.tax }
    }
}

impl From<PricingError> for Error {
    fn from(error: PricingError) -> Self {
        match error {
            PricingError::TooLarge => Self::bad_input(
                "lines",
                format!(
                    "The amount is too large: at most {MAX_MINOR} minor units of the currency."
                ),
            ),
            PricingError::Negative => Self::internal(anyhow::anyhow!("a negative price")),
        }
    }
}
