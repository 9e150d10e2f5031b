//! Canceling units of a confirmed order that can't be delivered.

use serde_json::{Value, json};

use super::change::{self, require_confirmed};
use super::events::{NewEvent, record};
use super::refund_lines::refund_lines;
use super::send_refund::send_refund;
use super::sums;
use super::units::{self, UnitsInput};
use crate::catalog::product::service::variants;
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::core::text;
use crate::core::validation::Validator;
use crate::core::viewer::Admin;
use crate::sales::order::entity::event::Kind;
use crate::sales::order::entity::{Model, OrderId};
use crate::sales::order::repository::fulfillments::{self as repository, Units};
use crate::sales::order::repository::lines_of;
use crate::state::State;

/// The maximum length of a reason in characters.
const MAX_REASON: usize = 500;

/// Input of [`cancel_lines`].
#[derive(Clone, Debug)]
pub struct CancelLinesInput {
    pub order_id: String,
    pub lines: Vec<UnitsInput>,
    pub reason: Option<String>,
    /// Whether the price of the units is refunded.
    pub refund: bool,
}

/// Cancels open units of a confirmed order, releases their stock, and refunds their price.
///
/// # Errors
/// Invalid fields, `NOT_FOUND`, `ORDER_CLOSED`; `CONFLICT` if the order is not confirmed or has less open units.
pub async fn cancel_lines(state: &State, admin: Admin, input: CancelLinesInput) -> Result<Model> {
    let mut validator = Validator::default();
    let id: Option<OrderId> = validator.id("orderId", &input.order_id);
    let wanted = units::check(&mut validator, &input.lines);
    let reason = input.reason.filter(|reason| !reason.trim().is_empty());
    let reason =
        reason.and_then(|reason| validator.check("reason", text::check_text(&reason, MAX_REASON)));
    let (Some(id), true) = (id, validator.is_valid()) else {
        return Err(validator.refusal());
    };
    let transaction = state.db.begin().await?;
    let mut order = change::lock(&transaction, id, None).await?;
    require_confirmed(&order, "orderId")?;
    let mut lines = lines_of(&transaction, id).await?;
    let units = units::take_open(&lines, &wanted)?;
    let by_line = units::by_line(&units);
    repository::add_units(&transaction, Units::Canceled, &by_line).await?;
    for (id, count) in &by_line {
        for line in lines.iter_mut().filter(|line| line.id == *id) {
            line.canceled += count;
        }
    }
    let before = order.fulfillment_status;
    order.fulfillment_status = change::fulfillment_status(&lines);
    if order.captured < order.total {
        // What was recorded may be all that is due now.
        sums::refresh(&transaction, &mut order).await?;
    }
    change::save(&transaction, state, &mut order).await?;
    let canceled = by_line
        .iter()
        .map(|(line, count)| json!({"lineId": line.encode(), "quantity": count}));
    let mut data = json!({
        "units": units::total(&units),
        "lines": canceled.collect::<Vec<_>>(),
    });
    if let Some(reason) = &reason {
        data["reason"] = Value::from(reason.as_str());
    }
    let event = NewEvent {
        actor: Some(admin.user()),
        data,
        ..NewEvent::public(Kind::LinesCanceled)
    };
    record(&transaction, state, id, event).await?;
    let entry = change::entry("cancelOrderLines", &order)
        .change_text("units", Some(&units::describe(&units)), None)
        .change_text("reason", None, reason.as_deref());
    let entry = change::status_change(entry, before, order.fulfillment_status);
    change::audit(&transaction, state, admin, entry).await?;
    let refund = if input.refund {
        let by = (reason, Some(admin.user()));
        refund_lines(&transaction, state, &mut order, &by_line, by).await?
    } else {
        None
    };
    variants::release(&transaction, state, id.0, &units::tracked(&units)).await?;
    transaction.commit().await?;
    match refund {
        Some(refund) => Ok(send_refund(state, refund).await?.0),
        None => Ok(order),
    }
}
