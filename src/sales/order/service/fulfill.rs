//! Fulfilling an order: some or all of its units are shipped.

use serde_json::json;

use super::change::{self, require_confirmed};
use super::events::{NewEvent, record};
use super::tracking::TrackingInput;
use super::units::{self, UnitsInput};
use super::{OrderEmail, queue_email};
use crate::catalog::product::service::variants;
use crate::core::error::{Result, UserError, UserErrorCode};
use crate::core::id::TypedId;
use crate::core::validation::Validator;
use crate::core::viewer::Admin;
use crate::sales::order::entity::event::Kind;
use crate::sales::order::entity::fulfillment::{FulfillmentId, Model as Fulfillment, line};
use crate::sales::order::entity::{Model, OrderId};
use crate::sales::order::repository::fulfillments::{self as repository, Units};
use crate::sales::order::repository::lines_of;
use crate::state::State;

/// Input of [`fulfill`].
#[derive(Clone, Debug)]
pub struct FulfillInput {
    pub order_id: String,
    /// All open units if absent.
    pub lines: Option<Vec<UnitsInput>>,
    pub tracking: TrackingInput,
    /// Whether the buyer gets an email.
    pub notify: bool,
    pub expected_version: Option<i32>,
}

/// An order and one of its fulfillments, after a change.
#[derive(Clone, Debug)]
pub struct Fulfilled {
    pub order: Model,
    pub fulfillment: Fulfillment,
}

/// Fulfills units of a confirmed order: takes them out of the stock, and tells the buyer.
///
/// # Errors
/// Invalid fields, `NOT_FOUND`, `ORDER_CLOSED`; `CONFLICT` if the order is not confirmed, has another version, or has less open
/// units.
pub async fn fulfill(state: &State, admin: Admin, input: FulfillInput) -> Result<Fulfilled> {
    let mut validator = Validator::default();
    let id: Option<OrderId> = validator.id("orderId", &input.order_id);
    let wanted = input.lines.as_deref();
    let wanted = wanted.map(|lines| units::check(&mut validator, lines));
    let tracking = input.tracking.check(&mut validator);
    let (Some(id), true) = (id, validator.is_valid()) else {
        return Err(validator.refusal());
    };
    let transaction = state.db.begin().await?;
    let mut order = change::lock(&transaction, id, input.expected_version).await?;
    require_confirmed(&order, "orderId")?;
    let mut lines = lines_of(&transaction, id).await?;
    let units = match &wanted {
        Some(wanted) => units::take_open(&lines, wanted)?,
        None => units::all_open(&lines),
    };
    if units.is_empty() {
        let message = "No units of this order are left.";
        return Err(UserError::new(UserErrorCode::Conflict, "orderId", message).into());
    }
    let by_line = units::by_line(&units);
    repository::add_units(&transaction, Units::Fulfilled, &by_line).await?;
    for (id, count) in &by_line {
        for line in lines.iter_mut().filter(|line| line.id == *id) {
            line.fulfilled += count;
        }
    }
    let now = state.clock.now();
    let mut fulfillment = Fulfillment {
        id: FulfillmentId::generate(now),
        order_id: id,
        tracking_company: None,
        tracking_number: None,
        tracking_url: None,
        actor_id: Some(admin.user()),
        created_at: now,
        updated_at: now,
        canceled_at: None,
    };
    tracking.apply(&mut fulfillment);
    let parts = by_line.iter().map(|(line, count)| line::Model {
        fulfillment_id: fulfillment.id,
        line_id: *line,
        quantity: *count,
    });
    repository::insert(&transaction, fulfillment.clone(), parts.collect()).await?;
    let before = order.fulfillment_status;
    order.fulfillment_status = change::fulfillment_status(&lines);
    change::save(&transaction, state, &mut order).await?;
    let event = NewEvent {
        actor: Some(admin.user()),
        data: json!({"fulfillmentId": fulfillment.id.encode(), "units": units::total(&units)}),
        ..NewEvent::public(Kind::Fulfilled)
    };
    record(&transaction, state, id, event).await?;
    if input.notify {
        let email = OrderEmail::Shipped(fulfillment.id);
        queue_email(&transaction, state, &order, email).await?;
    }
    let entry = change::entry("fulfillOrder", &order).change_text(
        "units",
        None,
        Some(&units::describe(&units)),
    );
    let entry = change::status_change(entry, before, order.fulfillment_status);
    change::audit(&transaction, state, admin, entry).await?;
    // Last, so that nobody waits for a stock level while other rows are written.
    variants::ship(&transaction, state, id.0, &units::tracked(&units)).await?;
    transaction.commit().await?;
    Ok(Fulfilled { order, fulfillment })
}
