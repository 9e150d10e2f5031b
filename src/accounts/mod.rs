//! Accounts of customers and admins.
//!
//! - [`address`]: address books.
//! - [`auth`]: registration, sign-in with a password, sessions, one-time codes, recovery.
//! - [`avatar`]: the image of a user.
//! - [`identity`]: sign-in with Google.
//! - [`token`]: access tokens and refresh tokens.
//! - [`user`]: the users, and what admins change about them.

pub mod address;
pub mod auth;
pub mod avatar;
pub mod identity;
pub mod token;
pub mod user;
