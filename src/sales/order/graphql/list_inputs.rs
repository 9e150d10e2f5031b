//! Filter and order of lists of orders.

use async_graphql::{Enum, ID, InputObject};

use super::{OrderFulfillmentStatus, OrderPaymentStatus, OrderStatus};
use crate::core::country::CountryCode;
use crate::core::email_address::EmailAddress;
use crate::core::error::{Error, Result};
use crate::core::id::TypedId;
use crate::core::money::Currency;
use crate::core::range::{AmountRange, DateTimeRange};
use crate::core::viewer::UserId;
use crate::sales::order::list::{Filter, Search, SortField};

/// Sort fields of order lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "SortField")]
pub enum OrderSortField {
    /// By the time at which they were placed.
    PlacedAt,
    /// By the total.
    Total,
    /// By number. Orders without a number come before the others.
    Number,
}

crate::sort_input!(OrderSort, OrderSortField, SortField);

/// Filter of an order list. All given conditions must match.
#[derive(Debug, Default, InputObject)]
pub struct OrderFilter {
    /// Return only orders with one of these statuses.
    status: Option<Vec<OrderStatus>>,
    /// Return only orders with one of these payment statuses.
    payment_status: Option<Vec<OrderPaymentStatus>>,
    /// Return only orders with one of these fulfillment statuses.
    fulfillment_status: Option<Vec<OrderFulfillmentStatus>>,
    /// Return only orders that were placed in this range.
    placed_at: Option<DateTimeRange>,
    /// Return only orders with a total in this range.
    total: Option<AmountRange>,
    /// Return only orders that are shipped to this country.
    country: Option<CountryCode>,
    /// Return only orders of this user: `user_...`.
    user_id: Option<ID>,
    /// Return only orders with this email address, ignoring case.
    email: Option<String>,
}

impl OrderFilter {
    /// Validates the filter and the search term.
    pub fn check(self, search: Option<&str>, currency: Currency) -> Result<Filter> {
        let search = search.map(|text| Search::parse(text, "search"));
        let placed_at = self.placed_at.map(|range| range.check("filter.placedAt"));
        let total = self
            .total
            .map(|range| range.check(currency, "filter.total"));
        let country = self.country.map(|code| {
            let country = code.check();
            country.map_err(|message| Error::bad_input("filter.country", message))
        });
        let user = self.user_id.map(|id| UserId::parse(&id, "filter.userId"));
        let email_key = self.email.map(|email| {
            let email = EmailAddress::parse(&email);
            let email = email.map_err(|message| Error::bad_input("filter.email", message));
            email.map(|email| email.key)
        });
        Ok(Filter {
            status: all(self.status),
            payment_status: all(self.payment_status),
            fulfillment_status: all(self.fulfillment_status),
            placed_at: placed_at.transpose()?.unwrap_or_default(),
            total: total.transpose()?.unwrap_or_default(),
            country: country.transpose()?,
            user: user.transpose()?,
            email_key: email_key.transpose()?,
            search: search.transpose()?.flatten(),
        })
    }
}

/// Converts a list of statuses, each once.
fn all<T, U: From<T> + PartialEq>(given: Option<Vec<T>>) -> Option<Vec<U>> {
    given.map(|given| {
        let mut statuses = Vec::new();
        for status in given.into_iter().map(U::from) {
            if !statuses.contains(&status) {
                statuses.push(status);
            }
        }
        statuses
    })
}
