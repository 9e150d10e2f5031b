//! The prices of a cart.

use std::collections::HashMap;

use super::contents::CartWithVariants;
use crate::accounts::user;
use crate::catalog::category::CategoryId;
use crate::catalog::product::{self, ProductId};
use crate::core::email_address::EmailAddress;
use crate::core::error::Result;
use crate::core::pricing::LinePrices;
use crate::infra::database::Connection;
use crate::sales::cart::entity::line::LineId;
use crate::sales::destination::Destination;
use crate::sales::quote::service::quote;
use crate::sales::quote::{Quote, QuoteLine, QuoteRequest};
use crate::state::State;

/// The prices of a cart.
#[derive(Clone, Debug)]
pub struct CartQuote {
    pub quote: Quote,
    /// The lines that are for sale, in the order of the prices.
    lines: Vec<LineId>,
    /// The email address of the order: that of the cart, or else that of the account.
    pub email: Option<EmailAddress>,
}

impl CartQuote {
    /// Returns the prices of a line. `None` if it is not for sale.
    pub fn prices_of(&self, line: LineId) -> Option<&LinePrices> {
        let index = self.lines.iter().position(|other| *other == line)?;
        self.quote.prices.lines.get(index)
    }
}

/// Prices a cart with the catalog, the taxes, the shipping methods and the discounts of now. Lines that are not for sale
/// count nothing. The number of statements does not depend on that of the lines.
///
/// # Errors
/// `BAD_USER_INPUT` if an amount is too large.
pub async fn price(
    db: &impl Connection,
    state: &State,
    cart: &CartWithVariants,
) -> Result<CartQuote> {
    let email = email(db, cart).await?;
    let variants = cart.for_sale_lines();
    let mut products: Vec<_> = variants
        .iter()
        .map(|(_, variant)| variant.product_id)
        .collect();
    products.sort_unstable();
    products.dedup();
    let categories = product::service::category_ids_of(db, &products).await?;
    let lines = variants.iter().map(|(line, variant)| QuoteLine {
        product: variant.product_id,
        categories: of_product(&categories, variant.product_id),
        quantity: u32::try_from(line.quantity).unwrap_or_default(),
        unit_price: variant.price,
        weight: variant.weight,
        requires_shipping: variant.requires_shipping,
        tax_class: variant.tax_class_id,
    });
    let address = cart.row.read_shipping_address();
    let destination = address.map(|address| {
        let (region, code) = (address.region.as_deref(), address.postal_code.as_deref());
        Destination::new(address.country, region, code)
    });
    let request = QuoteRequest {
        destination,
        lines: lines.collect(),
        method: cart.row.shipping_method_id,
        codes: cart.row.read_codes(),
        customer_key: email.as_ref().map(|email| email.key.clone()),
    };
    let quote = quote(db, state.config.selling, state.clock.now(), &request).await?;
    let lines = variants.iter().map(|(line, _)| line.id).collect();
    Ok(CartQuote {
        quote,
        lines,
        email,
    })
}

fn of_product(
    categories: &HashMap<ProductId, Vec<CategoryId>>,
    product: ProductId,
) -> Vec<CategoryId> {
    categories.get(&product).cloned().unwrap_or_default()
}

/// Returns the email address of the order: that of the cart, or else that of the account.
async fn email(db: &impl Connection, cart: &CartWithVariants) -> Result<Option<EmailAddress>> {
    let stored = match (&cart.row.email, cart.row.user_id) {
        (Some(email), _) => Some(email.clone()),
        (None, Some(user)) => {
            let user = user::service::find(db, user).await?;
            user.map(|user| user.email)
        }
        (None, None) => None,
    };
    Ok(stored.and_then(|stored| EmailAddress::parse(&stored).ok()))
}
