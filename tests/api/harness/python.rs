//! Programs and libraries from the Python package index.

use std::path::PathBuf;
use std::process::Command;

use super::external_server::{install_once, run};

const ADVICE: &str = "The tests need Python 3 with venv and pip (Debian: python3-venv), for an S3 server and an example.";

/// Returns the folder of a virtual environment with a package, such as `moto[server]==5.2.5`. Creates it once.
pub fn python_environment(package: &str) -> PathBuf {
    let (name, version) = package.split_once("==").unwrap();
    let name = name.split('[').next().unwrap();
    install_once(&format!("{name}-{version}"), |folder| {
        run(
            Command::new("python3").args(["-m", "venv"]).arg(folder),
            ADVICE,
        );
        let mut pip = Command::new(folder.join("bin/python"));
        pip.args(["-m", "pip", "install", "--quiet"]);
        pip.args(["--disable-pip-version-check", package]);
        run(&mut pip, ADVICE);
    })
}
