//! The data of the account: payment intents, charges, refunds, disputes and events.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use serde_json::{Map, Value, json};
use wares::core::clock::Clock;

use super::faults::Fault;
use super::idempotency::StoredResponse;
use super::{RefundOutcome, RequestRecord};

/// A status of a payment intent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    RequiresPaymentMethod,
    RequiresConfirmation,
    RequiresAction,
    Processing,
    RequiresCapture,
    Canceled,
    Succeeded,
}

impl Status {
    /// Returns the name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::RequiresPaymentMethod => "requires_payment_method",
            Self::RequiresConfirmation => "requires_confirmation",
            Self::RequiresAction => "requires_action",
            Self::Processing => "processing",
            Self::RequiresCapture => "requires_capture",
            Self::Canceled => "canceled",
            Self::Succeeded => "succeeded",
        }
    }
}

#[derive(Clone, Debug)]
pub struct Intent {
    pub id: String,
    pub secret: String,
    pub status: Status,
    pub amount: i64,
    pub amount_received: i64,
    pub amount_capturable: i64,
    pub currency: String,
    pub capture_method: String,
    /// `allow_redirects`, if the payment methods are chosen automatically.
    pub automatic: Option<String>,
    pub created: i64,
    pub canceled_at: Option<i64>,
    pub cancellation_reason: Option<String>,
    pub metadata: BTreeMap<String, String>,
    /// Fields that are stored and returned as they were sent.
    pub texts: BTreeMap<&'static str, String>,
    pub shipping: Value,
    pub payment_method: Option<String>,
    pub last_error: Value,
    pub latest_charge: Option<String>,
    /// The number of requests that were answered with the creation of this intent.
    pub creations: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChargeStatus {
    Succeeded,
    Pending,
    Failed,
}

#[derive(Clone, Debug)]
pub struct Charge {
    pub id: String,
    pub intent: String,
    pub status: ChargeStatus,
    pub amount: i64,
    pub amount_captured: i64,
    pub amount_refunded: i64,
    pub currency: String,
    pub is_captured: bool,
    pub is_disputed: bool,
    pub created: i64,
    pub metadata: BTreeMap<String, String>,
    pub payment_method: String,
    /// The code, the decline code and the message.
    pub failure: Option<(String, String, String)>,
}

#[derive(Clone, Debug)]
pub struct Refund {
    pub id: String,
    pub charge: String,
    pub intent: String,
    pub amount: i64,
    pub currency: String,
    pub status: &'static str,
    pub created: i64,
    pub metadata: BTreeMap<String, String>,
    pub reason: Option<String>,
    pub failure_reason: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Dispute {
    pub id: String,
    pub charge: String,
    pub intent: String,
    pub amount: i64,
    pub currency: String,
    pub status: &'static str,
    pub created: i64,
}

/// The account and its settings. The objects are in the order of their creation.
pub struct Account {
    pub clock: Clock,
    pub intents: Vec<Intent>,
    pub charges: Vec<Charge>,
    pub refunds: Vec<Refund>,
    pub disputes: Vec<Dispute>,
    pub events: Vec<Value>,
    pub keys: HashMap<String, StoredResponse>,
    pub requests: Vec<RequestRecord>,
    pub faults: Vec<Fault>,
    pub refund_outcome: RefundOutcome,
    /// The time after which an event is listed.
    pub event_delay: Duration,
    pub active: usize,
    pub max_active: usize,
    /// The request that is being executed: its ID, idempotency key and API version.
    pub origin: Option<(String, Option<String>, String)>,
    last_id: u64,
}

impl Account {
    pub fn new() -> Self {
        Self {
            clock: Clock::System,
            intents: Vec::new(),
            charges: Vec::new(),
            refunds: Vec::new(),
            disputes: Vec::new(),
            events: Vec::new(),
            keys: HashMap::new(),
            requests: Vec::new(),
            faults: Vec::new(),
            refund_outcome: RefundOutcome::Succeed,
            event_delay: Duration::ZERO,
            active: 0,
            max_active: 0,
            origin: None,
            last_id: 0,
        }
    }

    /// Returns the time in seconds since 1970.
    pub fn now(&self) -> i64 {
        self.clock.now().seconds()
    }

    /// Returns a new ID, such as `pi_3WaresAb…`: unique, and of the length of Stripe's.
    pub fn new_id(&mut self, prefix: &str) -> String {
        self.last_id += 1;
        let unguessable = alphanumeric(12);
        format!("{prefix}_3W{:010}{unguessable}", self.last_id)
    }

    pub fn intent(&self, id: &str) -> Option<&Intent> {
        self.intents.iter().find(|intent| intent.id == id)
    }

    pub fn intent_mut(&mut self, id: &str) -> &mut Intent {
        let mut intents = self.intents.iter_mut();
        intents.find(|intent| intent.id == id).unwrap()
    }

    pub fn charge(&self, id: &str) -> Option<&Charge> {
        self.charges.iter().find(|charge| charge.id == id)
    }

    pub fn charge_mut(&mut self, id: &str) -> &mut Charge {
        let mut charges = self.charges.iter_mut();
        charges.find(|charge| charge.id == id).unwrap()
    }

    pub fn refund(&self, id: &str) -> Option<&Refund> {
        self.refunds.iter().find(|refund| refund.id == id)
    }

    pub fn dispute(&self, id: &str) -> Option<&Dispute> {
        self.disputes.iter().find(|dispute| dispute.id == id)
    }

    /// Records an event with the object as it is now.
    pub fn record(&mut self, kind: &str, object: &Value) {
        self.record_change(kind, object, Map::new());
    }

    /// Like [`Account::record`], with the previous values of changed fields.
    pub fn record_change(&mut self, kind: &str, object: &Value, previous: Map<String, Value>) {
        let mut data = json!({ "object": object });
        if !previous.is_empty() {
            data["previous_attributes"] = previous.into();
        }
        let (request, key, version) = match self.origin.clone() {
            Some((request, key, version)) => (Some(request), key, Some(version)),
            None => (None, None, None),
        };
        let event = json!({
            "id": self.new_id("evt"),
            "object": "event",
            "api_version": version,
            "created": self.now(),
            "data": data,
            "livemode": false,
            "pending_webhooks": 0,
            "request": { "id": request, "idempotency_key": key },
            "type": kind,
        });
        self.events.push(event);
    }
}

/// Returns random letters and digits.
pub fn alphanumeric(length: usize) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let letter = |_| {
        let index = usize::from(rand::random::<u8>()) % LETTERS.len();
        char::from(LETTERS[index])
    };
    (0..length).map(letter).collect()
}
