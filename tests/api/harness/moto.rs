//! The S3 server moto from the Python package index, started once per test run.

use super::external_server::{ExternalServer, free_port};
use super::python::python_environment;

const PACKAGE: &str = "moto[server]==5.2.5";

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
        let program = python_environment(PACKAGE).join("bin/moto_server");
        let port = free_port();
        let number = port.to_string();
        let command = [program.to_str().unwrap(), "-H", "127.0.0.1", "-p", &number];
        Self {
            endpoint: format!("http://127.0.0.1:{port}"),
            _server: ExternalServer::start("moto", port, &command),
        }
    }
}
