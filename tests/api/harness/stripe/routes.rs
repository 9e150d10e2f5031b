//! The endpoints.

use std::time::Duration;

use serde_json::Value;
use wares::core::clock::Timestamp;

use super::connection::Call;
use super::errors::ApiError;
use super::lists::{LIST, page};
use super::objects::restrict_to_public;
use super::params::Params;
use super::state::{Account, Charge, Dispute, Intent};

/// The time for which events are listed.
const EVENT_LIFETIME: Duration = Duration::from_hours(30 * 24);

/// Executes a request, and returns the body of its response.
pub fn execute(account: &mut Account, call: &Call) -> Result<Value, ApiError> {
    let path = call.path.strip_prefix("/v1/").unwrap_or_default();
    let segments: Vec<&str> = path.split('/').collect();
    let params = &call.params;
    let mut body = match (call.method.as_str(), segments.as_slice()) {
        ("POST", ["payment_intents"]) => {
            let id = account.create_intent(params)?;
            account.find_intent(&id)?.object()
        }
        ("POST", ["payment_intents", id, action]) => {
            match *action {
                "confirm" => confirm(account, id, call)?,
                "capture" => account.capture_intent(id, params)?,
                "cancel" => account.cancel_intent(id, params)?,
                _ => return Err(ApiError::unrecognized(&call.method, &call.path)),
            }
            account.find_intent(id)?.object()
        }
        ("GET", ["payment_intents", id]) => {
            params.allow(&["client_secret", "expand", "key", "_stripe_version"])?;
            account.find_intent(id)?.object()
        }
        ("POST", ["refunds"]) => {
            let id = account.create_refund(params)?;
            account.find_refund(&id)?.object()
        }
        ("GET", ["refunds", id]) => account.find_refund(id)?.object(),
        ("GET", ["disputes", id]) => account.find_dispute(id)?.object(),
        ("GET", ["charges", id]) => {
            let missing = || ApiError::missing(404, "charge", id, "id");
            account.charge(id).ok_or_else(missing)?.object()
        }
        ("GET", ["events", id]) => {
            let mut events = account.events.iter();
            let event = events.find(|event| event["id"] == *id).cloned();
            event.ok_or_else(|| ApiError::missing(404, "event", id, "id"))?
        }
        ("GET", ["account"]) => Account::object(),
        ("GET", [name]) => list(account, name, params)?
            .ok_or_else(|| ApiError::unrecognized(&call.method, &call.path))?,
        _ => return Err(ApiError::unrecognized(&call.method, &call.path)),
    };
    expand(account, &mut body, params)?;
    if call.is_public {
        restrict_to_public(&mut body);
    }
    Ok(body)
}

fn confirm(account: &mut Account, id: &str, call: &Call) -> Result<(), ApiError> {
    call.params.allow(&[
        "client_secret",
        "expand",
        "key",
        "payment_method",
        "payment_method_data",
        "return_url",
        "use_stripe_sdk",
        "_stripe_version",
    ])?;
    let automatic = account.find_intent(id)?.automatic.as_deref() == Some("always");
    if automatic && call.params.get("return_url").is_none() {
        let message = "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment methods might redirect your customer off of your page, you must provide a `return_url`.";
        return Err(
            ApiError::state("payment_intent_invalid_parameter", message).param("return_url")
        );
    }
    account.confirm_intent(id, &call.params)
}

/// Returns a list, or none if there is no such list.
fn list(account: &Account, name: &str, params: &Params) -> Result<Option<Value>, ApiError> {
    let allow = |more: &[&str]| params.allow(&[&LIST[..], more].concat());
    let equals = |field: &'static str| {
        let wanted = params.get(field).map(str::to_owned);
        move |object: &Value| wanted.as_ref().is_none_or(|id| object[field] == **id)
    };
    let url = format!("/v1/{name}");
    let page = match name {
        "payment_intents" => {
            allow(&["customer"])?;
            let objects = account.intents.iter().map(Intent::object);
            page(objects, equals("customer"), params, "payment_intent", &url)
        }
        "charges" => {
            allow(&["payment_intent"])?;
            let objects = account.charges.iter().map(Charge::object);
            page(objects, equals("payment_intent"), params, "charge", &url)
        }
        "refunds" => {
            allow(&["payment_intent", "charge"])?;
            let (of_intent, of_charge) = (equals("payment_intent"), equals("charge"));
            let fits = |object: &Value| of_intent(object) && of_charge(object);
            page(account.refund_objects(), fits, params, "refund", &url)
        }
        "disputes" => {
            allow(&["payment_intent", "charge"])?;
            let (of_intent, of_charge) = (equals("payment_intent"), equals("charge"));
            let fits = |object: &Value| of_intent(object) && of_charge(object);
            let objects = account.disputes.iter().map(Dispute::object);
            page(objects, fits, params, "dispute", &url)
        }
        "events" => {
            allow(&["type", "types", "delivery_success"])?;
            events(account, params, &url)
        }
        _ => return Ok(None),
    };
    page.map(Some)
}

fn events(account: &Account, params: &Params, url: &str) -> Result<Value, ApiError> {
    let types = params.list("types");
    let kind = params.get("type");
    if types.len() > 20 {
        let message = "Array types exceeded maximum 20 allowed elements.";
        return Err(ApiError::invalid(message).param("types"));
    }
    let fits = |event: &Value| {
        let is = |wanted: &&str| matches(wanted, event["type"].as_str().unwrap());
        kind.is_none_or(|wanted| is(&wanted)) && (types.is_empty() || types.iter().any(is))
    };
    let now = account.clock.now();
    let is_listed = |event: &&Value| {
        let created = Timestamp::from_seconds(event["created"].as_i64().unwrap());
        let age = now.since(created);
        age < EVENT_LIFETIME && age >= account.event_delay
    };
    let events = account.events.iter().filter(is_listed).cloned();
    page(events, fits, params, "event", url)
}

/// Returns whether an event has this type, such as `charge.refunded` or `charge.*`.
fn matches(wanted: &str, kind: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(beginning) => kind.starts_with(beginning),
        None => kind == wanted,
    }
}

/// Replaces IDs by objects, as `expand[]` requests.
fn expand(account: &Account, body: &mut Value, params: &Params) -> Result<(), ApiError> {
    for path in params.list("expand") {
        let (targets, field) = match (path.strip_prefix("data."), body["data"].is_array()) {
            (Some(field), true) => {
                let items = body["data"].as_array_mut().unwrap();
                (items.iter_mut().collect::<Vec<_>>(), field)
            }
            _ => (vec![&mut *body], path),
        };
        for target in targets {
            expand_field(account, target, field)?;
        }
    }
    Ok(())
}

fn expand_field(account: &Account, object: &mut Value, field: &str) -> Result<(), ApiError> {
    let (first, rest) = field.split_once('.').unwrap_or((field, ""));
    let find = |id: &str| match first {
        "latest_charge" | "charge" => account.charge(id).map(Charge::object),
        "payment_intent" => account.intent(id).map(Intent::object),
        _ => None,
    };
    let is_known = matches!(first, "latest_charge" | "charge" | "payment_intent");
    if !is_known || object.get(first).is_none() {
        let message = format!("This property cannot be expanded ({field}).");
        return Err(ApiError::invalid(message).param("expand"));
    }
    if let Some(found) = object[first].as_str().and_then(find) {
        object[first] = found;
    }
    if rest.is_empty() || object[first].is_null() {
        return Ok(());
    }
    expand_field(account, &mut object[first], rest)
}
