//! The dependencies of the program and of the tests.

use std::collections::BTreeSet;
use std::process::Command;

/// Returns the dependencies with their features, a line each.
fn dependencies(kinds: &str) -> BTreeSet<String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["tree", "--locked", "--offline", "--prefix", "none"])
        .args(["--edges", kinds, "--format", "{p} {f}"])
        .output()
        .unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{errors}");
    let lines = String::from_utf8(output.stdout).unwrap();
    lines
        .lines()
        .map(|line| line.trim_end_matches(" (*)").to_owned())
        .collect()
}

#[test]
fn tests_add_no_feature_to_a_dependency_of_the_program() {
    let program = dependencies("normal,build");
    let tests = dependencies("normal,build,dev");
    assert!(program.len() > 100, "{program:?}");
    let compiled_again: Vec<&String> = program.difference(&tests).collect();
    assert!(compiled_again.is_empty(), "{compiled_again:#?}");
}

#[test]
fn no_dependency_is_compiled_with_two_sets_of_features() {
    let mut packages = BTreeSet::new();
    for line in dependencies("normal,build,dev") {
        let package: Vec<&str> = line.split(' ').take(2).collect();
        assert!(packages.insert(package.join(" ")), "{line}");
    }
}
