//! The test provider, which moves no money. Its tables are used as if they were another system: only by this file, in
//! transactions of their own.

use crate::config::Capture;
use crate::core::error::{Error, Result, UserError, UserErrorCode, error_chain};
use crate::core::retry::Failure;
use crate::infra::database::Transaction;
use crate::sales::payment::entity::entry::Kind;
use crate::sales::payment::entity::test_provider::payment::{Model as TestPayment, Status};
use crate::sales::payment::entity::test_provider::refund::Model as TestRefund;
use crate::sales::payment::entity::{self, Model, PaymentId, refund};
use crate::sales::payment::repository::test_provider as repository;
use crate::sales::payment::service::provider::{Call, RefundSnapshot, Reported, Snapshot};
use crate::state::State;

/// The error code of a declined payment.
const DECLINED: &str = "card_declined";

/// The step of the buyer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Pays. With `PAYMENT_CAPTURE=manual` the payment is authorized.
    Succeed,
    /// The payment is declined. The buyer can try again.
    Decline,
    /// Authorizes the payment.
    Authorize,
    /// Pays, but the bank needs time. A later step decides.
    Process,
    /// Leaves.
    Vanish,
}

pub(super) async fn call(state: &State, payment: &Model, what: Call) -> Result<Snapshot, Failure> {
    let found = match what {
        Call::Create => create(state, payment).await,
        Call::Look => look(state, payment.id).await,
        Call::Capture => change(state, payment.id, capture).await,
        Call::Cancel => change(state, payment.id, cancel).await,
    };
    found.map(snapshot).map_err(temporary)
}

async fn create(state: &State, payment: &Model) -> Result<TestPayment> {
    let transaction = state.db.begin().await?;
    let new = TestPayment {
        id: payment.id.0,
        amount: payment.amount,
        status: Status::Waiting,
        captured: 0,
        refunded: 0,
        currency: state.config.shop_currency.code().to_owned(),
        failures: 0,
        last_error: None,
        created_at: state.clock.now(),
    };
    repository::insert_payment(&transaction, new).await?;
    commit(transaction).await?;
    look(state, payment.id).await
}

async fn look(state: &State, id: PaymentId) -> Result<TestPayment> {
    let found = repository::find_payment(state.db.reader(), id.0).await?;
    found.ok_or_else(unknown)
}

fn capture(payment: &mut TestPayment) {
    if payment.status == Status::Authorized {
        payment.status = Status::Captured;
        payment.captured = payment.amount;
    }
}

fn cancel(payment: &mut TestPayment) {
    if matches!(payment.status, Status::Waiting | Status::Authorized) {
        payment.status = Status::Canceled;
    }
}

/// Plays the step of the buyer.
///
/// # Errors
/// `CONFLICT` if the provider does not wait for the buyer or the bank.
pub async fn finish(state: &State, id: PaymentId, outcome: Outcome) -> Result<()> {
    let capture = state.config.payments.payment_capture;
    let transaction = state.db.begin().await?;
    let found = repository::lock_payment(&transaction, id.0).await?;
    let mut payment = found.ok_or_else(unknown)?;
    if !matches!(payment.status, Status::Waiting | Status::Processing) {
        let message = "The test provider does not wait for a step of this payment.";
        return Err(UserError::new(UserErrorCode::Conflict, "outcome", message).into());
    }
    match outcome {
        Outcome::Succeed if capture == Capture::Automatic => {
            payment.status = Status::Captured;
            payment.captured = payment.amount;
        }
        Outcome::Succeed | Outcome::Authorize => payment.status = Status::Authorized,
        Outcome::Process => payment.status = Status::Processing,
        Outcome::Decline => {
            payment.status = Status::Waiting;
            payment.failures += 1;
            payment.last_error = Some(DECLINED.to_owned());
        }
        Outcome::Vanish => {}
    }
    if !matches!(outcome, Outcome::Decline | Outcome::Vanish) {
        payment.last_error = None;
    }
    repository::update_payment(&transaction, payment).await?;
    commit(transaction).await
}

pub(super) async fn refund(
    state: &State,
    refund: &refund::Model,
) -> Result<RefundSnapshot, Failure> {
    pay_back(state, refund).await.map_err(temporary)
}

async fn pay_back(state: &State, refund: &refund::Model) -> Result<RefundSnapshot> {
    let transaction = state.db.begin().await?;
    let found = repository::lock_payment(&transaction, refund.payment_id.0).await?;
    let mut payment = found.ok_or_else(unknown)?;
    let row = TestRefund {
        id: refund.id.0,
        payment_id: payment.id,
        amount: refund.amount,
        created_at: state.clock.now(),
    };
    let is_new = repository::insert_refund(&transaction, row).await?;
    if is_new && payment.refunded + refund.amount > payment.captured {
        transaction.rollback().await?;
        return Ok(RefundSnapshot {
            reference: None,
            status: refund::Status::Failed,
            last_error: Some("insufficient_amount".to_owned()),
        });
    }
    if is_new {
        payment.refunded += refund.amount;
        repository::update_payment(&transaction, payment).await?;
    }
    commit(transaction).await?;
    Ok(RefundSnapshot {
        reference: Some(format!("test_re_{}", refund.id.0.simple())),
        status: refund::Status::Succeeded,
        last_error: None,
    })
}

async fn change(state: &State, id: PaymentId, change: fn(&mut TestPayment)) -> Result<TestPayment> {
    let transaction = state.db.begin().await?;
    let found = repository::lock_payment(&transaction, id.0).await?;
    let mut payment = found.ok_or_else(unknown)?;
    change(&mut payment);
    repository::update_payment(&transaction, payment.clone()).await?;
    commit(transaction).await?;
    Ok(payment)
}

/// Commits. The mutation of a request with an idempotency key is not committed with it.
async fn commit(transaction: Transaction) -> Result<()> {
    Ok(transaction.commit_without_records().await?)
}

fn unknown() -> Error {
    Error::internal(anyhow::anyhow!("the test provider has no such payment"))
}

fn temporary(error: Error) -> Failure {
    Failure::Temporary(error_chain(&error.into_cause()))
}

fn snapshot(payment: TestPayment) -> Snapshot {
    let status = match payment.status {
        Status::Waiting => entity::Status::Pending,
        Status::Processing => entity::Status::Processing,
        Status::Authorized => entity::Status::Authorized,
        Status::Captured => entity::Status::Captured,
        Status::Canceled => entity::Status::Canceled,
    };
    let failures = (1..=payment.failures).map(|number| Reported {
        note: Some(DECLINED.to_owned()),
        ..Reported::new(Kind::Failed, 0, format!("failure {number}"))
    });
    let last = match payment.status {
        Status::Authorized => Some(Reported::new(
            Kind::Authorized,
            payment.amount,
            "authorized",
        )),
        Status::Captured => Some(Reported::new(Kind::Captured, payment.captured, "captured")),
        Status::Canceled => Some(Reported::new(Kind::Canceled, 0, "canceled")),
        Status::Waiting | Status::Processing => None,
    };
    Snapshot {
        reference: Some(format!("test_{}", payment.id.simple())),
        status,
        amount: payment.amount,
        currency: payment.currency,
        last_error: payment.last_error,
        entries: failures.chain(last).collect(),
        mismatch: None,
    }
}
