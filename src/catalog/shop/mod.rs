//! The shop itself: its name, its currency, and the limits that forms check before they send anything.

pub mod graphql;
