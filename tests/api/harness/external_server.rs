//! External servers of a test run: installed once, and stopped with the tests.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const START_LIMIT: Duration = Duration::from_mins(1);

/// Runs the command after `$1` until it exits or stdin is closed, which also happens if the test process is
/// killed. Its output is written to `$1`.
const WATCHDOG: &str = r#"
exec 3<&0
log=$1
shift
"$@" </dev/null >"$log" 2>&1 3<&- &
running=$!
{ read -r _ <&3; kill -KILL "$running"; } 2>/dev/null &
watching=$!
wait "$running"
kill "$watching" 2>/dev/null
rm -f "$log"
"#;

/// An external server. It stops with the process.
#[derive(Debug)]
pub struct ExternalServer {
    watchdog: Child,
}

impl ExternalServer {
    /// Starts a server and waits until it listens at this loopback port.
    ///
    /// # Panics
    ///
    /// If the server does not listen within [`START_LIMIT`].
    pub fn start(name: &str, port: u16, command: &[&str]) -> Self {
        let log = std::env::temp_dir().join(format!("wares-test-{name}-{port}.log"));
        let watchdog = Command::new("sh")
            .args(["-c", WATCHDOG, "test-watchdog"])
            .arg(&log)
            .args(command)
            // Writes the log without buffering.
            .env("PYTHONUNBUFFERED", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("sh can be run");
        let mut server = Self { watchdog };
        let started_at = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            let ended = server.watchdog.try_wait();
            let ended = ended.is_ok_and(|status| status.is_some());
            assert!(
                !ended && started_at.elapsed() < START_LIMIT,
                "{name}, a server of the tests, did not start: {}",
                fs::read_to_string(&log).unwrap_or_default()
            );
            sleep(Duration::from_millis(20));
        }
        server
    }
}

impl Drop for ExternalServer {
    fn drop(&mut self) {
        drop(self.watchdog.stdin.take());
        _ = self.watchdog.wait();
    }
}

/// Returns a free port of the loopback interface.
pub fn free_port() -> u16 {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    taken.local_addr().unwrap().port()
}

/// Returns the folder with this name in the build's temporary directory. Fills it once; concurrent test runs
/// wait.
pub fn install_once(name: &str, fill: impl FnOnce(&Path)) -> PathBuf {
    let base = Path::new(env!("CARGO_TARGET_TMPDIR"));
    fs::create_dir_all(base).unwrap();
    let folder = base.join(name);
    let done = folder.join("installed");
    let lock = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(base.join(format!("{name}.lock")));
    let lock: File = lock.unwrap();
    lock.lock().unwrap();
    if !done.exists() {
        _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        // Not `eprintln!`, whose output is shown only at the end of a test. A download takes time.
        _ = writeln!(io::stderr(), "fetching {name} for the tests");
        fill(&folder);
        fs::write(done, "").unwrap();
    }
    folder
}

/// Runs a program until it exits, and returns its standard output.
///
/// # Panics
///
/// With the output and this advice if the program fails.
pub fn run(command: &mut Command, advice: &str) -> String {
    let output = command.stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("{advice} {command:?}: {error}."));
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{advice} {command:?}:\n{printed}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    printed
}
