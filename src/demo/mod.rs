//! The demo shop: what an empty development shop is filled with, so that the first query shows something.
//!
//! [`catalogue`] is the data, [`picture`] draws what stands in for photographs, [`service`] makes rows of both.

pub mod catalogue;
mod painter;
mod pictures;
pub mod service;
