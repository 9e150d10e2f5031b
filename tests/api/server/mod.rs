//! The server process: start, connections, load, shutdown, command line.

pub mod check;
mod closing;
mod command_line;
mod connection_limits;
mod connections;
mod containers;
mod documents;
mod environment;
mod health;
mod lifecycle;
mod overload;
mod reference;
mod rolling;
mod starting;
mod stopping;
