//! Changing the addresses of an order.

use serde_json::json;

use super::change::{self, require_live};
use super::events::{NewEvent, record};
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::core::patch::Patch;
use crate::core::postal_address::{AddressInput, PostalAddress};
use crate::core::text;
use crate::core::validation::Validator;
use crate::core::viewer::Admin;
use crate::sales::order::entity::event::Kind;
use crate::sales::order::entity::{FulfillmentStatus, Model, OrderId, Status};
use crate::state::State;

/// Input of [`update_address`].
#[derive(Clone, Debug)]
pub struct UpdateAddressInput {
    pub order_id: String,
    pub shipping_address: Patch<AddressInput>,
    /// Cleared: the invoice has the shipping address.
    pub billing_address: Patch<AddressInput>,
}

/// Changes addresses of an order of which nothing is fulfilled. An update without effect changes nothing.
///
/// # Errors
/// Invalid fields, among them another country; `NOT_FOUND`, `ORDER_CLOSED`; `CONFLICT` if a part is fulfilled or the order is
/// being closed.
pub async fn update_address(
    state: &State,
    admin: Admin,
    input: UpdateAddressInput,
) -> Result<Model> {
    let mut validator = Validator::default();
    let id: Option<OrderId> = validator.id("orderId", &input.order_id);
    let shipping = validator.required("shippingAddress", input.shipping_address);
    let shipping = shipping.and_then(|address| address.check(&mut validator, "shippingAddress."));
    let billing = match input.billing_address {
        Patch::Keep => Patch::Keep,
        Patch::Clear => Patch::Clear,
        Patch::Set(address) => address.check(&mut validator, "billingAddress.").into(),
    };
    let (Some(id), true) = (id, validator.is_valid()) else {
        return Err(validator.refusal());
    };
    let transaction = state.db.begin().await?;
    let mut order = change::lock(&transaction, id, None).await?;
    require_changeable(&order)?;
    if let Some(address) = &shipping {
        check_country(&order, address)?;
    }
    let (old_shipping, old_billing) = (
        order.shipping_address.clone(),
        order.billing_address.clone(),
    );
    if let Some(address) = &shipping {
        order.shipping_address = Some(to_json(address)?);
        order.name_key = text::sort_key(&address.name);
    }
    order.billing_address = match &billing {
        Patch::Keep => order.billing_address.take(),
        Patch::Clear => None,
        Patch::Set(address) => Some(to_json(address)?),
    };
    let changes = [
        (
            "shippingAddress",
            "SHIPPING",
            old_shipping,
            &order.shipping_address,
        ),
        (
            "billingAddress",
            "BILLING",
            old_billing,
            &order.billing_address,
        ),
    ];
    let mut entry = change::entry("updateOrderAddress", &order);
    let mut events = Vec::new();
    for (field, address, before, after) in changes {
        let has_changed = before != *after;
        // Without the values, which are personal data.
        entry = entry.changed(field, has_changed);
        if has_changed {
            events.push(NewEvent {
                actor: Some(admin.user()),
                data: json!({"address": address}),
                old_address: before,
                ..NewEvent::public(Kind::AddressUpdated)
            });
        }
    }
    if events.is_empty() {
        return Ok(order);
    }
    change::save(&transaction, state, &mut order).await?;
    for event in events {
        record(&transaction, state, id, event).await?;
    }
    change::audit(&transaction, state, admin, entry).await?;
    transaction.commit().await?;
    Ok(order)
}

fn require_changeable(order: &Model) -> Result<()> {
    require_live(order, "orderId")?;
    let message = if order.status == Status::Closing {
        "The order is being closed."
    } else if order.fulfillment_status != FulfillmentStatus::None {
        "A part of the order was shipped to this address."
    } else {
        return Ok(());
    };
    Err(UserError::new(UserErrorCode::Conflict, "orderId", message).into())
}

/// Refuses another country than that of the order. The total of an order never changes.
fn check_country(order: &Model, address: &PostalAddress) -> Result<()> {
    let message = match order.country.as_deref() {
        Some(country) if country == address.country.code() => return Ok(()),
        Some(country) => format!(
            "The order has the taxes and the shipping of {country}. For another country, cancel it and place a new one."
        ),
        None => "Nothing of this order is shipped.".to_owned(),
    };
    let field = match order.country {
        Some(_) => "shippingAddress.country",
        None => "shippingAddress",
    };
    Err(UserError::new(UserErrorCode::BadUserInput, field, message).into())
}

fn to_json(address: &PostalAddress) -> Result<String> {
    serde_json::to_string(address).map_err(Error::internal)
}
