//! Values and rules without I/O.
//!
//! - [`client_info`]: address, user agent and refresh cookie of the client.
//! - [`clock`]: timestamps, and the clock they come from.
//! - [`email_address`]: valid email addresses, and when two are equal.
//! - [`error`]: the error of the application, and its codes.
//! - [`id`]: typed ids: `prod_...`, `user_...`.
//! - [`lookup`]: arguments that name one thing by id or slug.
//! - [`money`]: amounts in minor units, decimals, currencies.
//! - [`pagination`]: Relay connections over keyset cursors.
//! - [`patch`]: fields of an update: keep, clear or set.
//! - [`range`]: ranges of filters, both ends included.
//! - [`retry`]: failures that are temporary or permanent.
//! - [`secret`]: texts that neither logs nor errors show.
//! - [`slug`]: slugs, made from names or chosen.
//! - [`text`]: validation of texts, and keys to compare and sort them by.
//! - [`validation`]: collects the errors of an input's fields.
//! - [`viewer`]: the anonymous client, customer or admin behind a request.

pub mod client_info;
pub mod clock;
pub mod email_address;
pub mod error;
pub mod id;
pub mod lookup;
pub mod money;
pub mod pagination;
pub mod patch;
pub mod range;
pub mod retry;
pub mod secret;
pub mod slug;
pub mod text;
pub mod validation;
pub mod viewer;
