//! GraphQL API of orders.

mod after;
mod after_inputs;
mod fulfillments;
mod line;
mod link;
mod list;
mod list_inputs;
mod loaders;
mod me;
mod mutations;
mod order;
mod payloads;
mod payment_inputs;
mod payment_loaders;
mod payment_mutations;
mod payment_payloads;
mod payments;
mod query;
mod refunds;
mod timeline;
mod totals;

pub use after::AfterOrderMutation;
pub use line::OrderLine;
pub use link::OrderLinkMutation;
pub use list::{OrderConnection, OrderListQuery};
pub use loaders::{ById, LinesOf};
pub use mutations::OrderMutation;
pub use order::{Order, OrderFulfillmentStatus, OrderPaymentStatus, OrderStatus};
pub use payment_mutations::PaymentMutation;
pub use payments::{Payment, PaymentProvider, PaymentStatus, payments};
pub use query::OrderQuery;
pub use refunds::{Refund, RefundLine, RefundStatus, refundable, refunds};
