//! A PostgreSQL primary and a streaming replica, which can change roles.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::postgres::{
    accepts, find_server, free_port, is_root, random_hex, temporary_base, unprivileged_user,
};

const TIMEOUT: Duration = Duration::from_secs(30);
const USER: &str = "wares";
/// Runs the server until stdin is closed, which the system does when the test process ends.
const WATCHDOG: &str = r#"
exec 3<&0
"$@" </dev/null >>log 2>&1 3<&- &
running=$!
{
    read -r _ <&3
    kill -INT "$running"
    sleep 10
    kill -KILL "$running"
} 2>/dev/null &
watching=$!
wait "$running"
kill "$watching" 2>/dev/null
"#;

/// Two servers. They stop on drop, or with the test process.
pub struct PostgresCluster {
    bin: PathBuf,
    folder: PathBuf,
    ports: [u16; 2],
    running: [Option<Child>; 2],
}

impl PostgresCluster {
    /// Starts a primary, the server 0, and a replica, the server 1.
    pub fn start() -> Self {
        let folder = temporary_base(is_root()).join(format!("wares-test-cluster-{}", random_hex()));
        let mut cluster = Self {
            bin: find_server(),
            folder,
            ports: [free_port(), free_port()],
            running: [None, None],
        };
        let [first, second] = [0, 1].map(|server| cluster.server_folder(server));
        for folder in [&cluster.folder, &first, &second] {
            DirBuilder::new().mode(0o700).create(folder).unwrap();
            if is_root() {
                let (user, group) = unprivileged_user();
                chown(folder, Some(user), Some(group)).unwrap();
            }
        }
        let arguments = format!(
            "--pgdata=data --username={USER} --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync --no-instructions"
        );
        cluster.run("initdb", &first, &arguments);
        cluster.start_server(0);
        let arguments = format!(
            "--pgdata=data --host=127.0.0.1 --port={} --username={USER} --write-recovery-conf --checkpoint=fast --no-sync",
            cluster.ports[0]
        );
        cluster.run("pg_basebackup", &second, &arguments);
        cluster.start_server(1);
        cluster
    }

    /// Returns the host and the port of a server.
    pub fn address(&self, server: usize) -> String {
        format!("127.0.0.1:{}", self.ports[server])
    }

    /// Returns the URL of the servers at these addresses.
    pub fn url(addresses: &[String]) -> String {
        format!("postgres://{USER}:unused@{}/postgres", addresses.join(","))
    }

    /// Stops the primary, promotes the replica, and starts the former primary as its replica.
    pub async fn switch_over(&mut self, primary: usize) {
        let replica = 1 - primary;
        self.stop_server(primary);
        self.query(replica, "SELECT pg_promote()::integer").await;
        let data = self.server_folder(primary).join("data");
        let signal = data.join("standby.signal");
        fs::write(&signal, "").unwrap();
        if is_root() {
            let (user, group) = unprivileged_user();
            chown(&signal, Some(user), Some(group)).unwrap();
        }
        let mut settings = OpenOptions::new();
        let mut settings = settings
            .append(true)
            .open(data.join("postgresql.auto.conf"))
            .unwrap();
        let port = self.ports[replica];
        writeln!(
            settings,
            "primary_conninfo = 'host=127.0.0.1 port={port} user={USER}'"
        )
        .unwrap();
        self.start_server(primary);
    }

    /// Returns the number that a query returns on a server.
    pub async fn query(&self, server: usize, sql: &str) -> i32 {
        let url = Self::url(&[self.address(server)]);
        let connection = sea_orm::Database::connect(url).await.unwrap();
        let sql = Statement::from_string(DbBackend::Postgres, sql);
        let row = connection.query_one_raw(sql).await.unwrap().unwrap();
        connection.close().await.unwrap();
        row.try_get_by_index(0).unwrap()
    }

    fn server_folder(&self, server: usize) -> PathBuf {
        self.folder.join(server.to_string())
    }

    /// Starts a server that was stopped.
    pub fn start_server(&mut self, server: usize) {
        let folder = self.server_folder(server);
        let port = self.ports[server];
        let mut command = self.command("sh", &folder);
        command
            .args(["-c", WATCHDOG, "postgres-watchdog"])
            .arg(self.bin.join("postgres"))
            .args(["-D", "data", "-c", &format!("port={port}")]);
        for setting in [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "fsync=off",
            "full_page_writes=off",
            "shared_buffers=32MB",
            "wal_level=replica",
            "wal_keep_size=64MB",
            "jit=off",
        ] {
            command.args(["-c", setting]);
        }
        let started = command.stdin(Stdio::piped()).spawn().unwrap();
        self.running[server] = Some(started);
        let started_at = Instant::now();
        while !accepts(&folder, port) {
            let log = || fs::read_to_string(folder.join("log")).unwrap_or_default();
            assert!(started_at.elapsed() < TIMEOUT, "{}", log());
            sleep(Duration::from_millis(20));
        }
    }

    /// Stops a server.
    pub fn stop_server(&mut self, server: usize) {
        if let Some(mut running) = self.running[server].take() {
            drop(running.stdin.take());
            running.wait().unwrap();
        }
    }

    fn run(&self, program: &str, folder: &Path, arguments: &str) {
        let program = self.bin.join(program);
        let mut command = self.command(program.to_str().unwrap(), folder);
        let output = command.args(arguments.split(' ')).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }

    fn command(&self, program: &str, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(folder)
            .env("LC_ALL", "C")
            .env("HOME", &self.folder)
            // Ctrl+C in the terminal must not stop it before the tests do.
            .process_group(0)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if is_root() {
            let (user, group) = unprivileged_user();
            command.uid(user).gid(group);
        }
        command
    }
}

impl Drop for PostgresCluster {
    fn drop(&mut self) {
        for server in [1, 0] {
            self.stop_server(server);
        }
        _ = fs::remove_dir_all(&self.folder);
    }
}
