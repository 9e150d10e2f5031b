//! The command line of Wares.

mod cli;

use std::process::ExitCode;

/// Memory that was freed goes back to the system; with the C library's allocator much of it stays.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::main()
}
