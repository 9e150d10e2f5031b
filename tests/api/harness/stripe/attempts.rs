//! Attempts to pay a payment intent: by `confirm`, or played by a test.

use serde_json::Value;

use super::Outcome;
use super::errors::ApiError;
use super::objects::payment_method;
use super::params::Params;
use super::state::{Account, Charge, ChargeStatus, Status};

impl Account {
    /// Confirms an intent with the payment method of the request, or the one it has.
    pub fn confirm_intent(&mut self, id: &str, params: &Params) -> Result<(), ApiError> {
        let intent = self.find_intent(id)?;
        let stored = intent.payment_method.as_deref();
        let is_sent = params.get("payment_method_data[type]").is_some();
        let number = params.get("payment_method_data[card][number]");
        let method = params.get("payment_method").or(stored);
        let outcome = match (number, method) {
            (Some(number), _) => outcome_of_card(number)?,
            (None, Some(method)) => outcome_of(method)?,
            (None, None) if is_sent => Outcome::Succeed,
            (None, None) => {
                let message = "You cannot confirm this PaymentIntent because it's missing a payment method. Update the PaymentIntent with a payment method and then confirm it again.";
                return Err(ApiError::state("payment_intent_unexpected_state", message));
            }
        };
        self.attempt(id, outcome)
    }

    /// Carries out an attempt to pay an intent. Fails with the error of a declined card.
    pub fn attempt(&mut self, id: &str, outcome: Outcome) -> Result<(), ApiError> {
        let status = self.find_intent(id)?.status;
        let is_open = matches!(
            status,
            Status::RequiresPaymentMethod | Status::RequiresConfirmation | Status::RequiresAction
        );
        let is_finish = matches!(outcome, Outcome::FinishProcessing(_));
        if (is_finish && status != Status::Processing) || (!is_finish && !is_open) {
            let message = format!(
                "You cannot confirm this PaymentIntent because it has already {} after being previously confirmed.",
                match status {
                    Status::Canceled => "been canceled",
                    _ => "succeeded",
                }
            );
            return Err(self.unexpected_state(id, message));
        }
        match outcome {
            Outcome::Succeed => self.succeed(id, None),
            Outcome::RequireAction => {
                let method = self.new_id("pm");
                let intent = self.intent_mut(id);
                intent.status = Status::RequiresAction;
                intent.payment_method = Some(method);
                let object = intent.object();
                self.record("payment_intent.requires_action", &object);
            }
            Outcome::Process => {
                let charge = self.add_charge(id, ChargeStatus::Pending);
                let intent = self.intent_mut(id);
                intent.status = Status::Processing;
                let object = intent.object();
                let charge = self.charge(&charge).unwrap().object();
                self.record("charge.pending", &charge);
                self.record("payment_intent.processing", &object);
            }
            Outcome::FinishProcessing(true) => {
                let charge = self.intent_mut(id).latest_charge.clone();
                self.succeed(id, charge);
            }
            Outcome::FinishProcessing(false) => {
                let charge = self.intent_mut(id).latest_charge.clone();
                // No request is open. The intent reports the failure.
                _ = self.fail(id, charge, "payment_intent_payment_attempt_failed");
            }
            Outcome::Decline(code) => return Err(self.fail(id, None, code)),
        }
        Ok(())
    }

    fn succeed(&mut self, id: &str, pending: Option<String>) {
        let charge = pending.unwrap_or_else(|| self.add_charge(id, ChargeStatus::Succeeded));
        let intent = self.intent_mut(id);
        let (amount, is_manual) = (intent.amount, intent.capture_method == "manual");
        intent.last_error = Value::Null;
        if is_manual {
            intent.status = Status::RequiresCapture;
            intent.amount_capturable = amount;
        } else {
            intent.status = Status::Succeeded;
            intent.amount_received = amount;
        }
        let intent = intent.object();
        let charge = self.charge_mut(&charge);
        charge.status = ChargeStatus::Succeeded;
        charge.is_captured = !is_manual;
        charge.amount_captured = if is_manual { 0 } else { amount };
        let charge = charge.object();
        self.record("charge.succeeded", &charge);
        let event = if is_manual {
            "payment_intent.amount_capturable_updated"
        } else {
            "payment_intent.succeeded"
        };
        self.record(event, &intent);
    }

    fn fail(&mut self, id: &str, pending: Option<String>, code: &str) -> ApiError {
        let charge = pending.unwrap_or_else(|| self.add_charge(id, ChargeStatus::Failed));
        let (code, decline) = match code {
            "expired_card" | "incorrect_cvc" | "processing_error" | "incorrect_number" => {
                (code, code)
            }
            "payment_intent_payment_attempt_failed" => (code, "generic_decline"),
            decline => ("card_declined", decline),
        };
        let message = match (code, decline) {
            ("expired_card", _) => "Your card has expired.",
            ("incorrect_cvc", _) => "Your card's security code is incorrect.",
            ("incorrect_number", _) => "Your card number is incorrect.",
            ("processing_error", _) => {
                "An error occurred while processing your card. Try again in a little bit."
            }
            ("payment_intent_payment_attempt_failed", _) => "The payment failed.",
            (_, "insufficient_funds") => "Your card has insufficient funds.",
            _ => "Your card was declined.",
        };
        let record = self.charge_mut(&charge);
        record.status = ChargeStatus::Failed;
        record.failure = Some((code.to_owned(), decline.to_owned(), message.to_owned()));
        let (method, created) = (record.payment_method.clone(), record.created);
        let charge_object = record.object();
        let error = ApiError::new(402, "card_error", message)
            .begun()
            .code(code)
            .with("charge", charge.into())
            .with("decline_code", decline.into())
            .with("payment_method", payment_method(&method, created));
        let intent = self.intent_mut(id);
        intent.status = Status::RequiresPaymentMethod;
        intent.payment_method = None;
        intent.last_error = error.fields().clone().into();
        let intent = intent.object();
        self.record("charge.failed", &charge_object);
        self.record("payment_intent.payment_failed", &intent);
        error.with("payment_intent", intent)
    }

    fn add_charge(&mut self, intent: &str, status: ChargeStatus) -> String {
        let (id, method, created) = (self.new_id("ch"), self.new_id("pm"), self.now());
        let intent = self.intent_mut(intent);
        intent.latest_charge = Some(id.clone());
        intent.payment_method = Some(method.clone());
        let charge = Charge {
            id: id.clone(),
            intent: intent.id.clone(),
            status,
            amount: intent.amount,
            amount_captured: 0,
            amount_refunded: 0,
            currency: intent.currency.clone(),
            is_captured: false,
            is_disputed: false,
            created,
            metadata: intent.metadata.clone(),
            payment_method: method,
            failure: None,
        };
        self.charges.push(charge);
        id
    }
}

/// Returns the outcome of a payment with one of Stripe's payment methods for tests.
pub fn outcome_of(method: &str) -> Result<Outcome, ApiError> {
    Ok(match method {
        "pm_card_visa" | "pm_card_mastercard" => Outcome::Succeed,
        "pm_card_visa_chargeDeclined" => Outcome::Decline("generic_decline"),
        "pm_card_visa_chargeDeclinedInsufficientFunds" => Outcome::Decline("insufficient_funds"),
        "pm_card_chargeDeclinedExpiredCard" => Outcome::Decline("expired_card"),
        "pm_card_authenticationRequired" => Outcome::RequireAction,
        "pm_usBankAccount_success" => Outcome::Process,
        other => {
            return Err(ApiError::missing(
                400,
                "PaymentMethod",
                other,
                "payment_method",
            ));
        }
    })
}

/// Returns the outcome of a payment with one of Stripe's card numbers for tests.
fn outcome_of_card(number: &str) -> Result<Outcome, ApiError> {
    Ok(match number {
        "4242424242424242" => Outcome::Succeed,
        "4000000000000002" => Outcome::Decline("generic_decline"),
        "4000000000009995" => Outcome::Decline("insufficient_funds"),
        "4000002500003155" => Outcome::RequireAction,
        _ => {
            let message = "Your card number is incorrect.";
            return Err(ApiError::new(402, "card_error", message)
                .code("incorrect_number")
                .param("number"));
        }
    })
}
