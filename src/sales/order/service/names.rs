//! The names of statuses, as in the API.

use crate::sales::order::entity::{FulfillmentStatus, PaymentStatus, Status};

pub const fn status_name(status: Status) -> &'static str {
    match status {
        Status::Pending => "PENDING",
        Status::Closing => "CLOSING",
        Status::Confirmed => "CONFIRMED",
        Status::Canceled => "CANCELED",
        Status::Expired => "EXPIRED",
    }
}

pub const fn payment_status_name(status: PaymentStatus) -> &'static str {
    match status {
        PaymentStatus::Unpaid => "UNPAID",
        PaymentStatus::Processing => "PROCESSING",
        PaymentStatus::Authorized => "AUTHORIZED",
        PaymentStatus::Paid => "PAID",
        PaymentStatus::PartiallyRefunded => "PARTIALLY_REFUNDED",
        PaymentStatus::Refunded => "REFUNDED",
    }
}

pub const fn fulfillment_status_name(status: FulfillmentStatus) -> &'static str {
    match status {
        FulfillmentStatus::None => "NONE",
        FulfillmentStatus::Partial => "PARTIAL",
        FulfillmentStatus::Fulfilled => "FULFILLED",
    }
}
