//! The S3 server moto from the Python package index, started once per test run.

use std::path::PathBuf;
use std::process::Command;

use super::external_server::{ExternalServer, free_port, install_once, run};

const VERSION: &str = "moto[server]==5.2.5";
const ADVICE: &str =
    "The tests need Python 3 with venv and pip (Debian: python3-venv), for an S3 server.";

/// The server of this test run. It stops with the process.
#[derive(Debug)]
pub struct Moto {
    /// Its URL, such as `http://127.0.0.1:5000`.
    pub endpoint: String,
    _server: ExternalServer,
}

impl Moto {
    /// Starts the server on a free loopback port. Installs it first if necessary.
    ///
    /// # Panics
    ///
    /// If the server cannot be installed or started.
    pub fn start() -> Self {
        let program = install_moto();
        let port = free_port();
        let number = port.to_string();
        let command = [program.to_str().unwrap(), "-H", "127.0.0.1", "-p", &number];
        Self {
            endpoint: format!("http://127.0.0.1:{port}"),
            _server: ExternalServer::start("moto", port, &command),
        }
    }
}

/// Installs moto if necessary, and returns the path of `moto_server`.
fn install_moto() -> PathBuf {
    let version = VERSION.rsplit('=').next().unwrap();
    let folder = install_once(&format!("moto-{version}"), |folder| {
        run(
            Command::new("python3").args(["-m", "venv"]).arg(folder),
            ADVICE,
        );
        let mut pip = Command::new(folder.join("bin/python"));
        pip.args(["-m", "pip", "install", "--quiet"]);
        pip.args(["--disable-pip-version-check", VERSION]);
        run(&mut pip, ADVICE);
    });
    folder.join("bin/moto_server")
}
