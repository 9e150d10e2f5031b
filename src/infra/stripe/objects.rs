//! The objects of Stripe's API, as far as they are read. Amounts are in the units of [`super::currency`].

use std::collections::HashMap;

use serde::Deserialize;

use crate::core::secret::Secret;

/// A page of a list, newest first.
#[derive(Clone, Debug, Deserialize)]
pub struct Page<T> {
    pub data: Vec<T>,
    pub has_more: bool,
}

/// A `PaymentIntent`.
#[derive(Clone, Debug, Deserialize)]
pub struct Intent {
    pub id: String,
    pub amount: i64,
    #[serde(default)]
    pub amount_capturable: i64,
    #[serde(default)]
    pub amount_received: i64,
    pub currency: String,
    pub status: String,
    pub livemode: bool,
    #[serde(default)]
    pub metadata: HashMap<String, String>,
    pub client_secret: Option<Secret>,
    pub latest_charge: Option<LatestCharge>,
    pub last_payment_error: Option<PaymentError>,
}

/// The last attempt to pay.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum LatestCharge {
    Charge(Charge),
    Id(String),
}

/// An attempt to pay.
#[derive(Clone, Debug, Deserialize)]
pub struct Charge {
    pub id: String,
    #[serde(default)]
    pub amount_refunded: i64,
    #[serde(default)]
    pub disputed: bool,
}

/// Why the last attempt to pay failed.
#[derive(Clone, Debug, Deserialize)]
pub struct PaymentError {
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub code: Option<String>,
    pub charge: Option<String>,
    pub payment_method: Option<Reference>,
}

/// The id of an object.
#[derive(Clone, Debug, Deserialize)]
pub struct Reference {
    pub id: String,
}

/// A refund.
#[derive(Clone, Debug, Deserialize)]
pub struct Refund {
    pub id: String,
    pub amount: i64,
    pub currency: String,
    pub status: Option<String>,
    pub failure_reason: Option<String>,
    #[serde(default)]
    pub metadata: Option<HashMap<String, String>>,
}

/// A dispute.
#[derive(Clone, Debug, Deserialize)]
pub struct Dispute {
    pub id: String,
    pub amount: i64,
    pub status: String,
}

/// An event: something that happened to an object.
#[derive(Clone, Debug, Deserialize)]
pub struct Event {
    pub id: String,
    pub data: EventData,
}

/// The data of an event.
#[derive(Clone, Debug, Deserialize)]
pub struct EventData {
    pub object: EventObject,
}

/// The object of an event: a `PaymentIntent`, or one that belongs to a `PaymentIntent`.
#[derive(Clone, Debug, Deserialize)]
pub struct EventObject {
    pub object: String,
    pub id: String,
    pub payment_intent: Option<String>,
}

impl Event {
    /// Returns the id of the `PaymentIntent` that the event is about.
    pub fn intent(self) -> Option<String> {
        let object = self.data.object;
        if object.object == "payment_intent" {
            Some(object.id)
        } else {
            object.payment_intent
        }
    }
}

/// The Stripe account.
#[derive(Clone, Debug, Deserialize)]
pub struct Account {
    pub id: String,
    #[serde(default)]
    pub charges_enabled: bool,
}
