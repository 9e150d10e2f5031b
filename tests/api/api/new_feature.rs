//! The recipe of `docs/architecture.md`, "How to add a feature": the feature in `tests/new_feature` is added to a copy of the
//! sources, which must then compile.
//!
//! The copy is compiled into the folder of this build, with the same profile, so that the dependencies are there already.
//! Only metadata is emitted, as `cargo check` does, and no program is built, so nothing that other tests use is replaced.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Compiles the library to metadata only.
const WRAPPER: &str = r#"#!/bin/sh
case "$*" in
    *"--crate-name wares "*) emit=--emit=dep-info,metadata ;;
    *) exec "$@" ;;
esac
for argument; do
    shift
    case "$argument" in
        --emit=*) argument=$emit ;;
    esac
    set -- "$@" "$argument"
done
exec "$@"
"#;

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Changes a file; the text to replace must be there once.
fn edit(file: PathBuf, old: &str, new: &str) {
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(text.matches(old).count(), 1, "{old} in {}", file.display());
    fs::write(file, text.replace(old, new)).unwrap();
}

/// Copies the library, without the program, the tests and `bench`.
fn copy_sources(root: &Path, to: &Path) {
    _ = fs::remove_dir_all(to);
    fs::create_dir_all(to).unwrap();
    for folder in ["src", "migration"] {
        copy(&root.join(folder), &to.join(folder));
    }
    for file in ["Cargo.toml", "Cargo.lock"] {
        fs::copy(root.join(file), to.join(file)).unwrap();
    }
    fs::remove_file(to.join("src/main.rs")).unwrap();
    let manifest = to.join("Cargo.toml");
    edit(manifest.clone(), "\".\", \"bench\", ", "\".\", ");
    let program = "[[bin]]\nname = \"wares\"\npath = \"src/main.rs\"\ntest = false\n";
    edit(manifest.clone(), program, "");
    edit(manifest, "[lib]\ntest = false\n", "[lib]\n");
}

#[test]
#[ignore = "some dependencies are still compiled again, which takes minutes; run it by hand after a change of the recipe"]
fn a_feature_is_a_folder_a_migration_and_a_line_each_in_its_room_and_the_schema() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new_feature");
    copy_sources(root, &scratch);
    let feature = root.join("tests/new_feature");

    // 1. The table.
    let migration = scratch.join("migration/src");
    let name = "m29990101_001_reviews";
    fs::copy(
        feature.join("migration.rs"),
        migration.join(format!("{name}.rs")),
    )
    .unwrap();
    let list = migration.join("lib.rs");
    let end = "        ]\n    }\n}\n";
    let declared = "\n/// All migrations, oldest first.";
    edit(list.clone(), declared, &format!("mod {name};\n{declared}"));
    let added = format!("            Box::new({name}::Migration),\n{end}");
    edit(list, end, &added);
    // 2. The feature, and a line in its room.
    copy(&feature.join("review"), &scratch.join("src/catalog/review"));
    let line = "pub mod search;\n";
    let lines = format!("pub mod review;\n{line}");
    edit(scratch.join("src/catalog/mod.rs"), line, &lines);
    // 3. A line in the schema.
    let line = "    catalog::shop: query(ShopQuery);\n";
    let new = "    catalog::review: query(ReviewQuery) mutation(ReviewMutation) node(Review) background(register);\n";
    let schema = scratch.join("src/api/schema.rs");
    edit(schema, line, &format!("{new}{line}"));

    let wrapper = scratch.join("rustc");
    fs::write(&wrapper, WRAPPER).unwrap();
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)).unwrap();
    // `target/debug/deps/api-...`
    let test = std::env::current_exe().unwrap();
    let target = test.ancestors().nth(3).unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["test", "--lib", "--no-run", "--offline"])
        .args(["--color", "never", "--target-dir"])
        .arg(target)
        .current_dir(&scratch)
        .env("RUSTC_WORKSPACE_WRAPPER", &wrapper)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    assert!(!errors.contains("warning"), "{errors}");
}
