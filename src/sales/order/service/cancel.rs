//! Canceling an order.

use super::access::can_see;
use super::close::{self, Cancelation};
use super::{refund_all, settle};
use crate::core::error::{Result, UserError, UserErrorCode};
use crate::core::secret::Secret;
use crate::core::text;
use crate::core::validation::Validator;
use crate::core::viewer::{Admin, SignedIn, Viewer};
use crate::infra::database::Transaction;
use crate::platform::audit::service::{self as audit, Actor, Entry};
use crate::sales::order::entity::{FulfillmentStatus, Model, OrderId, Status};
use crate::sales::order::repository;
use crate::sales::row::missing;
use crate::state::State;

/// The maximum length of a reason in characters.
const MAX_REASON: usize = 500;

/// Cancels an order: a pending one for its buyer or an admin, a confirmed one for an admin while nothing of it is
/// fulfilled. An order that is canceled already stays as it is.
pub async fn cancel(
    state: &State,
    viewer: Viewer,
    id: OrderId,
    token: Option<&Secret>,
    reason: Option<String>,
) -> Result<Model> {
    let reason = check_reason(reason)?;
    let transaction = state.db.begin().await?;
    let order = repository::lock(&transaction, id).await?;
    let order = order.filter(|order| can_see(state, viewer, order, token));
    let order = order.ok_or_else(|| missing("id", "order"))?;
    let by = Cancelation {
        actor: viewer.signed_in().ok().map(SignedIn::user),
        reason,
        held_until: None,
    };
    let (order, payment) = match order.status {
        Status::Canceled => return Ok(order),
        Status::Expired => return Err(closed("The order has expired.")),
        Status::Pending | Status::Closing => {
            close::begin(&transaction, state, order, Status::Canceled, by).await?
        }
        Status::Confirmed => {
            let Ok(admin) = viewer.admin() else {
                return Err(closed(
                    "The order is confirmed. Only the shop can cancel it.",
                ));
            };
            let canceled = cancel_confirmed(&transaction, state, admin, order, by).await?;
            // Of an order on account that nobody has paid.
            let open = close::open_payment(&transaction, state, id).await?;
            (canceled, open)
        }
    };
    if let Ok(admin) = viewer.admin() {
        let name = order.number.map(|number| number.to_string());
        let entry = Entry::new("cancelOrder").about(id);
        let entry = match &name {
            Some(name) => entry.called(name),
            None => entry,
        };
        let now = state.clock.now();
        audit::record(&transaction, Actor::Admin(admin), [entry], now).await?;
    }
    transaction.commit().await?;
    let Some(payment) = payment else {
        return Ok(order);
    };
    let (order, _) = settle(state, payment).await?;
    if order.status == Status::Confirmed {
        let message = "The order was paid meanwhile.";
        return Err(UserError::new(UserErrorCode::AlreadyPaid, "id", message).into());
    }
    Ok(order)
}

async fn cancel_confirmed(
    transaction: &Transaction,
    state: &State,
    admin: Admin,
    mut order: Model,
    by: Cancelation,
) -> Result<Model> {
    if order.fulfillment_status != FulfillmentStatus::None {
        let message = "A part of the order is fulfilled. Cancel its other lines.";
        return Err(UserError::new(UserErrorCode::Conflict, "id", message).into());
    }
    // The provider is asked for it later, by any server.
    refund_all(transaction, state, &mut order, Some(admin.user())).await?;
    close::end(transaction, state, order, Status::Canceled, by).await
}

fn check_reason(reason: Option<String>) -> Result<Option<String>> {
    let reason = reason.filter(|reason| !reason.trim().is_empty());
    let mut validator = Validator::default();
    let checked =
        reason.and_then(|reason| validator.check("reason", text::check_text(&reason, MAX_REASON)));
    validator.finish()?;
    Ok(checked)
}

fn closed(message: &str) -> crate::core::error::Error {
    UserError::new(UserErrorCode::OrderClosed, "id", message).into()
}
