//! Sending a letter.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;

use crate::core::retry::Failure;
use crate::infra::mail::Letter;
use crate::platform::jobs::entity::Model;
use crate::state::State;

/// Sends a letter of the outbox.
pub async fn send_letter(state: State, row: Model) -> Result<(), Failure> {
    let Some(to) = row.recipient else {
        // It was written down to take as long as one for somebody.
        return Ok(());
    };
    let letter = Letter {
        id: row.id,
        to,
        subject: row.subject,
        body: row.body,
        code: row.nonce.as_ref().map(|nonce| state.keys.code(nonce)),
    };
    // The library is known to panic over headers it does not like.
    let sent = AssertUnwindSafe(state.mailer.send(letter)).catch_unwind();
    let panicked = |_| Err(Failure::Permanent("it could not be written".to_owned()));
    sent.await.unwrap_or_else(panicked)
}
