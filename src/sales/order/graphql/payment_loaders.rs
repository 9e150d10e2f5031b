//! Batched lookups of payments and refunds. Callers must have checked that the viewer may see the order.

use std::collections::HashMap;
use std::hash::Hash;

use async_graphql::Context;
use uuid::Uuid;

use super::payments::Payment;
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::graphql::dataloader::{ContextExt, Load, LoadContext};
use crate::graphql::node::NodeType;
use crate::sales::order::entity::{Model as OrderRow, OrderId};
use crate::sales::order::service;
use crate::sales::payment::entity::refund::{self, RefundId};
use crate::sales::payment::entity::{Model, PaymentId};
use crate::sales::payment::service::{self as payments, Ledger};

/// Loads the payments of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PaymentsOf(pub OrderId);

impl Load<PaymentsOf> for LoadContext {
    type Value = Vec<Model>;

    async fn load(&self, keys: &[PaymentsOf]) -> Result<HashMap<PaymentsOf, Vec<Model>>> {
        let orders: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = payments::of_orders(self.state.db.reader(), &orders).await?;
        Ok(group(found, |payment| PaymentsOf(payment.order_id)))
    }
}

/// Loads the refunds of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RefundsOf(pub OrderId);

impl Load<RefundsOf> for LoadContext {
    type Value = Vec<refund::Model>;

    async fn load(&self, keys: &[RefundsOf]) -> Result<HashMap<RefundsOf, Vec<refund::Model>>> {
        let orders: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = payments::refunds_of_orders(self.state.db.reader(), &orders).await?;
        Ok(group(found, |refund| RefundsOf(refund.order_id)))
    }
}

/// Loads the lines of a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RefundLinesOf(pub RefundId);

impl Load<RefundLinesOf> for LoadContext {
    type Value = Vec<refund::line::Model>;

    async fn load(
        &self,
        keys: &[RefundLinesOf],
    ) -> Result<HashMap<RefundLinesOf, Vec<refund::line::Model>>> {
        let refunds: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = payments::lines_of_refunds(self.state.db.reader(), &refunds).await?;
        Ok(group(found, |line| RefundLinesOf(line.refund_id)))
    }
}

/// Loads the sums of the ledger of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LedgerOf(pub PaymentId);

impl Load<LedgerOf> for LoadContext {
    type Value = Ledger;

    async fn load(&self, keys: &[LedgerOf]) -> Result<HashMap<LedgerOf, Ledger>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = payments::ledgers_of(self.state.db.reader(), &ids).await?;
        let found = found.into_iter();
        Ok(found.map(|(id, ledger)| (LedgerOf(id), ledger)).collect())
    }
}

/// Loads a payment with its order, whether or not the viewer may see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct PaymentWithOrder(PaymentId);

impl Load<PaymentWithOrder> for LoadContext {
    type Value = (OrderRow, Model);

    async fn load(
        &self,
        keys: &[PaymentWithOrder],
    ) -> Result<HashMap<PaymentWithOrder, (OrderRow, Model)>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = service::payments_with_orders(self.state.db.reader(), &ids).await?;
        let found = found.into_iter();
        Ok(found
            .map(|(id, pair)| (PaymentWithOrder(id), pair))
            .collect())
    }
}

/// Loads the order of a payment, whether or not the viewer may see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OrderOfPayment(pub PaymentId);

impl Load<OrderOfPayment> for LoadContext {
    type Value = OrderRow;

    async fn load(&self, keys: &[OrderOfPayment]) -> Result<HashMap<OrderOfPayment, OrderRow>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = service::payments_with_orders(self.state.db.reader(), &ids).await?;
        let found = found.into_iter();
        Ok(found
            .map(|(id, (order, _))| (OrderOfPayment(id), order))
            .collect())
    }
}

impl NodeType for Payment {
    const PREFIX: &'static str = PaymentId::PREFIX;

    async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        let found = ctx.load(PaymentWithOrder(id.into())).await?;
        let visible = found
            .filter(|(order, _)| service::access::can_see(ctx.state(), ctx.viewer(), order, None));
        Ok(visible.map(|(_, payment)| Self(payment)))
    }
}

fn group<K: Eq + Hash, T>(rows: Vec<T>, key: impl Fn(&T) -> K) -> HashMap<K, Vec<T>> {
    let mut groups: HashMap<K, Vec<T>> = HashMap::new();
    for row in rows {
        groups.entry(key(&row)).or_default().push(row);
    }
    groups
}
