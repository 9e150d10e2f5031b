//! `examples/storefront`: its generated files, and its production build in a browser.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sha2::{Digest, Sha256};

use crate::harness::{PASSWORD, Process, install_once, run};

const LOCK: &str = include_str!("../../../examples/storefront/package-lock.json");
const PROGRAMS: &str = "The storefront's test needs Chromium and Node.js 20.19 or later with npm.";
const ADMIN: &str = "boss@example.com";

/// Returns the path of a file in the repository.
fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Returns a command of npm that runs a script of the storefront.
fn script(folder: &Path, name: &str) -> Command {
    let mut command = Command::new("npm");
    command.args(["run", "--silent", name]).current_dir(folder);
    command
}

/// Copies the storefront to this folder, with its packages.
fn install(folder: &Path) {
    run(
        Command::new(repository("tests/programs.sh")).args(["node", "npm", "chromium"]),
        PROGRAMS,
    );
    let example = repository("examples/storefront");
    let lock = Sha256::digest(LOCK);
    let name = format!("storefront-{:02x}{:02x}{:02x}", lock[0], lock[1], lock[2]);
    let packages = install_once(&name, |packages| {
        for file in ["package.json", "package-lock.json"] {
            fs::copy(example.join(file), packages.join(file)).unwrap();
        }
        let mut npm = Command::new("npm");
        npm.args(["ci", "--no-audit", "--no-fund", "--prefer-offline"]);
        run(npm.current_dir(packages), PROGRAMS);
    });
    for entry in fs::read_dir(&example).unwrap() {
        let name = entry.unwrap().file_name();
        if name != "node_modules" && name != "dist" {
            copy(&example.join(&name), &folder.join(&name));
        }
    }
    let link = folder.join("node_modules");
    std::os::unix::fs::symlink(packages.join("node_modules"), link).unwrap();
}

/// Copies a file or a folder.
fn copy(from: &Path, to: &Path) {
    if from.is_file() {
        fs::copy(from, to).unwrap();
        return;
    }
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let name = entry.unwrap().file_name();
        copy(&from.join(&name), &to.join(&name));
    }
}

/// Fails if the generated files are not those of the schema and the documents.
fn assert_generated_files_are_current(folder: &Path) {
    let generated = folder.join("src/graphql");
    fs::remove_dir_all(&generated).unwrap();
    let mut codegen = script(folder, "codegen");
    codegen.env("SCHEMA", repository("schema.graphql"));
    run(&mut codegen, "The code generator of the storefront failed.");
    let committed = repository("examples/storefront/src/graphql");
    let names = |folder: &Path| {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(names(&generated), names(&committed));
    for name in names(&generated) {
        let is_current =
            fs::read(generated.join(&name)).unwrap() == fs::read(committed.join(&name)).unwrap();
        assert!(
            is_current,
            "{} is out of date: run `npm run codegen` in examples/storefront",
            name.display()
        );
    }
}

#[tokio::test]
async fn storefront_works_in_a_browser() {
    let storefront = tempfile::tempdir().unwrap();
    let folder = storefront.path();
    install(folder);
    assert_generated_files_are_current(folder);
    run(
        &mut script(folder, "build"),
        "The storefront can't be built.",
    );

    let shop = tempfile::tempdir().unwrap();
    let server = Process::serve(shop.path(), &[]);
    create_admin(shop.path());
    let mut test = script(folder, "test");
    test.env("WARES_URL", format!("http://{}", server.address))
        .env("MAIL_FOLDER", shop.path().join("data/mail"))
        .env("ADMIN_EMAIL", ADMIN)
        .env("ADMIN_PASSWORD", PASSWORD);
    run(&mut test, "The storefront failed in the browser.");
}

fn create_admin(folder: &Path) {
    let mut command = Process::command(folder, &["admin", "create", "--email", ADMIN]);
    let mut admin = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut password = admin.stdin.take().unwrap();
    password.write_all(PASSWORD.as_bytes()).unwrap();
    drop(password);
    assert!(admin.wait().unwrap().success());
}

#[test]
fn lock_file_names_no_registry() {
    assert!(
        !LOCK.contains("\"resolved\""),
        "set omit-lockfile-registry-resolved in npm"
    );
}
