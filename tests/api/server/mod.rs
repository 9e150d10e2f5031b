//! The server process: start, connections, load, shutdown, command line.

pub mod check;
mod closing;
mod command_line;
mod connection_limits;
mod connections;
mod containers;
mod environment;
mod health;
mod lifecycle;
mod overload;
mod rolling;
mod starting;
mod stopping;
