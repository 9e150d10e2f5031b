//! The baseline: a server written by hand on the same libraries, without GraphQL, validation and limits. It answers
//! reads with one statement, stores what Wares stores, and serves fixed bytes from memory.

mod accounts;
mod database;
mod orders;
mod products;
mod reads;
mod server;

pub use accounts::hash;
pub use orders::COUNTRY;
pub use reads::encode;
pub use server::{ByHand, run};
