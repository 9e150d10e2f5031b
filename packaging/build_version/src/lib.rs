//! The version of a program with the commit it was built from.
//!
//! A macro rather than a build script: a commit recompiles only the crate that calls it, not the whole package.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use proc_macro::TokenStream;

/// Expands to the version of the calling package, such as `"0.2.0 (1a2b3c4 2026-11-29)"`.
///
/// The part in parentheses is the variable `WARES_COMMIT` of the build, for builds without a repository. Default: the
/// commit that is checked out, or nothing without one.
#[proc_macro]
pub fn build_version(_: TokenStream) -> TokenStream {
    let variable = |name| std::env::var(name).unwrap_or_default();
    let package = variable("CARGO_MANIFEST_DIR");
    let mut version = variable("CARGO_PKG_VERSION");
    // Makes the compiler repeat the expansion when the variable or one of the files changes.
    let mut tracked = "option_env!(\"WARES_COMMIT\");".to_owned();
    let mut commit = variable("WARES_COMMIT");
    let package = Path::new(&package);
    // A repository above the package is another project's.
    if commit.is_empty() && package.join(".git").exists() {
        commit = git(package, &["log", "-1", "--abbrev=7", "--format=%h %cs"]);
        let branch = git(package, &["symbolic-ref", "--quiet", "HEAD"]);
        for name in ["HEAD", "logs/HEAD", &branch] {
            let file = package.join(git(package, &["rev-parse", "--git-path", name]));
            if !name.is_empty() && file.is_file() {
                let file = file.to_string_lossy();
                _ = write!(tracked, "include_bytes!({file:?});");
            }
        }
    }
    if !commit.is_empty() {
        _ = write!(version, " ({commit})");
    }
    let code = format!("{{ const _: () = {{ {tracked} }}; {version:?} }}");
    code.parse().unwrap_or_default()
}

/// Returns the output of git, or nothing if it fails.
fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .output();
    let output = output.ok().filter(|output| output.status.success());
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    text.unwrap_or_default()
}
