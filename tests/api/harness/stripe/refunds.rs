//! Refunds.

use serde_json::{Map, Value};

use super::RefundOutcome;
use super::currencies;
use super::errors::ApiError;
use super::params::Params;
use super::state::{Account, ChargeStatus, Refund, Status};

const REASONS: [&str; 3] = ["duplicate", "fraudulent", "requested_by_customer"];

impl Account {
    /// Refunds a charge, or the part of it that is not refunded yet. Returns the ID.
    pub fn create_refund(&mut self, params: &Params) -> Result<String, ApiError> {
        params.allow(&[
            "amount",
            "charge",
            "expand",
            "metadata",
            "payment_intent",
            "reason",
        ])?;
        let amount = params.integer("amount")?;
        params.choice("reason", &REASONS)?;
        params.metadata()?;
        let charge = match (params.get("payment_intent"), params.get("charge")) {
            (Some(intent), _) => {
                let missing = || ApiError::missing(400, "payment_intent", intent, "payment_intent");
                let record = self.intent(intent).ok_or_else(missing)?;
                let charge = record.latest_charge.clone();
                let is_paid = record.status == Status::Succeeded;
                charge.filter(|_| is_paid).ok_or_else(|| {
                    let message = format!(
                        "This PaymentIntent ({intent}) does not have a successful charge to refund."
                    );
                    ApiError::invalid(message).begun()
                })?
            }
            (None, Some(charge)) => {
                let missing = || ApiError::missing(400, "charge", charge, "charge");
                self.charge(charge).ok_or_else(missing)?.id.clone()
            }
            (None, None) => {
                let message = "One of the following params should be provided for this request: payment_intent or charge.";
                return Err(ApiError::invalid(message).code("parameter_missing"));
            }
        };
        let record = self.charge(&charge).unwrap();
        let left = record.amount_captured - record.amount_refunded;
        if record.status != ChargeStatus::Succeeded || !record.is_captured {
            let message = format!("Charge {charge} was not successful and cannot be refunded.");
            return Err(ApiError::invalid(message).begun());
        }
        let mut disputes = self.disputes.iter();
        if disputes.any(|dispute| dispute.charge == charge && dispute.status != "won") {
            let message = format!("Charge {charge} has been charged back; cannot issue a refund.");
            return Err(ApiError::state("charge_disputed", message));
        }
        if left == 0 {
            let message = format!("Charge {charge} has already been refunded.");
            return Err(ApiError::state("charge_already_refunded", message));
        }
        let amount = amount.unwrap_or(left);
        if amount < 1 {
            let message = "This value must be greater than or equal to 1.";
            return Err(ApiError::invalid(message)
                .code("parameter_invalid_integer")
                .param("amount"));
        }
        if amount > left {
            let currency = &record.currency;
            let message = format!(
                "Refund amount ({amount} {currency}) is greater than unrefunded amount on charge ({left} {currency})"
            );
            return Err(ApiError::invalid(message).param("amount").begun());
        }
        currencies::check_multiple(amount, &record.currency)?;
        Ok(self.add_refund(&charge, amount, params))
    }

    /// Enters a refund, and returns its ID.
    fn add_refund(&mut self, charge: &str, amount: i64, params: &Params) -> String {
        let (id, created) = (self.new_id("re"), self.now());
        let record = self.charge_mut(charge);
        let previous = record.amount_refunded;
        record.amount_refunded += amount;
        let refund = Refund {
            id: id.clone(),
            charge: charge.to_owned(),
            intent: record.intent.clone(),
            amount,
            currency: record.currency.clone(),
            status: "pending",
            created,
            metadata: params.hash("metadata"),
            reason: params.get("reason").map(str::to_owned),
            failure_reason: None,
        };
        self.refunds.push(refund);
        let outcome = self.refund_outcome;
        if outcome == RefundOutcome::Succeed {
            self.refunds.last_mut().unwrap().status = "succeeded";
        }
        let refund = self.refunds.last().unwrap().object();
        let charge = self.charge(charge).unwrap().object();
        let mut changed = Map::new();
        changed.insert("amount_refunded".to_owned(), previous.into());
        self.record("refund.created", &refund);
        self.record_change("charge.refunded", &charge, changed);
        if outcome == RefundOutcome::Fail {
            self.finish_refund(&id, false);
        }
        id
    }

    /// Ends a pending refund. A failed one gives its amount back to the charge; so does one that fails later.
    pub fn finish_refund(&mut self, id: &str, succeeds: bool) {
        let mut refunds = self.refunds.iter_mut();
        let refund = refunds.find(|refund| refund.id == id).unwrap();
        let mut previous = Map::new();
        previous.insert("status".to_owned(), refund.status.into());
        let (amount, charge) = (refund.amount, refund.charge.clone());
        if succeeds {
            refund.status = "succeeded";
        } else {
            refund.status = "failed";
            refund.failure_reason = Some("expired_or_canceled_card".to_owned());
        }
        let object = refund.object();
        if !succeeds {
            self.charge_mut(&charge).amount_refunded -= amount;
        }
        self.record_change("refund.updated", &object, previous.clone());
        self.record_change("charge.refund.updated", &object, previous);
        if !succeeds {
            self.record("refund.failed", &object);
        }
    }

    /// Returns the refund in a path.
    pub fn find_refund(&self, id: &str) -> Result<&Refund, ApiError> {
        let missing = || ApiError::missing(404, "refund", id, "id");
        self.refund(id).ok_or_else(missing)
    }

    /// Returns the refunds of all charges.
    pub fn refund_objects(&self) -> impl DoubleEndedIterator<Item = Value> {
        self.refunds.iter().map(Refund::object)
    }
}
