//! The calls.

use super::{Account, Dispute, Event, Form, Intent, Page, Refund, Stripe, StripeError};

/// The number of items of a page, so that it is smaller than the maximum size of a response.
const INTENTS: &str = "50";
const REFUNDS: &str = "100";
const DISPUTES: &str = "20";
const EVENTS: &str = "20";
/// The maximum number of pages of a list that are read.
const MAX_PAGES: usize = 100;
/// The events after which a payment is looked up.
const EVENT_TYPES: [&str; 15] = [
    "charge.dispute.closed",
    "charge.dispute.created",
    "charge.dispute.funds_reinstated",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.updated",
    "charge.refund.updated",
    "charge.refunded",
    "payment_intent.amount_capturable_updated",
    "payment_intent.canceled",
    "payment_intent.payment_failed",
    "payment_intent.processing",
    "payment_intent.succeeded",
    "refund.created",
    "refund.failed",
    "refund.updated",
];

impl Stripe {
    /// Creates a `PaymentIntent`.
    ///
    /// # Errors
    /// See [`StripeError`].
    pub async fn create_intent(&self, form: &Form, key: &str) -> Result<Intent, StripeError> {
        self.post("payment_intents", form, Some(key)).await
    }

    /// Returns a `PaymentIntent` with its latest charge.
    ///
    /// # Errors
    /// See [`StripeError`].
    pub async fn intent(&self, id: &str) -> Result<Intent, StripeError> {
        let query = Form::default().with("expand[]", "latest_charge");
        self.get(&format!("payment_intents/{id}"), &query).await
    }

    /// Captures or cancels a `PaymentIntent`. Without an idempotency key, under which a refusal would be stored: Stripe does
    /// neither twice.
    ///
    /// # Errors
    /// See [`StripeError`].
    pub async fn change_intent(&self, id: &str, change: &str) -> Result<Intent, StripeError> {
        let path = format!("payment_intents/{id}/{change}");
        self.post(&path, &Form::default(), None).await
    }

    /// Finds a `PaymentIntent` that was created at or after a time, in seconds since 1970.
    ///
    /// # Errors
    /// See [`StripeError`].
    pub async fn find_intent(
        &self,
        created_from: u64,
        is_wanted: impl Fn(&Intent) -> bool,
    ) -> Result<Option<Intent>, StripeError> {
        let mut after: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let query = Form::default()
                .with("created[gte]", created_from.to_string())
                .with("limit", INTENTS)
                .with_some("starting_after", after.as_deref());
            let page: Page<Intent> = self.get("payment_intents", &query).await?;
            after = page.data.last().map(|intent| intent.id.clone());
            let found = page.data.into_iter().find(&is_wanted);
            if found.is_some() || !page.has_more {
                return Ok(found);
            }
        }
        Err(StripeError::Temporary("too many payments".to_owned()))
    }

    /// Creates a refund.
    ///
    /// # Errors
    /// See [`StripeError`].
    pub async fn create_refund(&self, form: &Form, key: &str) -> Result<Refund, StripeError> {
        self.post("refunds", form, Some(key)).await
    }

    /// Returns a refund.
    ///
    /// # Errors
    /// See [`StripeError`].
    pub async fn refund(&self, id: &str) -> Result<Refund, StripeError> {
        self.get(&format!("refunds/{id}"), &Form::default()).await
    }

    /// Returns all refunds of a `PaymentIntent`.
    ///
    /// # Errors
    /// See [`StripeError`].
    pub async fn refunds_of(&self, intent: &str) -> Result<Vec<Refund>, StripeError> {
        let mut all: Vec<Refund> = Vec::new();
        for _ in 0..MAX_PAGES {
            let query = Form::default()
                .with("payment_intent", intent)
                .with("limit", REFUNDS)
                .with_some(
                    "starting_after",
                    all.last().map(|refund| refund.id.as_str()),
                );
            let page: Page<Refund> = self.get("refunds", &query).await?;
            all.extend(page.data);
            if !page.has_more {
                return Ok(all);
            }
        }
        Err(StripeError::Temporary("too many refunds".to_owned()))
    }

    /// Returns the disputes of a `PaymentIntent`.
    ///
    /// # Errors
    /// See [`StripeError`].
    pub async fn disputes_of(&self, intent: &str) -> Result<Vec<Dispute>, StripeError> {
        let query = Form::default()
            .with("payment_intent", intent)
            .with("limit", DISPUTES);
        let page: Page<Dispute> = self.get("disputes", &query).await?;
        Ok(page.data)
    }

    /// Returns the next events after one of them, newest first. Without one, the newest.
    ///
    /// # Errors
    /// See [`StripeError`].
    pub async fn events(&self, after: Option<&str>) -> Result<Page<Event>, StripeError> {
        let query = Form::default()
            .with("limit", EVENTS)
            .with_some("ending_before", after);
        let query = EVENT_TYPES
            .into_iter()
            .fold(query, |query, kind| query.with("types[]", kind));
        self.get("events", &query).await
    }

    /// Returns the account of the key.
    ///
    /// # Errors
    /// See [`StripeError`].
    pub async fn account(&self) -> Result<Account, StripeError> {
        self.get("account", &Form::default()).await
    }
}
