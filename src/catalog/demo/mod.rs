//! The demo shop: what an empty development shop is filled with, so that the first query shows something.
//!
//! [`catalogue`] is the data, [`service`] makes rows of it. What stands in for photographs is drawn afterwards and goes
//! into the store.

pub mod catalogue;
mod painter;
mod pictures;
pub mod service;
