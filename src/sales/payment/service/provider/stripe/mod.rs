//! Stripe. A payment is a `PaymentIntent`, which the buyer confirms in the storefront.
//!
//! The id of the payment or of the refund is the idempotency key of its creation. Stripe forgets keys after 24 hours, and
//! stores server errors under them: then Stripe is first asked for what was created.

mod refunds;
mod snapshot;

pub(super) use refunds::refund;

use std::time::Duration;

use self::refunds::{has_entries, with_entry};
use self::snapshot::{PAYMENT, charge, mismatch};
use crate::config::Capture;
use crate::core::clock::Timestamp;
use crate::core::id::TypedId;
use crate::core::retry::Failure;
use crate::core::secret::Secret;
use crate::infra::stripe::currency::to_stripe;
use crate::infra::stripe::{Form, Intent, Stripe, StripeError};
use crate::sales::payment::entity::entry::Kind;
use crate::sales::payment::entity::{Model, Status};
use crate::sales::payment::service::provider::{Call, Reported, Snapshot};
use crate::state::State;

/// The age from which on a request is looked up before it is repeated. Less than the 24 hours for which Stripe knows its key.
const LOOKUP_AGE: Duration = Duration::from_hours(12);
/// The maximum difference between the clocks of Stripe and of the server.
const CLOCK_SKEW: Duration = Duration::from_hours(1);

pub(super) async fn call(state: &State, payment: &Model, what: Call) -> Result<Snapshot, Failure> {
    let stripe = client(state)?;
    match (what, payment.reference.as_deref()) {
        (Call::Create, _) | (_, None) => create(state, stripe, payment).await,
        (Call::Look, Some(id)) => look(state, stripe, payment, id).await,
        (Call::Capture, Some(id)) => change(state, stripe, payment, (id, "capture")).await,
        (Call::Cancel, Some(id)) => change(state, stripe, payment, (id, "cancel")).await,
    }
}

fn client(state: &State) -> Result<&Stripe, Failure> {
    let missing = || Failure::Permanent("STRIPE_SECRET_KEY is not set".to_owned());
    state.stripe.as_ref().ok_or_else(missing)
}

fn failure(error: &StripeError) -> Failure {
    match error {
        StripeError::Temporary(_) | StripeError::KeySpent(_) => {
            Failure::Temporary(error.to_string())
        }
        StripeError::Refused(_) => Failure::Permanent(error.to_string()),
    }
}

async fn create(state: &State, stripe: &Stripe, payment: &Model) -> Result<Snapshot, Failure> {
    let currency = state.config.shop_currency;
    let Some(amount) = to_stripe(currency, payment.amount) else {
        return Ok(refused(payment, currency.code(), "amount_not_chargeable"));
    };
    let capture = match state.config.payments.payment_capture {
        Capture::Automatic => "automatic",
        Capture::Manual => "manual",
    };
    let form = Form::default()
        .with("amount", amount.to_string())
        .with("currency", currency.code().to_lowercase())
        .with("automatic_payment_methods[enabled]", "true")
        .with("capture_method", capture)
        .with("metadata[order]", payment.order_id.encode())
        .with("metadata[payment]", payment.id.encode());
    let key = payment.id.0.to_string();
    let is_old = is_old(state, payment.created_at);
    let created = if is_old {
        find_or_create(stripe, payment, &form, &key).await
    } else {
        match stripe.create_intent(&form, &key).await {
            Err(StripeError::KeySpent(error)) => {
                let id = payment.id.encode();
                tracing::warn!(payment = id, error, "payment is looked up at Stripe");
                // Another key for each attempt: an intent without a buyer who knows it is harmless.
                let key = format!("{key} {}", payment.attempts);
                find_or_create(stripe, payment, &form, &key).await
            }
            created => created,
        }
    };
    match created {
        Ok(intent) => {
            let (id, reference) = (payment.id.encode(), intent.id.as_str());
            tracing::info!(payment = id, reference, "payment created at Stripe");
            Ok(of_intent(state, stripe, payment, &intent))
        }
        // It does not exist, so the buyer may choose another way to pay.
        Err(StripeError::Refused(code)) => {
            let id = payment.id.encode();
            tracing::error!(payment = id, code, "payment was refused by Stripe");
            Ok(refused(payment, currency.code(), &code))
        }
        Err(error) => Err(failure(&error)),
    }
}

async fn find_or_create(
    stripe: &Stripe,
    payment: &Model,
    form: &Form,
    key: &str,
) -> Result<Intent, StripeError> {
    let (from, _) = payment.created_at.before(CLOCK_SKEW).since_epoch();
    let id = payment.id.encode();
    let is_own = |intent: &Intent| intent.metadata.get(PAYMENT).is_some_and(|own| *own == id);
    if let Some(found) = stripe.find_intent(from, is_own).await? {
        return Ok(found);
    }
    stripe.create_intent(form, key).await
}

fn is_old(state: &State, created_at: Timestamp) -> bool {
    state.clock.now().since(created_at) >= LOOKUP_AGE
}

/// The snapshot of a payment that Stripe refuses to create.
fn refused(payment: &Model, currency: &str, code: &str) -> Snapshot {
    let failed = Reported {
        note: Some(code.to_owned()),
        ..Reported::new(Kind::Failed, 0, "refused")
    };
    Snapshot {
        reference: None,
        status: Status::Canceled,
        amount: payment.amount,
        currency: currency.to_owned(),
        last_error: Some(code.to_owned()),
        entries: vec![failed, Reported::new(Kind::Canceled, 0, "canceled")],
        mismatch: None,
    }
}

fn of_intent(state: &State, stripe: &Stripe, payment: &Model, intent: &Intent) -> Snapshot {
    let currency = state.config.shop_currency;
    snapshot::snapshot(payment, currency, stripe.is_live(), (intent, &[], &[]))
}

async fn look(
    state: &State,
    stripe: &Stripe,
    payment: &Model,
    id: &str,
) -> Result<Snapshot, Failure> {
    let intent = stripe.intent(id).await.map_err(|error| failure(&error))?;
    let charge = charge(&intent);
    let is_refunded = charge.is_some_and(|charge| charge.amount_refunded > 0);
    // A refund that failed is no longer in the amount.
    let has_refunds =
        intent.status == "succeeded" && (is_refunded || has_entries(state, payment).await?);
    let is_disputed = charge.is_some_and(|charge| charge.disputed);
    let refunds = if has_refunds {
        let all = stripe.refunds_of(id).await;
        let all = all.map_err(|error| failure(&error))?;
        with_entry(state, payment, all).await?
    } else {
        Vec::new()
    };
    let disputes = if is_disputed {
        let all = stripe.disputes_of(id).await;
        all.map_err(|error| failure(&error))?
    } else {
        Vec::new()
    };
    let currency = state.config.shop_currency;
    let found = (&intent, refunds.as_slice(), disputes.as_slice());
    Ok(snapshot::snapshot(
        payment,
        currency,
        stripe.is_live(),
        found,
    ))
}

/// Captures or cancels a payment, unless its state does not allow it, and returns its state.
async fn change(
    state: &State,
    stripe: &Stripe,
    payment: &Model,
    (id, change): (&str, &str),
) -> Result<Snapshot, Failure> {
    let before = stripe.intent(id).await.map_err(|error| failure(&error))?;
    let is_due = match before.status.as_str() {
        "succeeded" | "canceled" | "processing" => false,
        "requires_capture" => true,
        _ => change == "cancel",
    };
    let is_same = mismatch(payment, stripe.is_live(), &before).is_none();
    if is_due && is_same {
        let changed = stripe.change_intent(id, change).await;
        let payment = payment.id.encode();
        match changed {
            Ok(_) => tracing::info!(payment, change, "payment changed at Stripe"),
            // The state changed meanwhile.
            Err(StripeError::Refused(code)) => {
                tracing::warn!(payment, change, code, "change was refused by Stripe");
            }
            Err(error) => return Err(failure(&error)),
        }
    }
    look(state, stripe, payment, id).await
}

/// Returns the client secret of a payment that waits for the buyer.
pub(super) async fn client_secret(
    state: &State,
    payment: &Model,
) -> Result<Option<Secret>, Failure> {
    let stripe = client(state)?;
    let Some(id) = &payment.reference else {
        return Ok(None);
    };
    let intent = stripe.intent(id).await.map_err(|error| failure(&error))?;
    let is_same = mismatch(payment, stripe.is_live(), &intent).is_none();
    let is_waiting = intent.status.starts_with("requires_") && intent.status != "requires_capture";
    Ok(intent.client_secret.filter(|_| is_same && is_waiting))
}
