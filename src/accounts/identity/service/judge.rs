//! Who somebody is here whom Google knows.

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

/// Domains whose addresses are Google's own.
const GMAIL: [&str; 2] = ["gmail.com", "googlemail.com"];

/// Why somebody is not signed in whom Google knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Google does not say that the address is theirs.
    EmailNotVerified,
    /// The address has an account already, whose owner must link it.
    LinkRequired,
    /// The user is shut out.
    AccountDisabled,
}

impl From<Refusal> for UserError {
    fn from(refusal: Refusal) -> Self {
        let (code, message) = match refusal {
            Refusal::EmailNotVerified => (
                UserErrorCode::EmailNotVerified,
                "Google has not verified the e-mail address of this account.",
            ),
            Refusal::LinkRequired => (
                UserErrorCode::LinkRequired,
                "The address has an account already. Sign in to it as you did before, or set a new password with \"forgot password\"; then you can link the Google account.",
            ),
            Refusal::AccountDisabled => (
                UserErrorCode::AccountDisabled,
                "You can't sign in to this account.",
            ),
        };
        Self::new(code, None, message)
    }
}

/// Who somebody is here.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The user of an identity that is known.
    Known(User, Identity),
    /// The user with the address, whom the identity is to be linked to.
    Owner(User),
    /// Nobody yet.
    New,
    /// Nobody who may sign in.
    Refused(Refusal),
}

impl Verdict {
    /// Whom it is about.
    pub const fn user(&self) -> Option<UserId> {
        match self {
            Self::Known(user, _) | Self::Owner(user) => Some(user.id),
            Self::New | Self::Refused(_) => None,
        }
    }
}

/// The address that Google has verified, if it has.
pub fn verified_address(claims: &Claims) -> Result<EmailAddress, Refusal> {
    let email = claims.email.as_ref().filter(|_| claims.email_verified);
    let email = email.and_then(|email| EmailAddress::parse(email).ok());
    email.ok_or(Refusal::EmailNotVerified)
}

/// Who it is that has these claims and this address, which was verified.
pub async fn judge(db: &impl Connection, claims: &Claims, email: &EmailAddress) -> Result<Verdict> {
    let known = identities::find_by_subject(db, &claims.issuer, &claims.subject).await?;
    if let Some(identity) = known {
        // Gone between the two questions: then so is the identity.
        let Some(user) = user::service::find(db, identity.user_id).await? else {
            return Ok(Verdict::New);
        };
        return Ok(known_as(user, identity));
    }
    let Some(owner) = user::service::find_by_key(db, &email.key).await? else {
        return Ok(Verdict::New);
    };
    if !owner.is_active() {
        return Ok(Verdict::Refused(Refusal::AccountDisabled));
    }
    let mut linked = identities::of_users(db, &[owner.id]).await?;
    // Made between the two questions.
    let same = |row: &Identity| row.issuer == claims.issuer && row.subject == claims.subject;
    if let Some(at) = linked.iter().position(same) {
        return Ok(known_as(owner, linked.swap_remove(at)));
    }
    let has_other = linked.iter().any(|row| row.provider == Provider::Google);
    let may_link = owner.role != Role::Admin && !has_other && is_authority(claims, email);
    Ok(if may_link {
        Verdict::Owner(owner)
    } else {
        Verdict::Refused(Refusal::LinkRequired)
    })
}

/// Who has an identity.
fn known_as(user: User, identity: Identity) -> Verdict {
    if !user.is_active() {
        Verdict::Refused(Refusal::AccountDisabled)
    } else if user.identities_since >= Some(identity.created_at) {
        Verdict::Refused(Refusal::LinkRequired)
    } else {
        Verdict::Known(user, identity)
    }
}

/// Whether the provider is Google and gives the address out itself, so that whoever it says owns it does so now, not only
/// once
/// (<https://developers.google.com/identity/gsi/web/guides/verify-google-id-token>).
fn is_authority(claims: &Claims, email: &EmailAddress) -> bool {
    let domain = email.domain();
    let hosted = claims.hosted_domain.as_deref();
    let hosted = hosted.is_some_and(|hosted| hosted.eq_ignore_ascii_case(domain));
    claims.issuer == GOOGLE && (GMAIL.contains(&domain) || hosted)
}
