//! The prices of a cart with each set of discounts that is possible, and with each shipping method.

use super::discounts::Eligible;
use super::{MethodQuote, QuoteRequest};
use crate::core::error::Result;
use crate::core::pricing::{Discount, Line, Mode, Prices, Shipping, Tax, price};
use crate::sales::shipping::ShippingMethodId;
use crate::sales::shipping::service::{Method, price_of};
use crate::sales::tax::service::TaxTable;

/// Prices one cart.
pub(super) struct Pricer<'a> {
    lines: Vec<Line>,
    methods: &'a [Method],
    chosen: Option<ShippingMethodId>,
    taxes: &'a TaxTable,
    mode: Mode,
    /// The weight of the shipped lines, in grams.
    weight: i64,
}

impl<'a> Pricer<'a> {
    pub(super) fn new(
        request: &QuoteRequest,
        taxes: &'a TaxTable,
        methods: &'a [Method],
        mode: Mode,
    ) -> Self {
        let lines = request.lines.iter().map(|line| Line {
            unit_price: line.unit_price,
            quantity: line.quantity,
            tax: taxes.tax(line.tax_class),
            home_ppm: taxes.home_ppm(line.tax_class),
        });
        let shipped = request.lines.iter().filter(|line| line.requires_shipping);
        let weights = shipped.map(|line| {
            let weight = i64::from(line.weight.unwrap_or_default());
            weight.saturating_mul(line.quantity.into())
        });
        Self {
            lines: lines.collect(),
            methods,
            chosen: request.method,
            taxes,
            mode,
            weight: weights.fold(0, i64::saturating_add),
        }
    }

    /// Returns the taxes of the lines.
    pub(super) fn line_taxes(&self) -> Vec<Option<Tax>> {
        self.lines.iter().map(|line| line.tax.clone()).collect()
    }

    /// Returns the discounts with which the cart is cheapest, and its prices: all combinable ones, one of the others, or
    /// none. Of equally cheap sets it is the first one in this order.
    pub(super) fn cheapest<'e>(
        &self,
        eligible: &'e [Eligible],
    ) -> Result<(Vec<&'e Eligible>, Prices)> {
        let is_combinable = |one: &&Eligible| one.discount.combinable;
        let combinable: Vec<_> = eligible.iter().filter(is_combinable).collect();
        let alone = eligible.iter().filter(|one| !is_combinable(one));
        let sets = std::iter::once(combinable).chain(alone.map(|one| vec![one]));
        let none = (Vec::new(), self.prices(&[])?);
        let mut cheapest: Option<(Vec<&Eligible>, Prices)> = None;
        for set in sets.filter(|set| !set.is_empty()) {
            let prices = self.prices(&set)?;
            let best = cheapest.as_ref().map(|(_, best)| best.totals.total);
            if best.is_none_or(|best| prices.totals.total < best) {
                cheapest = Some((set, prices));
            }
        }
        let is_useful = |(_, prices): &(_, Prices)| prices.totals.total <= none.1.totals.total;
        Ok(cheapest.filter(is_useful).unwrap_or(none))
    }

    /// Returns the shipping methods that are offered, with their prices before free shipping.
    pub(super) fn offers(&self, set: &[&Eligible]) -> Result<Vec<MethodQuote>> {
        let goods = self.goods(set)?;
        let mut offers = Vec::with_capacity(self.methods.len());
        for method in self.methods {
            let Some(shipping) = self.shipping(method, goods) else {
                continue;
            };
            let prices = price(&self.lines, Some(&shipping), &pricing(set), self.mode)?;
            offers.push(MethodQuote {
                method: method.clone(),
                price: prices.shipping.map_or(0, |shipping| shipping.price),
            });
        }
        Ok(offers)
    }

    /// Returns the prices with these discounts and the chosen shipping method, if it is offered.
    fn prices(&self, set: &[&Eligible]) -> Result<Prices> {
        let mut methods = self.methods.iter();
        let method = methods.find(|method| Some(method.row.id) == self.chosen);
        let shipping = match method {
            Some(method) => self.shipping(method, self.goods(set)?),
            None => None,
        };
        Ok(price(
            &self.lines,
            shipping.as_ref(),
            &pricing(set),
            self.mode,
        )?)
    }

    /// Returns the amount of the goods after discounts, on which the price of shipping may depend.
    fn goods(&self, set: &[&Eligible]) -> Result<i64> {
        let prices = price(&self.lines, None, &pricing(set), self.mode)?;
        Ok(prices.totals.items - prices.totals.discount)
    }

    /// Returns the shipping by a method. `None` if it is not offered.
    fn shipping(&self, method: &Method, goods: i64) -> Option<Shipping> {
        let class = method.row.tax_class_id;
        Some(Shipping {
            price: price_of(method, self.weight, goods)?,
            tax: self.taxes.tax(class),
            home_ppm: self.taxes.home_ppm(class),
        })
    }
}

fn pricing(set: &[&Eligible]) -> Vec<Discount> {
    set.iter().map(|one| one.pricing.clone()).collect()
}
