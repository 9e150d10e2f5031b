//! Tokens: the JWT that says who asks, and the token that gets the next one.

pub mod access;
pub mod device;
pub mod refresh;
