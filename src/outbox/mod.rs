//! The outbox: letters are written down in the transaction of what they tell of and sent afterwards, again and again
//! until they leave or are out of date. Any server on the database sends; a letter that one has taken comes back to the
//! others when that one dies.

pub mod entity;
pub mod repository;
pub mod service;
