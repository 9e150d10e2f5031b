//! The objects as the API returns them, with all the fields that Stripe's `2026-10-28.endive` requires.

use serde_json::{Value, json};

use super::state::{Account, Charge, ChargeStatus, Dispute, Intent, Refund, Status};

/// The fields of a payment intent that a browser may see.
const PUBLIC: [&str; 22] = [
    "id",
    "object",
    "amount",
    "automatic_payment_methods",
    "canceled_at",
    "cancellation_reason",
    "capture_method",
    "client_secret",
    "confirmation_method",
    "created",
    "currency",
    "description",
    "last_payment_error",
    "livemode",
    "next_action",
    "payment_method",
    "payment_method_types",
    "processing",
    "receipt_email",
    "setup_future_usage",
    "shipping",
    "status",
];

impl Intent {
    pub fn object(&self) -> Value {
        let next_action = match self.status {
            Status::RequiresAction => json!({ "type": "use_stripe_sdk", "use_stripe_sdk": {} }),
            _ => Value::Null,
        };
        let automatic = self
            .automatic
            .as_ref()
            .map(|allow_redirects| json!({ "allow_redirects": allow_redirects, "enabled": true }));
        let first = json!({
            "id": self.id,
            "object": "payment_intent",
            "allowed_payment_method_types": null,
            "amount": self.amount,
            "amount_capturable": self.amount_capturable,
            "amount_details": { "tip": {} },
            "amount_received": self.amount_received,
            "application": null,
            "application_fee_amount": null,
            "automatic_payment_methods": automatic,
            "canceled_at": self.canceled_at,
            "cancellation_reason": self.cancellation_reason,
            "capture_method": self.capture_method,
            "client_secret": self.secret,
            "confirmation_method": "automatic",
            "created": self.created,
            "currency": self.currency,
            "customer": null,
            "customer_account": null,
            "description": self.texts.get("description"),
            "excluded_payment_method_types": null,
        });
        let second = json!({
            "last_payment_error": self.last_error,
            "latest_charge": self.latest_charge,
            "livemode": false,
            "managed_payments": null,
            "metadata": self.metadata,
            "next_action": next_action,
            "on_behalf_of": null,
            "payment_method": self.payment_method,
            "payment_method_configuration_details": null,
            "payment_method_options": { "card": {
                "installments": null, "mandate_options": null, "network": null,
                "request_three_d_secure": "automatic",
            } },
            "payment_method_types": ["card"],
            "payment_record": null,
            "processing": null,
            "receipt_email": self.texts.get("receipt_email"),
            "review": null,
            "setup_future_usage": null,
            "shipping": self.shipping,
            "source": null,
            "statement_descriptor": self.texts.get("statement_descriptor"),
            "statement_descriptor_suffix": self.texts.get("statement_descriptor_suffix"),
            "status": self.status.name(),
            "transfer_data": null,
            "transfer_group": null,
        });
        join(first, second)
    }
}

/// Returns an object with the fields of both. A macro call with all of them exceeds the recursion limit.
fn join(mut first: Value, second: Value) -> Value {
    let Value::Object(fields) = second else {
        unreachable!()
    };
    first.as_object_mut().unwrap().extend(fields);
    first
}

/// Removes what a browser may not see.
pub fn restrict_to_public(intent: &mut Value) {
    let fields = intent.as_object_mut().unwrap();
    fields.retain(|name, _| PUBLIC.contains(&name.as_str()));
}

fn billing_details() -> Value {
    json!({
        "address": {
            "city": null, "country": null, "line1": null, "line2": null, "postal_code": null, "state": null,
        },
        "email": null, "name": null, "phone": null, "tax_id": null,
    })
}

fn checks() -> Value {
    json!({ "address_line1_check": null, "address_postal_code_check": null, "cvc_check": "pass" })
}

impl Charge {
    pub fn object(&self) -> Value {
        let (status, is_paid) = match self.status {
            ChargeStatus::Succeeded => ("succeeded", true),
            ChargeStatus::Pending => ("pending", false),
            ChargeStatus::Failed => ("failed", false),
        };
        let failure = self.failure.as_ref();
        let decline = failure.map(|(_, decline, _)| decline);
        let outcome = match self.status {
            ChargeStatus::Failed => json!({
                "advice_code": "try_again_later", "network_advice_code": null, "network_decline_code": null,
                "network_status": "declined_by_network", "reason": decline,
                "risk_level": "normal", "seller_message": "The bank returned a decline.", "type": "issuer_declined",
            }),
            _ => json!({
                "advice_code": null, "network_advice_code": null, "network_decline_code": null,
                "network_status": "approved_by_network", "reason": null,
                "risk_level": "normal", "seller_message": "Payment complete.", "type": "authorized",
            }),
        };
        let first = json!({
            "id": self.id,
            "object": "charge",
            "amount": self.amount,
            "amount_captured": self.amount_captured,
            "amount_refunded": self.amount_refunded,
            "application": null,
            "application_fee": null,
            "application_fee_amount": null,
            "balance_transaction": null,
            "billing_details": billing_details(),
            "calculated_statement_descriptor": "WARES",
            "captured": self.is_captured,
            "created": self.created,
            "currency": self.currency,
            "customer": null,
            "description": null,
            "disputed": self.is_disputed,
            "failure_balance_transaction": null,
            "failure_code": failure.map(|(code, _, _)| code),
            "failure_message": failure.map(|(_, _, message)| message),
            "fraud_details": {},
            "livemode": false,
            "metadata": self.metadata,
        });
        let second = json!({
            "on_behalf_of": null,
            "outcome": outcome,
            "paid": is_paid,
            "payment_intent": self.intent,
            "payment_method": self.payment_method,
            "payment_method_details": { "type": "card", "card": {
                "amount_authorized": self.amount, "authorization_code": null, "brand": "visa", "checks": checks(),
                "country": "US", "electronic_commerce_indicator": null, "exp_month": 12, "exp_year": 2034,
                "fingerprint": "WaresStandIn1234", "funding": "credit", "installments": null, "last4": "4242",
                "mandate": null, "network": "visa", "network_transaction_id": null, "regulated_status": "unregulated",
                "three_d_secure": null, "transaction_link_id": null, "wallet": null,
            } },
            "receipt_email": null,
            "receipt_number": null,
            "receipt_url": null,
            "refunded": self.is_captured && self.amount_refunded == self.amount_captured,
            "review": null,
            "shipping": null,
            "source": null,
            "source_transfer": null,
            "statement_descriptor": null,
            "statement_descriptor_suffix": null,
            "status": status,
            "transfer_data": null,
            "transfer_group": null,
        });
        join(first, second)
    }
}

/// Returns a card, as an error of a declined payment contains it.
pub fn payment_method(id: &str, created: i64) -> Value {
    json!({
        "id": id,
        "object": "payment_method",
        "billing_details": billing_details(),
        "card": {
            "brand": "visa", "checks": checks(), "country": "US", "display_brand": "visa", "exp_month": 12,
            "exp_year": 2034, "fingerprint": "WaresStandIn1234", "funding": "credit", "generated_from": null,
            "last4": "0002", "networks": { "available": ["visa"], "preferred": null },
            "regulated_status": "unregulated", "three_d_secure_usage": { "supported": true }, "wallet": null,
        },
        "created": created,
        "customer": null,
        "customer_account": null,
        "livemode": false,
        "metadata": {},
        "type": "card",
    })
}

impl Refund {
    pub fn object(&self) -> Value {
        let mut object = json!({
            "id": self.id,
            "object": "refund",
            "amount": self.amount,
            "balance_transaction": null,
            "charge": self.charge,
            "created": self.created,
            "currency": self.currency,
            "customer": null,
            "customer_account": null,
            "destination_details": { "type": "card", "card": {
                "reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund",
            } },
            "metadata": self.metadata,
            "payment_intent": self.intent,
            "payment_method": null,
            "reason": self.reason,
            "receipt_number": null,
            "source_transfer_reversal": null,
            "status": self.status,
            "transfer_reversal": null,
        });
        if let Some(reason) = &self.failure_reason {
            object["failure_reason"] = reason.as_str().into();
        }
        object
    }
}

impl Dispute {
    pub fn object(&self) -> Value {
        let evidence = [
            "access_activity_log",
            "billing_address",
            "cancellation_policy",
            "cancellation_policy_disclosure",
            "cancellation_rebuttal",
            "customer_communication",
            "customer_email_address",
            "customer_name",
            "customer_purchase_ip",
            "customer_signature",
            "duplicate_charge_documentation",
            "duplicate_charge_explanation",
            "duplicate_charge_id",
            "product_description",
            "receipt",
            "refund_policy",
            "refund_policy_disclosure",
            "refund_refusal_explanation",
            "service_date",
            "service_documentation",
            "shipping_address",
            "shipping_carrier",
            "shipping_date",
            "shipping_documentation",
            "shipping_tracking_number",
            "uncategorized_file",
            "uncategorized_text",
        ];
        let mut evidence: Value = evidence
            .map(|name| (name.to_owned(), Value::Null))
            .into_iter()
            .collect();
        evidence["enhanced_evidence"] = json!({});
        json!({
            "id": self.id,
            "object": "dispute",
            "amount": self.amount,
            "balance_transactions": [],
            "charge": self.charge,
            "created": self.created,
            "currency": self.currency,
            "enhanced_eligibility_types": [],
            "evidence": evidence,
            "evidence_details": {
                "due_by": self.created + 14 * 24 * 60 * 60, "enhanced_eligibility": {}, "has_evidence": false,
                "past_due": false, "submission_count": 0, "submission_method": "not_submitted",
            },
            "intended_submission_method": null,
            "is_charge_refundable": false,
            "livemode": false,
            "metadata": {},
            "payment_intent": self.intent,
            "reason": "fraudulent",
            "status": self.status,
        })
    }
}

impl Account {
    /// Returns the account itself.
    pub fn object() -> Value {
        json!({
            "id": "acct_1WaresStandIn",
            "object": "account",
            "business_type": "company",
            "capabilities": { "card_payments": "active", "transfers": "active" },
            "charges_enabled": true,
            "country": "DE",
            "created": 1_700_000_000,
            "default_currency": "eur",
            "details_submitted": true,
            "email": "shop@example.com",
            "metadata": {},
            "payouts_enabled": true,
            "type": "standard",
        })
    }
}
