//! Reading, changing and canceling the fulfillments of an order.

use std::collections::HashMap;

use serde_json::json;

use super::change::{self, require_confirmed};
use super::events::{NewEvent, record};
use super::fulfill::Fulfilled;
use super::tracking::TrackingInput;
use super::units::{self, LineUnits};
use super::{OrderEmail, queue_email};
use crate::catalog::product::service::variants;
use crate::core::error::{Result, UserError, UserErrorCode};
use crate::core::id::TypedId;
use crate::core::validation::Validator;
use crate::core::viewer::Admin;
use crate::infra::database::{Connection, Database, Transaction};
use crate::sales::order::entity::event::Kind;
use crate::sales::order::entity::fulfillment::{FulfillmentId, Model as Fulfillment};
use crate::sales::order::entity::{Model, OrderId};
use crate::sales::order::repository::fulfillments::{self as repository, Units};
use crate::sales::order::repository::lines_of;
use crate::sales::row;
use crate::state::State;

const NOUN: &str = "fulfillment";

/// A fulfillment with the units of lines that it consists of, in the order of the lines.
#[derive(Clone, Debug)]
pub struct FulfillmentDetails {
    pub row: Fulfillment,
    pub lines: Vec<LineUnits>,
}

/// Returns the fulfillments of orders, oldest first. The caller must have checked that the viewer may see the orders.
pub async fn of_orders(
    db: &Database,
    orders: &[OrderId],
) -> Result<HashMap<OrderId, Vec<FulfillmentDetails>>> {
    let rows = repository::of_orders(db.reader(), orders).await?;
    let mut found: HashMap<_, Vec<_>> = HashMap::new();
    for details in with_lines(db.reader(), rows).await? {
        let of_order = found.entry(details.row.order_id).or_default();
        of_order.push(details);
    }
    Ok(found)
}

/// Returns fulfillments by id. The caller must have checked that the viewer may see the orders.
pub async fn find_many(
    db: &Database,
    ids: &[FulfillmentId],
) -> Result<HashMap<FulfillmentId, FulfillmentDetails>> {
    let rows = repository::find_many(db.reader(), ids).await?;
    let found = with_lines(db.reader(), rows).await?;
    let found = found.into_iter();
    Ok(found.map(|details| (details.row.id, details)).collect())
}

async fn with_lines(
    db: &impl Connection,
    rows: Vec<Fulfillment>,
) -> Result<Vec<FulfillmentDetails>> {
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let parts = repository::parts_of(db, &ids).await?;
    let mut line_ids: Vec<_> = parts.iter().map(|part| part.line_id).collect();
    line_ids.sort_unstable();
    line_ids.dedup();
    let lines = repository::lines(db, &line_ids).await?;
    let lines: HashMap<_, _> = lines.into_iter().map(|line| (line.id, line)).collect();
    let mut units: HashMap<FulfillmentId, Vec<LineUnits>> = HashMap::new();
    for part in parts {
        if let Some(line) = lines.get(&part.line_id) {
            units
                .entry(part.fulfillment_id)
                .or_default()
                .push(LineUnits {
                    line: line.clone(),
                    units: part.quantity,
                });
        }
    }
    let details = rows.into_iter().map(|row| {
        let mut lines = units.remove(&row.id).unwrap_or_default();
        lines.sort_unstable_by_key(|one| one.line.position);
        FulfillmentDetails { row, lines }
    });
    Ok(details.collect())
}

/// Input of [`update`].
#[derive(Clone, Debug)]
pub struct UpdateInput {
    pub id: String,
    pub tracking: TrackingInput,
    /// Whether the buyer gets the email about the shipment again.
    pub notify: bool,
}

/// Changes the tracking of a fulfillment. An update without effect changes nothing and is not audited.
///
/// # Errors
/// Invalid fields, `NOT_FOUND`; `CONFLICT` if the fulfillment was canceled.
pub async fn update(state: &State, admin: Admin, input: UpdateInput) -> Result<Fulfilled> {
    let mut validator = Validator::default();
    let id: Option<FulfillmentId> = validator.id("id", &input.id);
    let tracking = input.tracking.check(&mut validator);
    let (Some(id), true) = (id, validator.is_valid()) else {
        return Err(validator.refusal());
    };
    let transaction = state.db.begin().await?;
    let (mut order, before) = lock(&transaction, id).await?;
    let mut after = before.clone();
    tracking.apply(&mut after);
    let has_changed = after != before;
    if has_changed {
        after.updated_at = state.clock.now();
        repository::update(&transaction, after.clone()).await?;
        change::save(&transaction, state, &mut order).await?;
        let event = NewEvent {
            actor: Some(admin.user()),
            data: json!({"fulfillmentId": id.encode()}),
            ..NewEvent::public(Kind::FulfillmentUpdated)
        };
        record(&transaction, state, order.id, event).await?;
        let entry = change::entry("updateFulfillment", &order)
            .change(
                "trackingCompany",
                before.tracking_company,
                after.tracking_company.clone(),
            )
            .change(
                "trackingNumber",
                before.tracking_number,
                after.tracking_number.clone(),
            )
            .change(
                "trackingUrl",
                before.tracking_url,
                after.tracking_url.clone(),
            );
        change::audit(&transaction, state, admin, entry).await?;
    }
    if input.notify {
        queue_email(&transaction, state, &order, OrderEmail::Shipped(id)).await?;
    }
    transaction.commit().await?;
    let fulfillment = after;
    Ok(Fulfilled { order, fulfillment })
}

/// Cancels a fulfillment: its units are open again, back in the stock and promised to the order.
///
/// # Errors
/// `NOT_FOUND`; `CONFLICT` if the fulfillment was canceled before, or if the buyer has returned units of it.
pub async fn cancel(state: &State, admin: Admin, id: FulfillmentId) -> Result<Fulfilled> {
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    let (mut order, mut fulfillment) = lock(&transaction, id).await?;
    require_confirmed(&order, "id")?;
    let mut lines = lines_of(&transaction, order.id).await?;
    let parts = repository::parts_of(&transaction, &[id]).await?;
    let mut units = Vec::new();
    for line in &mut lines {
        let Some(part) = parts.iter().find(|part| part.line_id == line.id) else {
            continue;
        };
        line.fulfilled -= part.quantity;
        if line.fulfilled < line.returned {
            let message = "Units of this fulfillment were returned.";
            return Err(UserError::new(UserErrorCode::Conflict, "id", message).into());
        }
        units.push(LineUnits {
            line: line.clone(),
            units: part.quantity,
        });
    }
    let taken: Vec<_> = units.iter().map(|one| (one.line.id, -one.units)).collect();
    repository::add_units(&transaction, Units::Fulfilled, &taken).await?;
    fulfillment.canceled_at = Some(now);
    fulfillment.updated_at = now;
    repository::update(&transaction, fulfillment.clone()).await?;
    let before = order.fulfillment_status;
    order.fulfillment_status = change::fulfillment_status(&lines);
    change::save(&transaction, state, &mut order).await?;
    let event = NewEvent {
        actor: Some(admin.user()),
        data: json!({"fulfillmentId": id.encode(), "units": units::total(&units)}),
        ..NewEvent::public(Kind::FulfillmentCanceled)
    };
    record(&transaction, state, order.id, event).await?;
    let entry = change::entry("cancelFulfillment", &order).change_text(
        "units",
        Some(&units::describe(&units)),
        None,
    );
    let entry = change::status_change(entry, before, order.fulfillment_status);
    change::audit(&transaction, state, admin, entry).await?;
    variants::unship(&transaction, state, order.id.0, &units::tracked(&units)).await?;
    transaction.commit().await?;
    Ok(Fulfilled { order, fulfillment })
}

/// Locks the order of a fulfillment that is not canceled.
async fn lock(transaction: &Transaction, id: FulfillmentId) -> Result<(Model, Fulfillment)> {
    let missing = || row::missing("id", NOUN);
    let found = repository::find(transaction, id)
        .await?
        .ok_or_else(missing)?;
    let order = change::lock(transaction, found.order_id, None).await?;
    // It may have changed before the order was locked.
    let found = repository::find(transaction, id)
        .await?
        .ok_or_else(missing)?;
    if found.canceled_at.is_some() {
        let message = "The fulfillment was canceled.";
        return Err(UserError::new(UserErrorCode::Conflict, "id", message).into());
    }
    Ok((order, found))
}
