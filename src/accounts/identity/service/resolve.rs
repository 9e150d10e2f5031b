//! Resolution of Google claims to a user.

use crate::accounts::identity::entity::identity::{Model as Identity, Provider};
use crate::accounts::identity::repository::identities;
use crate::accounts::user;
use crate::accounts::user::UserId;
use crate::accounts::user::entity::Model as User;
use crate::core::email_address::EmailAddress;
use crate::core::error::{Result, UserError, UserErrorCode};
use crate::core::viewer::Role;
use crate::infra::database::Connection;
use crate::infra::oidc::{Claims, GOOGLE};

/// Domains of Gmail.
const GMAIL: [&str; 2] = ["gmail.com", "googlemail.com"];

/// Reason why a Google account can't sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The email address is not verified by Google.
    EmailNotVerified,
    /// An account with this email address exists. Its owner must link the Google account.
    LinkRequired,
    /// The user is disabled.
    AccountDisabled,
}

impl From<Refusal> for UserError {
    fn from(refusal: Refusal) -> Self {
        let (code, message) = match refusal {
            Refusal::EmailNotVerified => (
                UserErrorCode::EmailNotVerified,
                "The email address of this Google account is not verified. Verify it with Google, then try again.",
            ),
            Refusal::LinkRequired => (
                UserErrorCode::LinkRequired,
                "An account with this email address already exists. Sign in to it as before, or set a new password with \"forgot password\". Then link the Google account.",
            ),
            Refusal::AccountDisabled => {
                (UserErrorCode::AccountDisabled, "This account is disabled.")
            }
        };
        Self::new(code, None, message)
    }
}

/// Result of resolving claims to a user.
#[derive(Debug, PartialEq, Eq)]
pub enum Resolution {
    /// A known identity and its user.
    Known(User, Identity),
    /// The user with the same email address. The identity is to be linked to it.
    Owner(User),
    /// No user yet.
    New,
    /// The sign-in is refused.
    Refused(Refusal),
}

impl Resolution {
    /// Returns the user, if there is one.
    pub const fn user(&self) -> Option<UserId> {
        match self {
            Self::Known(user, _) | Self::Owner(user) => Some(user.id),
            Self::New | Self::Refused(_) => None,
        }
    }
}

/// Returns the email address of the claims if Google has verified it.
pub fn verified_address(claims: &Claims) -> Result<EmailAddress, Refusal> {
    let email = claims.email.as_ref().filter(|_| claims.email_verified);
    let email = email.and_then(|email| EmailAddress::parse(email).ok());
    email.ok_or(Refusal::EmailNotVerified)
}

/// Resolves claims with a verified email address to a user.
pub async fn resolve(
    db: &impl Connection,
    claims: &Claims,
    email: &EmailAddress,
) -> Result<Resolution> {
    let known = identities::find_by_subject(db, &claims.issuer, &claims.subject).await?;
    if let Some(identity) = known {
        // Deleted between the two queries, and its identities with it.
        let Some(user) = user::service::find(db, identity.user_id).await? else {
            return Ok(Resolution::New);
        };
        return Ok(resolve_known(user, identity));
    }
    let Some(owner) = user::service::find_by_email_key(db, &email.key).await? else {
        return Ok(Resolution::New);
    };
    if !owner.is_active() {
        return Ok(Resolution::Refused(Refusal::AccountDisabled));
    }
    let mut linked = identities::find_by_users(db, &[owner.id]).await?;
    // Inserted between the two queries.
    let same = |row: &Identity| row.issuer == claims.issuer && row.subject == claims.subject;
    if let Some(at) = linked.iter().position(same) {
        return Ok(resolve_known(owner, linked.swap_remove(at)));
    }
    let has_other = linked.iter().any(|row| row.provider == Provider::Google);
    let may_link = owner.role != Role::Admin && !has_other && hosts_address(claims, email);
    Ok(if may_link {
        Resolution::Owner(owner)
    } else {
        Resolution::Refused(Refusal::LinkRequired)
    })
}

/// Returns the result for a known identity: refused if the user is disabled or the identity is void.
fn resolve_known(user: User, identity: Identity) -> Resolution {
    if !user.is_active() {
        Resolution::Refused(Refusal::AccountDisabled)
    } else if user.identities_since >= Some(identity.created_at) {
        Resolution::Refused(Refusal::LinkRequired)
    } else {
        Resolution::Known(user, identity)
    }
}

/// Returns whether the provider is Google and hosts the email address. Only then is its subject the current owner of
/// the address (<https://developers.google.com/identity/gsi/web/guides/verify-google-id-token>).
fn hosts_address(claims: &Claims, email: &EmailAddress) -> bool {
    let domain = email.domain();
    let hosted = claims.hosted_domain.as_deref();
    let hosted = hosted.is_some_and(|hosted| hosted.eq_ignore_ascii_case(domain));
    claims.issuer == GOOGLE && (GMAIL.contains(&domain) || hosted)
}
