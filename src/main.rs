//! The program. Only the allocator is here: code in this file is compiled after that of the library.

use std::process::ExitCode;

/// Returns freed memory to the operating system; the C library's allocator retains much of it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    wares::cli::main()
}
