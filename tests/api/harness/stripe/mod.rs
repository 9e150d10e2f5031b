//! A simulated Stripe: the part of its API that Wares and the storefront use. It stores objects, moves payment intents
//! through Stripe's states, records events and replays idempotency keys. Buyers, banks and the dashboard are played by
//! the test. `sales/stripe_standin.rs` compares it with Stripe's own client.

mod attempts;
mod browser;
mod connection;
mod currencies;
mod disputes;
mod errors;
mod faults;
mod idempotency;
mod intents;
mod lists;
mod objects;
mod params;
mod refunds;
mod routes;
mod state;

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use wares::core::clock::Clock;

use self::connection::{Shared, lock, serve_connection};
use self::params::Params;
use self::state::Account;
use super::web::serve;

pub use faults::{Fault, FaultKind};

pub const SECRET_KEY: &str = "sk_test_51WaresStandInSecretHunter2";
pub const PUBLISHABLE_KEY: &str = "pk_test_51WaresStandInPublishable";

/// A step of the buyer or of the bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The payment is made, or authorized if it is captured manually.
    Succeed,
    /// The card is declined with this code, such as `insufficient_funds`.
    Decline(&'static str),
    /// The bank asks the buyer to authenticate.
    RequireAction,
    /// The payment is made by a method that takes days.
    Process,
    /// Such a payment succeeds or fails.
    FinishProcessing(bool),
}

/// The outcome of new refunds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundOutcome {
    Succeed,
    /// They stay pending until [`StripeServer::finish_refund`].
    Pend,
    Fail,
}

/// The state of a payment intent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntentRecord {
    pub id: String,
    pub amount: i64,
    pub currency: String,
    pub status: &'static str,
    /// The captured amount, before refunds.
    pub captured: i64,
    /// The sum of the refunds that have not failed.
    pub refunded: i64,
    pub metadata: BTreeMap<String, String>,
    /// The number of requests that were answered with this intent: 1, and 1 for each replay.
    pub creations: usize,
}

/// A request to the API.
#[derive(Clone, Debug)]
pub struct RequestRecord {
    pub method: String,
    pub path: String,
    pub idempotency_key: Option<String>,
    /// The decoded parameters of the form body, or of the query of a GET request.
    pub params: Vec<(String, String)>,
    /// The headers, with names in lower case.
    pub headers: BTreeMap<String, String>,
}

/// A server on a loopback port. It stops on drop.
pub struct StripeServer {
    url: String,
    shared: Shared,
    listening: JoinHandle<()>,
}

impl StripeServer {
    /// Starts a server with an empty account.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Shared::new(Account::new().into());
        Self {
            url,
            listening: tokio::spawn(serve(listener, shared.clone(), serve_connection)),
            shared,
        }
    }

    /// Returns the base URL of the API.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// Returns the environment variables of a server of Wares that uses this account.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("STRIPE_SECRET_KEY", SECRET_KEY.to_owned()),
            ("STRIPE_PUBLISHABLE_KEY", PUBLISHABLE_KEY.to_owned()),
            ("STRIPE_API_URL", self.url.clone()),
        ]
    }

    /// Uses this clock, which is the system clock by default.
    pub fn use_clock(&self, clock: Clock) {
        lock(&self.shared).clock = clock;
    }

    /// Plays a step of the buyer or of the bank. Returns whether the API accepts it; a declined card is accepted.
    pub fn play(&self, intent: &str, outcome: Outcome) -> bool {
        let played = lock(&self.shared).attempt(intent, outcome);
        played.err().is_none_or(|error| error.status == 402)
    }

    /// Adds a fault. The first fault that matches a request is applied to it.
    pub fn inject(&self, fault: Fault) {
        lock(&self.shared).faults.push(fault);
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        lock(&self.shared).faults.clear();
    }

    /// Lists events only after this time.
    pub fn delay_events(&self, time: Duration) {
        lock(&self.shared).event_delay = time;
    }

    /// Sets the outcome of new refunds.
    pub fn set_refund_outcome(&self, outcome: RefundOutcome) {
        lock(&self.shared).refund_outcome = outcome;
    }

    /// Ends a refund that is pending, or lets one fail that had succeeded.
    pub fn finish_refund(&self, id: &str, succeeds: bool) {
        lock(&self.shared).finish_refund(id, succeeds);
    }

    /// Refunds an amount in the dashboard. Returns the ID of the refund.
    pub fn refund_in_dashboard(&self, intent: &str, amount: i64) -> String {
        let params = format!("payment_intent={intent}&amount={amount}");
        let params = Params::parse(params.as_bytes());
        lock(&self.shared).create_refund(&params).unwrap()
    }

    /// Captures a part of an authorized payment in the dashboard.
    pub fn capture_in_dashboard(&self, intent: &str, amount: i64) {
        let params = format!("amount_to_capture={amount}");
        let params = Params::parse(params.as_bytes());
        lock(&self.shared).capture_intent(intent, &params).unwrap();
    }

    /// Cancels a payment in the dashboard, or as Stripe does when its authorization expires.
    pub fn cancel_in_dashboard(&self, intent: &str) {
        lock(&self.shared)
            .cancel_intent(intent, &Params::default())
            .unwrap();
    }

    /// Opens a dispute about this amount of a captured payment. Returns its ID.
    pub fn dispute(&self, intent: &str, amount: i64) -> String {
        lock(&self.shared).open_dispute(intent, amount)
    }

    /// Decides a dispute.
    pub fn close_dispute(&self, id: &str, is_won: bool) {
        lock(&self.shared).close_dispute(id, is_won);
    }

    /// Returns all payment intents in the order of their creation.
    pub fn intents(&self) -> Vec<IntentRecord> {
        let account = lock(&self.shared);
        let record = |intent: &state::Intent| {
            let refunds = account.refunds.iter();
            let refunds =
                refunds.filter(|refund| refund.intent == intent.id && refund.status != "failed");
            IntentRecord {
                id: intent.id.clone(),
                amount: intent.amount,
                currency: intent.currency.clone(),
                status: intent.status.name(),
                captured: intent.amount_received,
                refunded: refunds.map(|refund| refund.amount).sum(),
                metadata: intent.metadata.clone(),
                creations: intent.creations,
            }
        };
        account.intents.iter().map(record).collect()
    }

    /// Returns the IDs of the refunds of an intent.
    pub fn refunds(&self, intent: &str) -> Vec<String> {
        let account = lock(&self.shared);
        let refunds = account.refunds.iter();
        let refunds = refunds.filter(|refund| refund.intent == intent);
        refunds.map(|refund| refund.id.clone()).collect()
    }

    /// Returns all requests to the API.
    pub fn requests(&self) -> Vec<RequestRecord> {
        lock(&self.shared).requests.clone()
    }

    /// Returns the maximum number of concurrent requests.
    pub fn max_concurrent_requests(&self) -> usize {
        lock(&self.shared).max_active
    }
}

impl Drop for StripeServer {
    fn drop(&mut self) {
        self.listening.abort();
    }
}
