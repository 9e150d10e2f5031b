//! Checks of the stored data: sums that are stored are calculated again and compared. Reads only, for `wares verify`.

pub mod repository;
pub mod service;
