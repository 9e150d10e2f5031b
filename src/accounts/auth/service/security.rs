//! Security log: one record and one count for each sign-in, refusal and change of credentials.
//!
//! A record contains the event, the account's id, the client's address and user agent, the outcome and the reason,
//! and in its span the request id. It contains no email address and no secret.

use crate::accounts::user::UserId;
use crate::core::client_info::Client;
use crate::core::id::TypedId;
use crate::infra::telemetry::metrics::{SecurityEvent, SecurityOutcome};
use crate::state::State;

/// Maximum length of a user agent in the log, in characters.
const MAX_USER_AGENT: usize = 200;

/// Records a successful event. `reason` is the method or the cause.
pub fn succeeded(
    state: &State,
    client: &Client,
    event: SecurityEvent,
    account: UserId,
    reason: &'static str,
) {
    let account = Some(account);
    record(state, client, event, account, None, Ok(reason));
}

/// Records an action of an admin on an account.
pub fn done_by_admin(
    state: &State,
    client: &Client,
    event: SecurityEvent,
    account: UserId,
    admin: UserId,
    reason: &'static str,
) {
    let (account, admin) = (Some(account), Some(admin));
    record(state, client, event, account, admin, Ok(reason));
}

/// Records a request whose response does not disclose whether the account exists.
pub fn requested(state: &State, client: &Client, event: SecurityEvent, account: Option<UserId>) {
    record(state, client, event, account, None, Ok("requested"));
}

/// Records a refusal. `account` is `None` if it is unknown.
pub fn refused(
    state: &State,
    client: &Client,
    event: SecurityEvent,
    account: Option<UserId>,
    reason: &'static str,
) {
    record(state, client, event, account, None, Err(reason));
}

fn record(
    state: &State,
    client: &Client,
    event: SecurityEvent,
    account: Option<UserId>,
    admin: Option<UserId>,
    done: Result<&'static str, &'static str>,
) {
    let (outcome, reason) = match done {
        Ok(reason) => (SecurityOutcome::Success, reason),
        Err(reason) => (SecurityOutcome::Refused, reason),
    };
    state.metrics.count_security(event, outcome);
    let account = account.map(TypedId::encode);
    let admin = admin.map(TypedId::encode);
    let user_agent = client.user_agent.as_deref().map(sanitize_user_agent);
    tracing::info!(
        target: "wares::security",
        event = event.as_str(),
        account,
        admin,
        address = %client.address.to_canonical(),
        user_agent,
        outcome = outcome.as_str(),
        reason,
        "security event"
    );
}

/// Removes control characters, and words that may be email addresses or tokens, from a user agent.
fn sanitize_user_agent(text: &str) -> String {
    const MAX_WORD: usize = 64;
    let is_plain = |word: &&str| !word.contains('@') && word.len() <= MAX_WORD;
    let words = text.split_whitespace().map(|word| {
        let plain = Some(word).filter(is_plain);
        plain.unwrap_or("[removed]")
    });
    let joined = words.collect::<Vec<_>>().join(" ");
    joined
        .chars()
        .filter(|character| !character.is_control())
        .take(MAX_USER_AGENT)
        .collect()
}
