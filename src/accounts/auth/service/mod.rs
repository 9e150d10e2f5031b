//! Services of accounts, one file for each use case.

mod accounts;
mod admins;
mod attempts;
mod codes;
mod email;
mod emails;
mod failures;
mod invitations;
mod limits;
mod login;
mod networks;
mod otp;
mod passwords;
mod refresh;
mod register;
mod rules;
pub mod security;
mod session_check;
mod sessions;

pub use accounts::{UserChange, delete_me, delete_user, update_user};
pub use admins::{FirstAdmin, create_admin, create_demo_admin};
pub use codes::with_min_duration;
pub use email::{change_email, confirm_email_change};
pub use emails::AccountEmail;
pub use invitations::{Invitation, invite_user};
pub use login::{Credentials, check_google_rate_limit, check_rate_limit, login, reauthenticate};
pub use passwords::{change_password, forgot_password, reset_password};
pub use refresh::refresh;
pub use register::{Registration, forget_registration, register, resend_otp, verify_email};
pub use rules::MAX_PASSWORD;
pub use session_check::{lock_admin_shared, lock_shared, recheck_admin};
pub use sessions::{
    Tokens, authenticate, delete_expired, end_other_sessions, list_sessions, lock_if_unchanged,
    logout, logout_all, open, revoke_session,
};
