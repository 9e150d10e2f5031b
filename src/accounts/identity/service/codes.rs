//! Codes that stand for what Google has proved, until the client that began the sign-in brings them.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::judge::{Refusal, Verdict, judge, verified_address};
use crate::accounts::identity::entity::oauth_code::{Intent, Model};
use crate::accounts::identity::repository::codes as repository;
use crate::config::Secret;
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::infra::database::Transaction;
use crate::infra::oidc::Claims;
use crate::state::State;

/// How long a code is good: as long as a browser takes to get it to its client.
const LIFETIME: Duration = Duration::from_mins(1);

/// What a client asked for when it began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    pub intent: Intent,
    /// The SHA-256 of what it will bring with the code, in base64url. Not left out for [`Intent::Link`].
    pub challenge: Option<String>,
}

/// Makes a code for what Google has proved: 256 bits, good for a minute and once. Or says why it would be good for nothing,
/// as far as that is known by now.
pub async fn offer(
    state: &State,
    claims: Claims,
    offer: Offer,
) -> Result<std::result::Result<Secret, Refusal>> {
    let email = match verified_address(&claims) {
        Ok(email) => email,
        Err(refusal) => return Ok(Err(refusal)),
    };
    // Whom to link it to is known when the code is brought.
    if offer.intent == Intent::SignIn
        && let Verdict::Refused(refusal) = judge(state.db.reader(), &claims, &email).await?
    {
        return Ok(Err(refusal));
    }
    let code = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
    let row = Model {
        code_hash: hash(&code).to_vec(),
        intent: offer.intent,
        challenge: offer.challenge,
        claims: serde_json::to_string(&claims).map_err(Error::internal)?,
        expires_at: state.clock.now().after(LIFETIME),
    };
    let transaction = state.db.begin().await?;
    repository::insert(&transaction, row).await?;
    transaction.commit().await?;
    Ok(Ok(code.into()))
}

/// What a client brings.
#[derive(Debug)]
pub struct Brought {
    pub code: Secret,
    /// What the challenge is the hash of. Nothing when it sent none.
    pub verifier: Option<Secret>,
}

/// Takes a code: it is void from now on, right or wrong, when the transaction is committed. Gives what was proved, if the
/// code is good for this.
pub async fn redeem(
    transaction: &Transaction,
    state: &State,
    intent: Intent,
    brought: &Brought,
) -> Result<Option<Claims>> {
    let taken = repository::take(transaction, &hash(brought.code.expose())).await?;
    let now = state.clock.now();
    let fits = |code: &Model| {
        code.expires_at > now
            && code.intent == intent
            && meets(code.challenge.as_deref(), brought.verifier.as_ref())
    };
    let claims = taken.filter(fits).map(|code| code.claims);
    let claims = claims.map(|claims| serde_json::from_str(&claims));
    claims.transpose().map_err(Error::internal)
}

/// The refusal of a code, for whatever reason.
pub fn wrong_code() -> Error {
    let message = "This code is not right, or not any more. Sign in with Google once more.";
    UserError::new(UserErrorCode::TokenInvalid, "code", message).into()
}

/// Whether a verifier is the one that was promised. One that nobody promised is refused too: somebody else may have begun.
fn meets(challenge: Option<&str>, verifier: Option<&Secret>) -> bool {
    match (challenge, verifier) {
        (None, None) => true,
        (Some(challenge), Some(verifier)) => {
            let given = URL_SAFE_NO_PAD.encode(hash(verifier.expose()));
            given.as_bytes().ct_eq(challenge.as_bytes()).into()
        }
        _ => false,
    }
}

fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}
