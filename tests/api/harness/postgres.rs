//! The PostgreSQL server of a test run.

use std::fs::{self, DirBuilder, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const USER: &str = "wares";
const START_LIMIT: Duration = Duration::from_mins(1);

/// Runs the server in the folder `$1` until it exits or stdin is closed, and then deletes the folder.
///
/// The tests hold the other end of stdin, which the system closes when their process ends. A destructor would not
/// run: statics are not dropped, and a killed process runs no code.
const WATCHDOG: &str = r#"
folder=$1 bin=$2 port=$3 user=$4
exec 3<&0

run() {
    "$@" </dev/null >>"$folder/log" 2>&1 3<&- &
    running=$!
    # Again and again, because a program that has just started does not heed the signal yet.
    {
        read -r _ <&3
        for _ in $(seq 50); do
            kill -QUIT "$running" || exit
            sleep 0.1
        done
        kill -KILL "$running"
    } 2>/dev/null &
    watching=$!
    wait "$running"
    ended=$?
    kill "$watching" 2>/dev/null
    return "$ended"
}

# Production databases seldom sort by bytes, and the order of what the API lists must not depend on
# how they do sort: hence the collation.
run "$bin/initdb" --pgdata="$folder/data" --username="$user" --pwfile="$folder/password" \
    --auth=password --encoding=UTF8 --locale=C.UTF-8 --lc-messages=C \
    --locale-provider=icu --icu-locale=en-US --no-sync --no-instructions &&
run "$bin/postgres" -D "$folder/data" -c listen_addresses=127.0.0.1 -c port="$port" \
    -c unix_socket_directories= -c max_connections=200 -c shared_buffers=64MB \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c wal_level=minimal \
    -c max_wal_senders=0 -c autovacuum=off -c jit=off -c random_page_cost=1.1

tail -n 20 "$folder/log"
rm -rf "$folder" || { sleep 1; rm -rf "$folder"; }
"#;

/// The PostgreSQL server of a test run. It stops on drop, or with the test process.
#[derive(Debug)]
pub struct Postgres {
    /// The URL without the name of the database.
    address: String,
    /// None if the server was not started by the tests.
    watchdog: Option<Child>,
}

impl Postgres {
    /// Starts a server on a free loopback port, or uses the one that `WARES_TEST_POSTGRES_URL`
    /// names (`postgres://user:password@host:port`).
    ///
    /// # Panics
    ///
    /// If no server can be started or reached.
    pub fn start() -> Self {
        match std::env::var("WARES_TEST_POSTGRES_URL") {
            Ok(address) if !address.is_empty() => Self::connect_existing(&address),
            _ => Self::start_own(),
        }
    }

    /// Returns the URL of a database.
    pub fn url(&self, database: &str) -> String {
        format!("{}/{database}", self.address)
    }

    fn connect_existing(address: &str) -> Self {
        let address = address.trim_end_matches('/');
        let server = address
            .strip_prefix("postgres://")
            .or_else(|| address.strip_prefix("postgresql://"))
            .filter(|rest| !rest.contains(['/', '?', '#']))
            .unwrap_or_else(|| {
                panic!(
                    "WARES_TEST_POSTGRES_URL is not of the form postgres://user:password@host:port."
                )
            });
        let host = server.rsplit('@').next().unwrap_or(server);
        if let Err(error) = TcpStream::connect(host) {
            panic!(
                "No PostgreSQL server answers at {host}, which WARES_TEST_POSTGRES_URL names: {error}."
            );
        }
        Self {
            address: address.to_owned(),
            watchdog: None,
        }
    }

    fn start_own() -> Self {
        let bin = find_server();
        // Another process may take the port before the server listens.
        for _ in 0..5 {
            match Self::start_at(&bin, free_port()) {
                Ok(postgres) => return postgres,
                Err(log) if log.contains("could not create any TCP/IP sockets") => {}
                Err(log) => panic!(
                    "The PostgreSQL server for the tests did not start; its log ends:\n{log}"
                ),
            }
        }
        panic!("The PostgreSQL server for the tests found no free port in five attempts.");
    }

    /// Returns the end of the server's log on failure.
    fn start_at(bin: &Path, port: u16) -> Result<Self, String> {
        let as_root = is_root();
        let password = random_hex();
        let folder = temporary_base(as_root).join(format!("wares-test-postgres-{}", random_hex()));
        DirBuilder::new()
            .mode(0o700)
            .create(&folder)
            .unwrap_or_else(|error| panic!("{} cannot be created: {error}.", folder.display()));
        let password_file = folder.join("password");
        fs::write(&password_file, &password).expect("the folder is new");

        let mut command = Command::new("sh");
        command
            .args(["-c", WATCHDOG, "postgres-watchdog"])
            .args([folder.as_path(), bin])
            .args([&port.to_string(), USER])
            .current_dir("/")
            .env("LC_ALL", "C")
            // In its own process group, Ctrl+C in the terminal does not kill it before it has cleaned up.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        if as_root {
            // PostgreSQL refuses to run as root.
            let (user, group) = unprivileged_user();
            for path in [&folder, &password_file] {
                chown(path, Some(user), Some(group)).expect("root may give files away");
            }
            command.uid(user).gid(group);
        }
        let watchdog = command.spawn().expect("sh can be run");
        let mut postgres = Self {
            address: format!(
                "postgres://{USER}:{password}@{}:{port}",
                Ipv4Addr::LOCALHOST
            ),
            watchdog: Some(watchdog),
        };

        let started = Instant::now();
        while !accepts(&folder, port) {
            if postgres.has_ended() || started.elapsed() > START_LIMIT {
                return Err(postgres.stop());
            }
            sleep(Duration::from_millis(10));
        }
        Ok(postgres)
    }

    fn has_ended(&mut self) -> bool {
        self.watchdog
            .as_mut()
            .is_some_and(|watchdog| watchdog.try_wait().is_ok_and(|status| status.is_some()))
    }

    /// Stops the server and returns the end of its log.
    fn stop(&mut self) -> String {
        let mut log = String::new();
        if let Some(mut watchdog) = self.watchdog.take() {
            drop(watchdog.stdin.take());
            if let Some(mut stdout) = watchdog.stdout.take() {
                _ = stdout.read_to_string(&mut log);
            }
            _ = watchdog.wait();
        }
        log
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Returns the folder of the server's programs.
pub fn find_server() -> PathBuf {
    let mut finder = Command::new("sh")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/postgres.sh"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("sh can be run");
    let mut last_line = String::new();
    for line in BufReader::new(finder.stderr.take().expect("piped")).lines() {
        last_line = line.expect("tests/postgres.sh writes text");
        // Not `eprintln!`, whose output is shown only at the end of a test. A download takes time.
        _ = writeln!(io::stderr(), "{last_line}");
    }
    let output = finder.wait_with_output().expect("it was started");
    assert!(output.status.success(), "{last_line}");
    let stdout = String::from_utf8(output.stdout).expect("tests/postgres.sh writes text");
    PathBuf::from(
        stdout
            .lines()
            .last()
            .expect("tests/postgres.sh names a folder"),
    )
}

pub fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .expect("the loopback interface has a free port")
        .port()
}

/// Whether the server with its data in `folder/data` accepts connections.
pub fn accepts(folder: &Path, port: u16) -> bool {
    // The eighth line is the status of the server. `pg_ctl` reads it too.
    fs::read_to_string(folder.join("data/postmaster.pid")).is_ok_and(|pid_file| {
        pid_file
            .lines()
            .nth(7)
            .is_some_and(|state| ["ready", "standby"].contains(&state.trim()))
    }) && TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
}

pub fn random_hex() -> String {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")
        .and_then(|mut random| random.read_exact(&mut bytes))
        .expect("the system has random bytes");
    format!("{:032x}", u128::from_ne_bytes(bytes))
}

pub fn is_root() -> bool {
    let output = Command::new("id")
        .arg("-u")
        .output()
        .expect("id can be run");
    output.stdout.trim_ascii() == b"0"
}

/// Returns the IDs of the user and group as which root runs the server.
pub fn unprivileged_user() -> (u32, u32) {
    fs::read_to_string("/etc/passwd")
        .unwrap_or_default()
        .lines()
        .find_map(|line| {
            let mut fields = line.strip_prefix("nobody:")?.split(':').skip(1);
            Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
        })
        .expect("the system has the user `nobody`")
}

pub fn temporary_base(as_root: bool) -> PathBuf {
    let default_directory = std::env::temp_dir();
    if !as_root {
        return default_directory;
    }
    // Root's temporary directory may be inaccessible to that user.
    let open = |path: &Path, bits| fs::metadata(path).is_ok_and(|data| data.mode() & bits == bits);
    [default_directory, "/tmp".into(), "/var/tmp".into()]
        .into_iter()
        .filter_map(|base| base.canonicalize().ok())
        .find(|base| open(base, 0o003) && base.ancestors().all(|folder| open(folder, 0o001)))
        .expect("/tmp is open to every user")
}
