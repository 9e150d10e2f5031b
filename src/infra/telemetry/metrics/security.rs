//! Counts of security events.

use std::sync::atomic::{AtomicU64, Ordering};

use super::Text;

/// Declares the events, with their names in the log and in the metric.
macro_rules! events {
    ($($(#[$doc:meta])* $event:ident = $name:literal),* $(,)?) => {
        /// An event that tells an operator who got access, who was refused, and which credentials changed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum SecurityEvent {
            $($(#[$doc])* $event),*
        }

        impl SecurityEvent {
            /// All events.
            pub const ALL: &[Self] = &[$(Self::$event),*];

            /// The name of the event.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$event => $name),*
                }
            }
        }
    };
}

events! {
    /// A sign-in by password or with Google.
    SignIn = "sign_in",
    /// The password of a signed-in user was requested again.
    Reauthentication = "reauthentication",
    /// The address of a registration was verified.
    EmailVerified = "email_verified",
    /// A code to reset a password was requested.
    PasswordResetRequested = "password_reset_requested",
    /// A password was reset with a code.
    PasswordReset = "password_reset",
    /// A user changed the password.
    PasswordChanged = "password_changed",
    /// A user requested another address.
    EmailChangeRequested = "email_change_requested",
    /// A user changed the address.
    EmailChanged = "email_changed",
    /// A Google account was linked.
    IdentityLinked = "identity_linked",
    /// A Google account was unlinked.
    IdentityUnlinked = "identity_unlinked",
    /// An admin invited a user.
    UserInvited = "user_invited",
    /// An admin changed the role of a user.
    RoleChanged = "role_changed",
    /// An admin disabled an account.
    AccountDisabled = "account_disabled",
    /// An admin enabled an account again.
    AccountEnabled = "account_enabled",
    /// An account was deleted.
    AccountDeleted = "account_deleted",
    /// A session was ended by its user.
    SessionRevoked = "session_revoked",
    /// An old refresh token was used again.
    RefreshTokenReused = "refresh_token_reused",
}

/// The outcome of a security event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecurityOutcome {
    Success,
    Refused,
}

impl SecurityOutcome {
    const ALL: [Self; 2] = [Self::Success, Self::Refused];

    /// The name of the outcome.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Refused => "refused",
        }
    }
}

/// The counts of a process.
#[derive(Debug, Default)]
pub struct SecurityEvents([[AtomicU64; 2]; SecurityEvent::ALL.len()]);

impl SecurityEvents {
    /// Counts an event.
    pub fn count(&self, event: SecurityEvent, outcome: SecurityOutcome) {
        self.0[event as usize][outcome as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// Writes the counts of the events that happened.
    pub fn write(&self, text: &mut Text) {
        let name = "wares_security_events_total";
        text.head(name, "counter", "Sign-ins and changes of credentials.");
        for event in SecurityEvent::ALL {
            for outcome in SecurityOutcome::ALL {
                let count = self.0[*event as usize][outcome as usize].load(Ordering::Relaxed);
                if count > 0 {
                    let labels = [("event", event.as_str()), ("outcome", outcome.as_str())];
                    text.sample(name, &labels, count);
                }
            }
        }
    }
}
