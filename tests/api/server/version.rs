//! `wares --version`: the version and the commit.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::Process;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Runs a program in a folder, and returns its output without the line end.
fn output(folder: &Path, program: &str, arguments: &[&dyn AsRef<OsStr>]) -> String {
    let mut command = Command::new(program);
    command.current_dir(folder).args(arguments);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout)
        .unwrap()
        .trim_end()
        .to_owned()
}

fn git(folder: &Path, arguments: &[&dyn AsRef<OsStr>]) -> String {
    let identity: [&dyn AsRef<OsStr>; 4] = [&"-c", &"user.name=Ann", &"-c", &"user.email=ann@shop"];
    output(folder, "git", &[&identity, arguments].concat())
}

/// Returns the commit that is checked out, as the version shows it.
fn commit(folder: &Path) -> String {
    let commit = git(folder, &[&"log", &"-1", &"--abbrev=7", &"--format=%h %cs"]);
    format!("{VERSION} ({commit})")
}

#[test]
fn the_version_of_the_program_names_the_commit() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let given = option_env!("WARES_COMMIT").filter(|commit| !commit.is_empty());
    let expected = match given {
        Some(commit) => format!("{VERSION} ({commit})"),
        None if root.join(".git").exists() => commit(root),
        None => VERSION.to_owned(),
    };
    let output = Process::run(root, &["--version"]);
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(printed, format!("wares {expected}\n"));
}

/// A program that prints its version, compiled by hand.
struct Program {
    /// The macro.
    library: PathBuf,
    source: PathBuf,
}

impl Program {
    fn new(folder: &Path) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let sources = root.join("packaging/build_version/src/lib.rs");
        let library = folder.join("libbuild_version.so");
        let source = folder.join("main.rs");
        let main = "fn main() { println!(\"{}\", build_version::build_version!()); }";
        std::fs::write(&source, main).unwrap();
        let kind = [
            "--edition=2024",
            "--crate-type=proc-macro",
            "--extern=proc_macro",
        ];
        let [edition, kind, external] = kind;
        let crate_name = "--crate-name=build_version";
        output(
            folder,
            "rustc",
            &[
                &edition,
                &kind,
                &external,
                &crate_name,
                &"-o",
                &library,
                &sources,
            ],
        );
        Self { library, source }
    }

    /// Compiles the program as a package in `folder`. Returns the version, and the files that it depends on.
    fn version(&self, folder: &Path, commit: Option<&str>) -> (String, String) {
        let program = self.source.with_file_name("program");
        let dependencies = self.source.with_file_name("dependencies");
        let mut rustc = Command::new("rustc");
        rustc
            .arg("--edition=2024")
            .arg("--extern")
            .arg(format!("build_version={}", self.library.display()))
            .arg(format!("--emit=link={}", program.display()))
            .arg(format!("--emit=dep-info={}", dependencies.display()))
            .arg(&self.source)
            .env("CARGO_MANIFEST_DIR", folder)
            .env("CARGO_PKG_VERSION", VERSION)
            .env_remove("WARES_COMMIT");
        if let Some(commit) = commit {
            rustc.env("WARES_COMMIT", commit);
        }
        let compiled = rustc.output().unwrap();
        assert!(compiled.status.success(), "{compiled:?}");
        let version = output(folder, program.to_str().unwrap(), &[]);
        (version, std::fs::read_to_string(dependencies).unwrap())
    }
}

#[test]
fn the_version_is_that_of_a_checkout_a_worktree_or_a_variable() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().canonicalize().unwrap();
    let program = Program::new(&folder);
    let repository = folder.join("repository");
    std::fs::create_dir(&repository).unwrap();
    // Sources without a repository.
    let plain = program.version(&repository, None);
    assert_eq!(plain.0, VERSION);
    let given = program.version(&repository, Some("1a2b3c4 2026-11-29"));
    assert_eq!(given.0, format!("{VERSION} (1a2b3c4 2026-11-29)"));
    // Changes of the variable cause a rebuild.
    assert!(given.1.contains("env-dep:WARES_COMMIT"), "{}", given.1);

    git(&repository, &[&"init", &"--quiet"]);
    assert_eq!(program.version(&repository, None).0, VERSION);
    let commit_empty = |folder: &Path| {
        let message: [&dyn AsRef<OsStr>; 4] = [&"commit", &"--quiet", &"--allow-empty", &"-mtext"];
        git(folder, &message);
    };
    commit_empty(&repository);
    let worktree = folder.join("worktree");
    git(&repository, &[&"worktree", &"add", &"-q", &worktree]);
    commit_empty(&worktree);
    for checkout in [&repository, &worktree] {
        let (version, dependencies) = program.version(checkout, None);
        assert_eq!(version, commit(checkout));
        // A commit causes a rebuild.
        let log = git(checkout, &[&"rev-parse", &"--git-path", &"logs/HEAD"]);
        let log = checkout.join(log).display().to_string();
        assert!(dependencies.contains(&log), "{log}: {dependencies}");
    }
    // A folder in the repository of another project.
    let inner = repository.join("inner");
    std::fs::create_dir(&inner).unwrap();
    assert_eq!(program.version(&inner, None).0, VERSION);
}
