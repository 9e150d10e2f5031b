//! One-time codes that represent verified Google claims until the client that started the sign-in sends them.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::resolve::{Refusal, Resolution, resolve, verified_address};
use crate::accounts::identity::entity::oauth_code::{Intent, Model};
use crate::accounts::identity::repository::codes as repository;
use crate::config::Secret;
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::infra::database::Transaction;
use crate::infra::oidc::Claims;
use crate::state::State;

/// Lifetime of a code: the time that a browser needs to pass it to its client.
const LIFETIME: Duration = Duration::from_mins(1);

/// Parameters of a browser sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInParameters {
    pub intent: Intent,
    /// SHA-256 of the verifier that the client will send with the code, in base64url. Required for [`Intent::Link`].
    pub challenge: Option<String>,
}

/// Creates a code for verified claims: 256 random bits, valid for one minute and one use. Returns a refusal if the
/// claims can't be used, as far as that is known at this point.
pub async fn create_code(
    state: &State,
    claims: Claims,
    parameters: SignInParameters,
) -> Result<std::result::Result<Secret, Refusal>> {
    let email = match verified_address(&claims) {
        Ok(email) => email,
        Err(refusal) => return Ok(Err(refusal)),
    };
    // The user to link is known only when the code is redeemed.
    if parameters.intent == Intent::SignIn
        && let Resolution::Refused(refusal) = resolve(state.db.reader(), &claims, &email).await?
    {
        return Ok(Err(refusal));
    }
    let code = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
    let row = Model {
        code_hash: hash(&code).to_vec(),
        intent: parameters.intent,
        challenge: parameters.challenge,
        claims: serde_json::to_string(&claims).map_err(Error::internal)?,
        expires_at: state.clock.now().after(LIFETIME),
    };
    let transaction = state.db.begin().await?;
    repository::insert(&transaction, row).await?;
    transaction.commit().await?;
    Ok(Ok(code.into()))
}

/// A code sent by a client.
#[derive(Debug)]
pub struct CodeAndVerifier {
    pub code: Secret,
    /// The verifier of the challenge. `None` if the client sent no challenge.
    pub verifier: Option<Secret>,
}

/// Redeems a code. It is void once the transaction is committed, whether or not it was right. Returns its claims if
/// it is valid, has this intent and the verifier matches.
pub async fn redeem(
    transaction: &Transaction,
    state: &State,
    intent: Intent,
    credentials: &CodeAndVerifier,
) -> Result<Option<Claims>> {
    let taken = repository::delete_returning(transaction, &hash(credentials.code.expose())).await?;
    let now = state.clock.now();
    let fits = |code: &Model| {
        code.expires_at > now
            && code.intent == intent
            && verifier_matches(code.challenge.as_deref(), credentials.verifier.as_ref())
    };
    let claims = taken.filter(fits).map(|code| code.claims);
    let claims = claims.map(|claims| serde_json::from_str(&claims));
    claims.transpose().map_err(Error::internal)
}

/// Returns the error for an invalid code. The message is the same for every reason.
pub fn wrong_code() -> Error {
    let message = "The code is invalid or expired. Sign in with Google again.";
    UserError::new(UserErrorCode::TokenInvalid, "code", message).into()
}

/// Returns whether the verifier matches the challenge. A verifier without a challenge is refused: another client may
/// have started the sign-in.
fn verifier_matches(challenge: Option<&str>, verifier: Option<&Secret>) -> bool {
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
