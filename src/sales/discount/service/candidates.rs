//! The discounts that may apply to a cart.

use std::collections::HashMap;

use super::{Discount, with_targets};
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::infra::database::Connection;
use crate::sales::discount::entity::DiscountId;
use crate::sales::discount::repository;

/// The discounts that may apply to a cart.
#[derive(Clone, Debug, Default)]
pub struct Candidates {
    /// The current automatic discounts, and those with the codes, whether these are current or not. Oldest first.
    pub discounts: Vec<Discount>,
    /// How often the customer has used those with a limit per customer.
    uses: HashMap<DiscountId, i64>,
}

impl Candidates {
    /// Returns whether the customer has used a discount as often as allowed.
    pub fn is_used_up_by_customer(&self, discount: &Discount) -> bool {
        let uses = self.uses.get(&discount.row.id).copied().unwrap_or_default();
        let limit = discount.row.per_customer_limit;
        limit.is_some_and(|limit| uses >= i64::from(limit))
    }
}

/// Reads the discounts that may apply to a cart, with three statements. `code_keys` are codes as
/// [`code_key`](crate::sales::discount::list::code_key) returns them. Without a `customer_key`, limits per customer are not
/// checked.
pub async fn candidates(
    db: &impl Connection,
    code_keys: &[String],
    customer_key: Option<&str>,
    now: Timestamp,
) -> Result<Candidates> {
    let rows = repository::candidates(db, code_keys, now).await?;
    if rows.is_empty() {
        return Ok(Candidates::default());
    }
    let limited: Vec<_> = rows
        .iter()
        .filter(|row| row.per_customer_limit.is_some())
        .map(|row| row.id)
        .collect();
    let uses = match customer_key {
        Some(customer) if !limited.is_empty() => {
            repository::uses_by(db, &limited, customer).await?
        }
        _ => HashMap::new(),
    };
    Ok(Candidates {
        discounts: with_targets(db, rows).await?,
        uses,
    })
}
