//! The tables in emails about orders.

use crate::core::money::{Currency, Decimal};
use crate::infra::mail::Table;
use crate::sales::order::entity::detail::{discount, tax};
use crate::sales::order::entity::{Model, line};

/// Formats amounts of an order.
pub struct Amounts {
    currency: Option<Currency>,
    code: String,
}

impl Amounts {
    /// Formats amounts in the currency of an order.
    pub fn of(order: &Model) -> Self {
        Self {
            currency: order.currency.parse().ok(),
            code: order.currency.clone(),
        }
    }

    /// Returns an amount with its currency: `19.99 EUR`.
    pub fn format(&self, minor: i64) -> String {
        let amount = self.currency.map_or_else(
            || minor.to_string(),
            |currency| Decimal::from_minor(minor, currency).to_string(),
        );
        format!("{amount} {}", self.code)
    }
}

/// The details of an order.
pub struct Details {
    pub lines: Vec<line::Model>,
    pub taxes: Vec<tax::Model>,
    pub discounts: Vec<discount::Model>,
}

/// Returns the lines of an order with their prices, and the totals.
pub fn priced(order: &Model, details: &Details) -> Table {
    let amounts = Amounts::of(order);
    let rows = details.lines.iter().map(|line| {
        let subtotal = line.unit_price.saturating_mul(line.quantity.into());
        let price = [line.unit_price, subtotal].map(|amount| amounts.format(amount));
        let [unit_price, subtotal] = price;
        vec![name(line), line.quantity.to_string(), unit_price, subtotal]
    });
    Table {
        header: header(&["Item", "Quantity", "Price", "Total"]),
        rows: rows.collect(),
        totals: totals(order, details, &amounts),
    }
}

fn totals(order: &Model, details: &Details, amounts: &Amounts) -> Vec<(String, String)> {
    let mut totals = vec![("Items".to_owned(), amounts.format(order.items))];
    for discount in &details.discounts {
        let code = discount.code.as_deref().map(|code| format!(" ({code})"));
        let label = format!("Discount: {}{}", discount.name, code.unwrap_or_default());
        totals.push((label, amounts.format(-discount.amount)));
    }
    if let Some(method) = &order.shipping_method_name {
        totals.push((
            format!("Shipping: {method}"),
            amounts.format(order.shipping),
        ));
    }
    let taxes = |prefix: &str| -> Vec<_> {
        let taxes = details.taxes.iter().map(|tax| {
            let percent = Decimal::from_ppm(tax.ppm.unsigned_abs());
            let label = format!("{prefix}{} {percent}%", tax.name);
            (label, amounts.format(tax.amount))
        });
        taxes.collect()
    };
    let total = ("Total".to_owned(), amounts.format(order.total));
    if order.prices_include_tax {
        totals.push(total);
        totals.extend(taxes("Included in the total: "));
    } else {
        totals.extend(taxes("Plus "));
        totals.push(total);
    }
    totals
}

/// Returns units of lines, such as those of a shipment. `units` are ids of lines with quantities.
pub fn units(lines: &[line::Model], units: &[(line::OrderLineId, i32)]) -> Table {
    let rows = found(lines, units, |units| units.0);
    let rows = rows.map(|(line, units)| vec![name(line), units.1.to_string()]);
    Table {
        header: header(&["Item", "Quantity"]),
        rows: rows.collect(),
        totals: Vec::new(),
    }
}

/// Returns refunded units of lines with their amounts, and the totals of the refund.
pub fn refunded(
    order: &Model,
    lines: &[line::Model],
    units: &[(line::OrderLineId, i32, i64)],
    shipping: i64,
    total: i64,
) -> Table {
    let amounts = Amounts::of(order);
    let rows = found(lines, units, |units| units.0);
    let rows = rows.map(|(line, (_, quantity, amount))| {
        vec![name(line), quantity.to_string(), amounts.format(*amount)]
    });
    let shipping = (shipping > 0).then(|| ("Shipping".to_owned(), amounts.format(shipping)));
    let total = ("Refund".to_owned(), amounts.format(total));
    Table {
        header: header(&["Item", "Quantity", "Amount"]),
        rows: rows.collect(),
        totals: shipping.into_iter().chain([total]).collect(),
    }
}

/// Returns the lines that have units, in the order of the lines.
fn found<'a, U>(
    lines: &'a [line::Model],
    units: &'a [U],
    id: impl Fn(&U) -> line::OrderLineId + 'a,
) -> impl Iterator<Item = (&'a line::Model, &'a U)> {
    lines.iter().filter_map(move |line| {
        let units = units.iter().find(|units| id(units) == line.id);
        units.map(|units| (line, units))
    })
}

fn name(line: &line::Model) -> String {
    if line.variant_name.is_empty() {
        line.name.clone()
    } else {
        format!("{}\n{}", line.name, line.variant_name)
    }
}

fn header(titles: &[&str]) -> Vec<String> {
    titles.iter().map(|title| (*title).to_owned()).collect()
}
