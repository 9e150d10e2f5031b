//! Access tokens, refresh tokens and device tokens.

pub mod access;
pub mod device;
pub mod refresh;
