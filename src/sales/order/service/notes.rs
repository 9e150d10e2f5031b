//! Notes on orders.

use serde_json::json;

use super::change;
use super::events::{NewEvent, record};
use crate::core::error::Result;
use crate::core::text;
use crate::core::validation::Validator;
use crate::core::viewer::Admin;
use crate::sales::order::entity::event::Kind;
use crate::sales::order::entity::{Model, OrderId};
use crate::state::State;

/// The maximum length of a note in characters.
const MAX_NOTE: usize = 2_000;

/// Adds a note to the timeline of an order.
///
/// # Errors
/// Invalid fields, `NOT_FOUND`.
pub async fn add_note(
    state: &State,
    admin: Admin,
    order_id: &str,
    (text, public): (&str, bool),
) -> Result<Model> {
    let mut validator = Validator::default();
    let id: Option<OrderId> = validator.id("orderId", order_id);
    let text = text::check_text(text, MAX_NOTE).and_then(|text| {
        if text.is_empty() {
            return Err("This must not be empty.".to_owned());
        }
        Ok(text)
    });
    let text = validator.check("text", text);
    let (Some(id), Some(text), true) = (id, text, validator.is_valid()) else {
        return Err(validator.refusal());
    };
    let transaction = state.db.begin().await?;
    let mut order = change::lock(&transaction, id, None).await?;
    change::save(&transaction, state, &mut order).await?;
    let event = NewEvent {
        public,
        actor: Some(admin.user()),
        data: json!({"text": text}),
        ..NewEvent::public(Kind::Note)
    };
    record(&transaction, state, id, event).await?;
    // The text stays in the timeline.
    let entry = change::entry("addOrderNote", &order).changed("note", true);
    change::audit(&transaction, state, admin, entry).await?;
    transaction.commit().await?;
    Ok(order)
}
