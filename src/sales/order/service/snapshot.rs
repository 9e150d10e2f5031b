//! The rows of a new order: a copy of the cart with the prices, names and taxes of now.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::catalog::product::entity::variant;
use crate::catalog::product::service::variants::{ProductOption, set};
use crate::catalog::product::{self, ProductId};
use crate::catalog::product_image;
use crate::core::clock::Timestamp;
use crate::core::email_address::EmailAddress;
use crate::core::error::{Error, Result};
use crate::core::id::{TypedId, uuid_v7};
use crate::core::postal_address::PostalAddress;
use crate::core::text;
use crate::infra::database::Transaction;
use crate::platform::media::ImageId;
use crate::sales::cart::service::{Attribute, CartQuote, CartWithVariants};
use crate::sales::order::entity::line::OrderLineId;
use crate::sales::order::entity::{
    FulfillmentStatus, Model, OrderId, PaymentStatus, Status, detail, line,
};
use crate::sales::order::repository::NewOrder;
use crate::sales::order::token::OrderToken;
use crate::state::State;

/// The value that an item has of an option, as it is stored in `order_lines.options`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct OptionValue {
    pub name: String,
    pub value: String,
}

/// Reads stored options.
pub fn read_options(line: &line::Model) -> Vec<OptionValue> {
    // Written by this module.
    serde_json::from_str(&line.options).unwrap_or_default()
}

/// Reads stored attributes.
pub fn read_attributes(line: &line::Model) -> Vec<Attribute> {
    // Those of the line of the cart.
    serde_json::from_str(&line.attributes).unwrap_or_default()
}

/// What is copied of the products.
struct Products {
    names: HashMap<ProductId, String>,
    options: HashMap<ProductId, Vec<ProductOption>>,
    images: HashMap<ProductId, ImageId>,
}

/// Returns the rows of an order of this cart, all of whose lines are for sale.
pub(super) async fn new_order(
    transaction: &Transaction,
    state: &State,
    cart: &CartWithVariants,
    quote: &CartQuote,
    email: EmailAddress,
) -> Result<NewOrder> {
    let now = state.clock.now();
    let order = order(state, cart, quote, email, now);
    let mut ids: Vec<_> = cart
        .for_sale_lines()
        .iter()
        .map(|(_, variant)| variant.product_id)
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let mut variants = cart.for_sale.values();
    let options = if variants.any(|(variant, _)| variant.values().next().is_some()) {
        set::options_of(transaction, &ids).await?
    } else {
        HashMap::new()
    };
    let products = Products {
        names: product::service::names_of(transaction, &ids).await?,
        options,
        images: product_image::service::first_images_of(transaction, &ids).await?,
    };
    let lines = lines(cart, quote, &products, order.id, now)?;
    let taxes = quote.quote.prices.taxes.iter().zip(0..);
    let taxes = taxes.map(|(tax, position)| detail::tax::Model {
        id: uuid_v7(now),
        order_id: order.id,
        position,
        name: tax.tax.name.clone(),
        ppm: i32::try_from(tax.tax.ppm).unwrap_or(i32::MAX),
        base: tax.base,
        amount: tax.amount,
    });
    let discounts = quote.quote.discounts.iter().zip(0..);
    let discounts = discounts.map(|(applied, position)| detail::discount::Model {
        id: uuid_v7(now),
        order_id: order.id,
        position,
        discount_id: applied.discount.id,
        name: applied.discount.name.clone(),
        code: applied.discount.code.clone(),
        amount: applied.amount,
    });
    Ok(NewOrder {
        lines,
        taxes: taxes.collect(),
        discounts: discounts.collect(),
        order,
    })
}

fn order(
    state: &State,
    cart: &CartWithVariants,
    quote: &CartQuote,
    email: EmailAddress,
    now: Timestamp,
) -> Model {
    let row = &cart.row;
    let id = OrderId::generate(now);
    let quote = &quote.quote;
    let (totals, shipping) = (quote.prices.totals, quote.prices.shipping);
    let is_shipped = quote.requires_shipping;
    let shipped_to = cart.row.read_shipping_address().filter(|_| is_shipped);
    let recipient = shipped_to
        .clone()
        .or_else(|| cart.row.read_billing_address());
    let name = |address: PostalAddress| text::sort_key(&address.name);
    let method = quote.method.as_ref();
    Model {
        id,
        number: None,
        cart_id: row.id,
        cart_version: row.version,
        user_id: row.user_id,
        token_hash: OrderToken::derive(&state.keys, id).1,
        cart_token_hash: row.token_hash.clone().filter(|_| row.user_id.is_none()),
        email: email.address,
        email_key: email.key,
        name_key: recipient.map(name).unwrap_or_default(),
        phone: row.phone.clone(),
        note: row.note.clone(),
        locale: row.locale.clone(),
        status: Status::Pending,
        closing_as: None,
        held_until: None,
        payment_status: if totals.total == 0 {
            PaymentStatus::Paid
        } else {
            PaymentStatus::Unpaid
        },
        fulfillment_status: FulfillmentStatus::None,
        disputed: false,
        currency: state.config.shop_currency.code().to_owned(),
        prices_include_tax: state.config.selling.prices_include_tax.is_on(),
        items: totals.items,
        discount: totals.discount,
        shipping: totals.shipping,
        shipping_discount: shipping.map_or(0, |shipping| shipping.discount),
        shipping_tax: shipping.map_or(0, |shipping| shipping.tax),
        tax: totals.tax,
        total: totals.total,
        authorized: 0,
        captured: 0,
        refunded: 0,
        refund_pending: 0,
        shipping_address: row.shipping_address.clone().filter(|_| is_shipped),
        billing_address: row.billing_address.clone(),
        country: shipped_to.map(|address| address.country.code().to_owned()),
        shipping_method_id: method.map(|method| method.method.row.id),
        shipping_method_name: method.map(|method| method.method.row.name.clone()),
        version: 1,
        placed_at: now,
        pay_until: now.after(state.config.orders.order_payment_time),
        confirmed_at: None,
        closed_at: None,
        updated_at: now,
    }
}

fn lines(
    cart: &CartWithVariants,
    quote: &CartQuote,
    products: &Products,
    order: OrderId,
    now: Timestamp,
) -> Result<Vec<line::Model>> {
    let quote = &quote.quote;
    let prices = quote.prices.lines.iter().zip(&quote.line_taxes);
    let mut rows = Vec::new();
    for (((line, variant), (prices, tax)), position) in
        cart.for_sale_lines().into_iter().zip(prices).zip(0..)
    {
        let options = products.options_of(variant);
        let values: Vec<_> = options.iter().map(|option| option.value.as_str()).collect();
        let first_image = products.images.get(&variant.product_id).copied();
        let tax = tax.as_ref();
        rows.push(line::Model {
            id: OrderLineId::generate(now),
            order_id: order,
            position,
            variant_id: variant.id,
            product_id: variant.product_id,
            name: products.name_of(variant),
            variant_name: values.join(" / "),
            sku: variant.sku.clone(),
            options: serde_json::to_string(&options).map_err(Error::internal)?,
            image_id: variant.image_id.or(first_image),
            attributes: line.attributes.clone(),
            quantity: line.quantity,
            unit_price: prices.unit_price,
            discount: prices.discount,
            total: prices.total,
            tax_name: tax.map(|tax| tax.name.clone()),
            tax_ppm: tax.map_or(0, |tax| i32::try_from(tax.ppm).unwrap_or(i32::MAX)),
            tax: prices.tax,
            weight: variant.weight,
            requires_shipping: variant.requires_shipping,
            tracked: variant.tracked,
            canceled: 0,
            fulfilled: 0,
            returned: 0,
        });
    }
    Ok(rows)
}

impl Products {
    fn name_of(&self, variant: &variant::Model) -> String {
        let name = self.names.get(&variant.product_id);
        name.cloned().unwrap_or_default()
    }

    /// Returns the values of a variant, in the order of the options of the product.
    fn options_of(&self, variant: &variant::Model) -> Vec<OptionValue> {
        let own: Vec<_> = variant.values().collect();
        let options = self.options.get(&variant.product_id);
        let options = options.into_iter().flatten();
        let values = options.filter_map(|option| {
            let mut values = option.values.iter();
            let value = values.find(|value| own.contains(&value.id))?;
            Some(OptionValue {
                name: option.row.name.clone(),
                value: value.name.clone(),
            })
        });
        values.collect()
    }
}
