//! Programs and libraries from the Python package index.

use std::path::PathBuf;
use std::process::Command;

use super::external_server::{install_once, run};

const ADVICE: &str =
    "The tests need Python 3 with venv and pip (Debian: python3-venv), for servers and an example.";

/// Returns the folder of a virtual environment with these packages, such as `moto[server]==5.2.5`, separated by white
/// space. Creates it once.
pub fn python_environment(packages: &str) -> PathBuf {
    let names = packages.split_whitespace().map(|package| {
        let (name, version) = package.split_once("==").unwrap();
        let name = name.split('[').next().unwrap();
        format!("{name}-{version}")
    });
    let names: Vec<_> = names.collect();
    install_once(&names.join("-"), |folder| {
        run(
            Command::new("python3").args(["-m", "venv"]).arg(folder),
            ADVICE,
        );
        let mut pip = Command::new(folder.join("bin/python"));
        pip.args(["-m", "pip", "install", "--quiet"]);
        pip.arg("--disable-pip-version-check");
        pip.args(packages.split_whitespace());
        run(&mut pip, ADVICE);
    })
}
