//! Exports all orders as CSV: a row for each line of an order.

mod rows;

use std::collections::HashMap;

use bytes::Bytes;

use crate::catalog::import_export::service::write_csv;
use crate::core::error::Result;
use crate::infra::database::Transaction;
use crate::sales::order::entity::OrderId;
use crate::sales::order::repository::export as repository;
use crate::state::State;

use self::rows::ExportedOrder;

/// Orders read at once. Each has at most 100 lines.
const BATCH: u64 = 200;

/// A consistent snapshot of all orders, exported batch by batch.
#[derive(Debug)]
pub struct OrderExport {
    transaction: Transaction,
    last: Option<OrderId>,
    has_header: bool,
    /// The number of orders exported so far.
    pub orders: u64,
}

impl OrderExport {
    /// Begins the export. It holds a database connection until it is dropped.
    pub async fn begin(state: &State) -> Result<Self> {
        Ok(Self {
            transaction: state.db.begin_snapshot().await?,
            last: None,
            has_header: false,
            orders: 0,
        })
    }

    /// Returns the next chunk of the file, or `None` at the end.
    pub async fn next(&mut self) -> Result<Option<Bytes>> {
        let mut text = Vec::new();
        if !self.has_header {
            write_csv(&mut text, rows::HEADINGS);
            self.has_header = true;
        }
        let orders = repository::page_after(&self.transaction, self.last, BATCH).await?;
        self.last = orders.last().map(|order| order.id).or(self.last);
        self.orders += orders.len() as u64;
        let ids: Vec<_> = orders.iter().map(|order| order.id).collect();
        if ids.is_empty() {
            return Ok((!text.is_empty()).then(|| text.into()));
        }
        let mut lines: HashMap<_, Vec<_>> = HashMap::new();
        for line in repository::lines(&self.transaction, &ids).await? {
            lines.entry(line.order_id).or_default().push(line);
        }
        let mut discounts: HashMap<_, Vec<_>> = HashMap::new();
        for discount in repository::discounts(&self.transaction, &ids).await? {
            let of_order = discounts.entry(discount.order_id).or_default();
            of_order.push(discount);
        }
        for order in orders {
            let id = order.id;
            let order = ExportedOrder {
                order,
                lines: lines.remove(&id).unwrap_or_default(),
                discounts: discounts.remove(&id).unwrap_or_default(),
            };
            order.write(&mut text)?;
        }
        Ok(Some(text.into()))
    }
}
