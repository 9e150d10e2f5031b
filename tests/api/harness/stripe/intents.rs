//! Payment intents: `create`, `capture` and `cancel`.

use serde_json::{Map, Value, json};

use super::attempts::outcome_of;
use super::currencies;
use super::errors::ApiError;
use super::params::Params;
use super::state::{Account, Intent, Status, alphanumeric};

/// The parameters that are stored and returned as they were sent.
const TEXTS: [&str; 4] = [
    "description",
    "receipt_email",
    "statement_descriptor",
    "statement_descriptor_suffix",
];

const CANCELLATION_REASONS: [&str; 4] = [
    "abandoned",
    "duplicate",
    "fraudulent",
    "requested_by_customer",
];

impl Account {
    /// Returns the intent in a path.
    pub fn find_intent(&self, id: &str) -> Result<&Intent, ApiError> {
        let missing = || ApiError::missing(404, "payment_intent", id, "intent");
        self.intent(id).ok_or_else(missing)
    }

    /// Creates an intent, and confirms it if the request says so.
    pub fn create_intent(&mut self, params: &Params) -> Result<String, ApiError> {
        params.allow(&[
            "amount",
            "currency",
            "automatic_payment_methods",
            "capture_method",
            "confirm",
            "description",
            "expand",
            "metadata",
            "payment_method",
            "payment_method_types",
            "receipt_email",
            "return_url",
            "shipping",
            "statement_descriptor",
            "statement_descriptor_suffix",
        ])?;
        params.required("amount")?;
        let amount = params.integer("amount")?.unwrap_or_default();
        let currency = currencies::parse(params.required("currency")?)?;
        currencies::check_amount(amount, &currency)?;
        let methods = ["automatic", "automatic_async", "manual"];
        let capture = params.choice("capture_method", &methods)?;
        let metadata = params.metadata()?;
        let automatic = automatic_payment_methods(params)?;
        let confirms = params.boolean("confirm")?.unwrap_or_default();
        let method = params.get("payment_method").map(str::to_owned);
        if let Some(method) = &method {
            outcome_of(method)?;
        }
        let texts = TEXTS.into_iter();
        let texts = texts.filter_map(|name| Some((name, params.get(name)?.to_owned())));
        let id = self.new_id("pi");
        let intent = Intent {
            secret: format!("{id}_secret_{}", alphanumeric(25)),
            status: match method {
                Some(_) => Status::RequiresConfirmation,
                None => Status::RequiresPaymentMethod,
            },
            amount,
            amount_received: 0,
            amount_capturable: 0,
            currency,
            capture_method: capture.unwrap_or("automatic_async").to_owned(),
            automatic,
            created: self.now(),
            canceled_at: None,
            cancellation_reason: None,
            metadata,
            texts: texts.collect(),
            shipping: shipping(params),
            payment_method: method,
            last_error: Value::Null,
            latest_charge: None,
            creations: 1,
            id: id.clone(),
        };
        self.record("payment_intent.created", &intent.object());
        self.intents.push(intent);
        if confirms {
            self.confirm_intent(&id, &Params::default())?;
        }
        Ok(id)
    }

    /// Captures the whole amount or a part of it. The rest is released, which is not a refund since version
    /// `2025-03-31.basil`.
    pub fn capture_intent(&mut self, id: &str, params: &Params) -> Result<(), ApiError> {
        params.allow(&[
            "amount_to_capture",
            "expand",
            "metadata",
            "statement_descriptor_suffix",
        ])?;
        let (status, capturable) = {
            let intent = self.find_intent(id)?;
            (intent.status, intent.amount_capturable)
        };
        if status != Status::RequiresCapture {
            let message = format!(
                "This PaymentIntent could not be captured because it has a status of {}. Only a PaymentIntent with one of the following statuses may be captured: requires_capture.",
                status.name()
            );
            return Err(self.unexpected_state(id, message));
        }
        let amount = params.integer("amount_to_capture")?.unwrap_or(capturable);
        if amount < 1 || amount > capturable {
            let message = format!(
                "The provided amount_to_capture ({amount}) is greater than the capturable amount of the PaymentIntent ({capturable})."
            );
            return Err(ApiError::state("amount_too_large", message).param("amount_to_capture"));
        }
        let intent = self.intent_mut(id);
        intent.status = Status::Succeeded;
        intent.amount_received = amount;
        intent.amount_capturable = 0;
        let charge = intent.latest_charge.clone().unwrap();
        let intent = intent.object();
        let charge = self.charge_mut(&charge);
        charge.is_captured = true;
        charge.amount_captured = amount;
        let charge = charge.object();
        let mut previous = Map::new();
        previous.insert("captured".to_owned(), false.into());
        self.record_change("charge.captured", &charge, previous);
        self.record("payment_intent.succeeded", &intent);
        Ok(())
    }

    /// Cancels an intent. An authorized amount is released, which is not a refund since version `2025-03-31.basil`.
    pub fn cancel_intent(&mut self, id: &str, params: &Params) -> Result<(), ApiError> {
        params.allow(&["cancellation_reason", "expand"])?;
        let reason = params.choice("cancellation_reason", &CANCELLATION_REASONS)?;
        let status = self.find_intent(id)?.status;
        if matches!(
            status,
            Status::Succeeded | Status::Canceled | Status::Processing
        ) {
            let message = format!(
                "You cannot cancel this PaymentIntent because it has a status of {}. Only a PaymentIntent with one of the following statuses may be canceled: requires_payment_method, requires_capture, requires_confirmation, requires_action.",
                status.name()
            );
            return Err(self.unexpected_state(id, message));
        }
        let (reason, now) = (reason.map(str::to_owned), self.now());
        let intent = self.intent_mut(id);
        intent.status = Status::Canceled;
        intent.canceled_at = Some(now);
        intent.cancellation_reason = reason;
        intent.amount_capturable = 0;
        let object = intent.object();
        self.record("payment_intent.canceled", &object);
        Ok(())
    }

    /// Returns the error of an intent that cannot do this in its state, with the intent.
    pub fn unexpected_state(&self, id: &str, message: String) -> ApiError {
        let intent = self.intent(id).unwrap().object();
        ApiError::state("payment_intent_unexpected_state", message).with("payment_intent", intent)
    }
}

/// Returns `allow_redirects`, if payment methods are automatic: the default, unless types are given.
fn automatic_payment_methods(params: &Params) -> Result<Option<String>, ApiError> {
    let enabled = params.boolean("automatic_payment_methods[enabled]")?;
    let types = params.list("payment_method_types");
    if enabled == Some(true) && !types.is_empty() {
        let message = "You may only specify one of these parameters: automatic_payment_methods, payment_method_types.";
        return Err(ApiError::invalid(message).param("payment_method_types"));
    }
    let redirects = "automatic_payment_methods[allow_redirects]";
    let redirects = params.choice(redirects, &["always", "never"])?;
    let is_automatic = enabled.unwrap_or(types.is_empty());
    Ok(is_automatic.then(|| redirects.unwrap_or("always").to_owned()))
}

/// Returns the shipping address of a request, as responses contain it.
fn shipping(params: &Params) -> Value {
    let Some(name) = params.get("shipping[name]") else {
        return Value::Null;
    };
    let part = |name: &str| params.get(&format!("shipping[address][{name}]"));
    json!({
        "address": {
            "city": part("city"), "country": part("country"), "line1": part("line1"), "line2": part("line2"),
            "postal_code": part("postal_code"), "state": part("state"),
        },
        "carrier": null, "name": name, "phone": params.get("shipping[phone]"), "tracking_number": null,
    })
}
