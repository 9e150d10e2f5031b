//! The program. Only the allocator is here: code in this file is compiled after that of the library.

use std::process::ExitCode;

/// Returns freed memory to the operating system; the C library's allocator retains much of it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    disable_huge_pages();
    wares::cli::main(build_version::build_version!())
}

/// Excludes the process from transparent huge pages. The allocator spreads its blocks, so that most of each 2 MiB would be
/// unused.
#[cfg(target_os = "linux")]
fn disable_huge_pages() {
    // A failure is not reported: the process only takes more memory.
    _ = rustix::thread::disable_transparent_huge_pages(true);
}

#[cfg(not(target_os = "linux"))]
fn disable_huge_pages() {}
