//! The command line of Wares.

mod cli;

use std::process::ExitCode;

/// Returns freed memory to the operating system; the C library's allocator retains much of it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::main(build_version::build_version!())
}
