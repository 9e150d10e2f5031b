//! The rows of an order in a file.

use anyhow::anyhow;
use serde::Deserialize;

use crate::catalog::import_export::service::write_csv;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::id::TypedId;
use crate::core::money::{Currency, Decimal};
use crate::core::postal_address::PostalAddress;
use crate::sales::order::entity::{Model, detail, line};
use crate::sales::order::service::names::{
    fulfillment_status_name, payment_status_name, status_name,
};

/// The columns. Those of amounts of the order have a value in its first row only, so that their sums are right.
pub const HEADINGS: [&str; 52] = [
    "number",
    "order_id",
    "status",
    "payment_status",
    "fulfillment_status",
    "placed_at",
    "confirmed_at",
    "closed_at",
    "email",
    "phone",
    "country",
    "line",
    "sku",
    "name",
    "options",
    "attributes",
    "quantity",
    "canceled",
    "fulfilled",
    "returned",
    "unit_price",
    "discount",
    "total",
    "tax_name",
    "tax_rate",
    "tax",
    "currency",
    "prices_include_tax",
    "order_items",
    "order_discount",
    "discount_codes",
    "shipping",
    "shipping_tax",
    "order_tax",
    "order_total",
    "captured",
    "refunded",
    "shipping_method",
    "shipping_name",
    "shipping_company",
    "shipping_street1",
    "shipping_street2",
    "shipping_city",
    "shipping_region",
    "shipping_postal_code",
    "shipping_phone",
    "billing_name",
    "billing_company",
    "billing_country",
    "billing_vat_id",
    "locale",
    "note",
];

/// An order to export.
#[derive(Debug)]
pub struct ExportedOrder {
    pub order: Model,
    /// In their order.
    pub lines: Vec<line::Model>,
    pub discounts: Vec<detail::discount::Model>,
}

/// A name and a value, such as an option of a variant.
#[derive(Debug, Deserialize)]
struct Pair {
    name: String,
    value: String,
}

impl ExportedOrder {
    /// Writes a row for each line.
    ///
    /// # Errors
    /// The currency of the order is unknown.
    pub fn write(&self, text: &mut Vec<u8>) -> Result<()> {
        let currency: Currency = self
            .order
            .currency
            .parse()
            .map_err(|error: String| Error::internal(anyhow!(error)))?;
        let addresses = self.addresses();
        for line in &self.lines {
            let mut row = self.order_cells();
            row.extend(line_cells(line, currency));
            if line.position == self.lines[0].position {
                row.extend(self.amount_cells(currency));
            } else {
                row.extend(std::iter::repeat_n(String::new(), 11));
            }
            row.extend(addresses.iter().cloned());
            write_csv(text, row.iter().map(String::as_str));
        }
        Ok(())
    }

    fn order_cells(&self) -> Vec<String> {
        let order = &self.order;
        let number = order.number.map(|number| number.to_string());
        let time = |time: Option<Timestamp>| time.and_then(Timestamp::format).unwrap_or_default();
        vec![
            number.unwrap_or_default(),
            order.id.encode(),
            status_name(order.status).to_owned(),
            payment_status_name(order.payment_status).to_owned(),
            fulfillment_status_name(order.fulfillment_status).to_owned(),
            time(Some(order.placed_at)),
            time(order.confirmed_at),
            time(order.closed_at),
            plain(&order.email),
            optional(order.phone.as_deref()),
            optional(order.country.as_deref()),
        ]
    }

    fn amount_cells(&self, currency: Currency) -> Vec<String> {
        let order = &self.order;
        let money = |minor| Decimal::from_minor(minor, currency).to_string();
        let codes = self.discounts.iter().filter_map(|one| one.code.as_deref());
        vec![
            currency.code().to_owned(),
            order.prices_include_tax.to_string(),
            money(order.items),
            money(order.discount),
            plain(&codes.collect::<Vec<_>>().join(", ")),
            money(order.shipping),
            money(order.shipping_tax),
            money(order.tax),
            money(order.total),
            money(order.captured),
            money(order.refunded),
        ]
    }

    fn addresses(&self) -> Vec<String> {
        let order = &self.order;
        let shipping = read_address(order.shipping_address.as_deref());
        let billing = read_address(order.billing_address.as_deref()).or_else(|| shipping.clone());
        let (shipping, billing) = (shipping.as_ref(), billing.as_ref());
        let of = |address: Option<&PostalAddress>, part: fn(&PostalAddress) -> Option<&str>| {
            optional(address.and_then(part))
        };
        vec![
            optional(order.shipping_method_name.as_deref()),
            of(shipping, |address| Some(&address.name)),
            of(shipping, |address| address.company.as_deref()),
            of(shipping, |address| Some(&address.street1)),
            of(shipping, |address| address.street2.as_deref()),
            of(shipping, |address| address.city.as_deref()),
            of(shipping, |address| address.region.as_deref()),
            of(shipping, |address| address.postal_code.as_deref()),
            of(shipping, |address| address.phone.as_deref()),
            of(billing, |address| Some(&address.name)),
            of(billing, |address| address.company.as_deref()),
            of(billing, |address| Some(address.country.code())),
            of(billing, |address| address.vat_id.as_deref()),
            optional(order.locale.as_deref()),
            optional(order.note.as_deref()),
        ]
    }
}

fn line_cells(line: &line::Model, currency: Currency) -> Vec<String> {
    let money = |minor| Decimal::from_minor(minor, currency).to_string();
    let rate = Decimal::from_ppm(u32::try_from(line.tax_ppm).unwrap_or_default());
    vec![
        (line.position + 1).to_string(),
        optional(line.sku.as_deref()),
        plain(&line.name),
        pairs(&line.options),
        pairs(&line.attributes),
        line.quantity.to_string(),
        line.canceled.to_string(),
        line.fulfilled.to_string(),
        line.returned.to_string(),
        money(line.unit_price),
        money(line.discount),
        money(line.total),
        optional(line.tax_name.as_deref()),
        rate.to_string(),
        money(line.tax),
    ]
}

/// Formats names and values as `Size: M, Color: Red`.
fn pairs(json: &str) -> String {
    let pairs: Vec<Pair> = serde_json::from_str(json).unwrap_or_default();
    let pairs = pairs
        .iter()
        .map(|pair| format!("{}: {}", pair.name, pair.value));
    plain(&pairs.collect::<Vec<_>>().join(", "))
}

fn read_address(json: Option<&str>) -> Option<PostalAddress> {
    serde_json::from_str(json?).ok()
}

fn optional(text: Option<&str>) -> String {
    text.map(plain).unwrap_or_default()
}

/// Returns a cell that spreadsheets do not take for a formula: buyers write these texts, and a formula could send data of
/// the file to them. An apostrophe marks a cell as text.
fn plain(text: &str) -> String {
    let begins_formula =
        text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if begins_formula {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}
