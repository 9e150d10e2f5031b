//! Values and rules without I/O.
//!
//! - [`client_info`]: address, user agent and cookies of the client.
//! - [`clock`]: timestamps and the clock.
//! - [`country`]: country codes.
//! - [`email_address`]: validation and equality of email addresses.
//! - [`error`]: the error of the application, and its codes.
//! - [`html`]: HTML of descriptions, sanitized and as plain text.
//! - [`id`]: typed ids: `prod_...`, `user_...`.
//! - [`lookup`]: arguments that identify an object by id or slug.
//! - [`money`]: amounts in minor units, decimals, currencies, shares.
//! - [`pagination`]: Relay connections over keyset cursors.
//! - [`parallel`]: computations that several threads share.
//! - [`patch`]: fields of an update: keep, clear or set.
//! - [`phone_number`]: validation of phone numbers.
//! - [`postal_address`]: postal addresses, checked by the rules of their country.
//! - [`pricing`]: the prices, discounts and taxes of an order.
//! - [`range`]: inclusive ranges of filters.
//! - [`retry`]: temporary and permanent failures.
//! - [`secret`]: strings that are redacted in logs and errors.
//! - [`slug`]: slugs, generated from names or chosen.
//! - [`stock`]: stock levels for display.
//! - [`text`]: validation of texts; keys for comparison and sorting.
//! - [`validation`]: collects the errors of an input's fields.
//! - [`viewer`]: the anonymous client, customer or admin behind a request.

pub mod client_info;
pub mod clock;
pub mod country;
pub mod date;
pub mod email_address;
pub mod error;
pub mod html;
pub mod id;
pub mod language;
pub mod lookup;
pub mod money;
pub mod pagination;
pub mod parallel;
pub mod patch;
pub mod phone_number;
pub mod postal_address;
pub mod pricing;
pub mod range;
pub mod retry;
pub mod secret;
pub mod slug;
pub mod stock;
pub mod text;
pub mod validation;
pub mod viewer;
