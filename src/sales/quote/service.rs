//! Prices a cart.

use super::discounts::{self, Evaluated};
use super::prices::Pricer;
use super::{AppliedDiscount, Quote, QuoteProblem, QuoteProblemCode, QuoteRequest};
use crate::config::Selling;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::infra::database::Connection;
use crate::sales::discount;
use crate::sales::shipping;
use crate::sales::tax::service::TaxTable;

/// Prices a cart. The same cart in the same shop always costs the same.
///
/// # Errors
/// `BAD_USER_INPUT` if an amount is too large.
pub async fn quote(
    db: &impl Connection,
    selling: Selling,
    now: Timestamp,
    request: &QuoteRequest,
) -> Result<Quote> {
    let destination = request.destination.as_ref();
    let requires_shipping = request.lines.iter().any(|line| line.requires_shipping);
    let taxes = TaxTable::read(db, destination, selling.shop_country).await?;
    let methods = match destination.filter(|_| requires_shipping) {
        Some(destination) => shipping::service::methods_for(db, destination).await?,
        None => None,
    };
    let codes = discounts::code_keys(&request.codes);
    let customer = request.customer_key.as_deref();
    let candidates = discount::service::candidates(db, &codes, customer, now).await?;
    let evaluated = discounts::evaluate(db, request, candidates, now).await?;
    let Evaluated {
        eligible,
        mut problems,
    } = evaluated;

    let methods = methods.unwrap_or_default();
    let calculator = Pricer::new(request, &taxes, &methods, selling.mode());
    let (set, prices) = calculator.cheapest(&eligible)?;
    problems.extend(discounts::losers(&request.codes, &eligible, &set));
    let offers = calculator.offers(&set)?;
    let chosen = request.method.filter(|_| requires_shipping);
    let method = offers
        .iter()
        .find(|offer| Some(offer.method.row.id) == chosen);
    let missing = match (destination, chosen, method) {
        _ if !requires_shipping => None,
        (Some(_), ..) if offers.is_empty() => Some(QuoteProblemCode::DestinationNotServed),
        (Some(_), Some(_), None) => Some(QuoteProblemCode::ShippingMethodUnavailable),
        (Some(_), None, _) => Some(QuoteProblemCode::ShippingMethodRequired),
        (Some(_), Some(_), Some(_)) | (None, ..) => None,
    };
    problems.extend(missing.map(|code| QuoteProblem {
        code,
        discount_code: None,
    }));
    let amounts = set.iter().zip(&prices.discounts);
    let applied = amounts.map(|(eligible, amount)| AppliedDiscount {
        discount: eligible.discount.clone(),
        amount: *amount,
    });
    Ok(Quote {
        discounts: applied.collect(),
        line_taxes: calculator.line_taxes(),
        method: method.cloned(),
        methods: offers,
        prices,
        requires_shipping,
        problems,
    })
}
