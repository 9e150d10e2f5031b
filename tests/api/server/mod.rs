//! The server process: start, connections, load, shutdown, command line.

pub mod check;
mod client_examples;
mod command_line;
mod connection_limits;
mod connections;
mod containers;
mod documents;
mod early_responses;
mod environment;
mod health;
mod lifecycle;
mod listener_shutdown;
mod memory;
mod overload;
mod payments_guide;
mod reference;
mod rolling_restart;
mod startup;
mod storefront;
mod version;
