//! `PgBouncer` in front of the PostgreSQL server of the test run.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;
use url::Url;
use wares::infra::database::Address;

use super::external_server::{ExternalServer, free_port, run};

const ADVICE: &str = "The tests need PgBouncer.";

/// The value of `pool_mode`: how server connections are assigned to clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Session,
    Transaction,
}

/// A connection pooler. It stops on drop.
#[derive(Debug)]
pub struct PgBouncer {
    /// The address of the database through the pooler.
    pub address: Address,
    _server: ExternalServer,
    _folder: TempDir,
}

impl PgBouncer {
    /// Starts a pooler for this database. `settings` are additional lines of its configuration.
    pub fn before(database: &Address, mode: Mode, settings: &str) -> Self {
        let Address::Postgres(url) = database else {
            panic!("the database is not PostgreSQL");
        };
        let mut url = Url::parse(url.expose()).unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs.sh");
        run(Command::new(script).arg("pgbouncer"), ADVICE);
        let port = free_port();
        // It drops the privileges of root before it reads its files.
        let folder = tempfile::tempdir_in("/tmp").unwrap();
        let set_mode = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode));
        set_mode(folder.path(), 0o755).unwrap();
        let users = folder.path().join("users.txt");
        let password = url.password().unwrap();
        fs::write(&users, format!("\"{}\" \"{password}\"\n", url.username())).unwrap();
        set_mode(&users, 0o644).unwrap();
        let mode = match mode {
            Mode::Session => "session",
            Mode::Transaction => "transaction",
        };
        let (server, users) = (url.port().unwrap(), users.display());
        // Round robin: consecutive transactions of a client use different server connections if there are
        // several.
        let text = format!(
            "[databases]\n* = host=127.0.0.1 port={server}\n[pgbouncer]\nlisten_addr=127.0.0.1\nlisten_port={port}\n\
             unix_socket_dir=\nauth_type=trust\nauth_file={users}\npool_mode={mode}\ndefault_pool_size=20\n\
             server_round_robin=1\n{settings}\n"
        );
        let file = folder.path().join("pgbouncer.ini");
        fs::write(&file, text).unwrap();
        set_mode(&file, 0o644).unwrap();
        let command = format!(
            "PATH=\"$PATH:/usr/sbin\"; if [ $(id -u) = 0 ]; then set -- -u nobody; fi; exec pgbouncer \"$@\" {}",
            file.display()
        );
        let server = ExternalServer::start("pgbouncer", port, &["sh", "-c", &command, "pgbouncer"]);
        url.set_port(Some(port)).unwrap();
        Self {
            address: Address::Postgres(url.to_string().into()),
            _server: server,
            _folder: folder,
        }
    }
}
