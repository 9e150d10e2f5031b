//! The job that sends an email.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use serde::{Deserialize, Serialize};

use super::{NewJob, enqueue};
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::retry::Failure;
use crate::infra::database::Transaction;
use crate::infra::mail::{Block, EmailMessage};
use crate::platform::jobs::repository;
use crate::platform::jobs::{Job, JobContext, Queue};
use crate::state::State;

/// An email to queue.
#[derive(Clone, Debug)]
pub struct NewEmail {
    /// The recipient. Without one nothing is sent, and queueing takes as long as with one.
    pub to: Option<String>,
    pub subject: String,
    /// Paragraphs, as [`Block::parse`] reads them.
    pub body: String,
    /// The nonce from which the code in the email is derived.
    pub nonce: Option<Vec<u8>>,
    /// The time after which the email is no longer sent.
    pub lifetime: Duration,
}

/// The payload. It is secret: never show it.
#[derive(Serialize, Deserialize)]
pub struct Email {
    to: Option<String>,
    subject: String,
    body: String,
    nonce: Option<Vec<u8>>,
}

impl Job for Email {
    const KIND: &'static str = "email";
    const QUEUE: Queue = Queue::EMAILS;

    async fn run(self, context: JobContext) -> Result<(), Failure> {
        let Some(to) = self.to else {
            return Ok(());
        };
        let state = context.state;
        let code = self.nonce.as_ref().map(|nonce| state.keys.code(nonce));
        let message = EmailMessage {
            id: context.id,
            to,
            subject: self.subject,
            blocks: Block::parse(&self.body, code.as_deref()),
            code,
        };
        send_email(&state, message).await
    }
}

/// Sends an email at once, for jobs that write their email when they run.
pub async fn send_email(state: &State, message: EmailMessage) -> Result<(), Failure> {
    // lettre is known to panic over some headers.
    let sent = AssertUnwindSafe(state.mailer.send(message)).catch_unwind();
    let panicked = |_| Err(Failure::Permanent("it could not be written".to_owned()));
    sent.await.unwrap_or_else(panicked)
}

/// Queues an email. It is sent after the transaction is committed.
pub async fn enqueue_email(
    transaction: &Transaction,
    email: NewEmail,
    now: Timestamp,
) -> Result<()> {
    let payload = Email {
        to: email.to.clone(),
        subject: email.subject,
        body: email.body,
        nonce: email.nonce.clone(),
    };
    let job = NewJob::new(&payload)?.for_at_most(email.lifetime);
    let job = NewJob {
        recipient: email.to,
        nonce: email.nonce,
        ..job
    };
    enqueue(transaction, [job], now).await?;
    Ok(())
}

/// Deletes the failed emails to an address.
pub async fn delete_failed_emails(transaction: &Transaction, address: &str) -> Result<()> {
    Ok(repository::delete_failed_emails(transaction, address).await?)
}

/// Deletes an email whose code is void, unless it was sent.
pub async fn cancel_email(transaction: &Transaction, nonce: &[u8]) -> Result<()> {
    Ok(repository::delete_with_nonce(transaction, nonce).await?)
}
