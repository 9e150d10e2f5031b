//! An S3 server that is not ours, for the run: moto, from the Python package index.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const VERSION: &str = "moto[server]==5.2.5";
const START_LIMIT: Duration = Duration::from_mins(1);

/// Runs the server `$1` at the port `$2` until it ends or stdin does, which closes with the tests however they end. What it
/// says goes to `$3`.
const WATCHDOG: &str = r#"
exec 3<&0
"$1" -H 127.0.0.1 -p "$2" </dev/null >"$3" 2>&1 3<&- &
running=$!
{ read -r _ <&3; kill -KILL "$running"; } 2>/dev/null &
watching=$!
wait "$running"
kill "$watching" 2>/dev/null
rm -f "$3"
"#;

/// The server of this run. It ends with the process.
#[derive(Debug)]
pub struct Moto {
    /// Where it is, such as `http://127.0.0.1:5000`.
    pub endpoint: String,
    watchdog: Child,
}

impl Moto {
    /// Starts it on a free port of the loopback interface, and installs it before when that was never done here.
    ///
    /// # Panics
    ///
    /// When there is no server to be had.
    pub fn start() -> Self {
        let program = install();
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        drop(taken);
        let log = std::env::temp_dir().join(format!("wares-test-moto-{port}.log"));
        let watchdog = Command::new("sh")
            .args(["-c", WATCHDOG, "moto-watchdog"])
            .arg(&program)
            .arg(port.to_string())
            .arg(&log)
            // Big uploads go to the disk, and the answers of a quick test are not held up by a log on it.
            .env("PYTHONUNBUFFERED", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("sh can be run");
        let mut moto = Self {
            endpoint: format!("http://127.0.0.1:{port}"),
            watchdog,
        };
        let begun = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            let ended = moto
                .watchdog
                .try_wait()
                .is_ok_and(|status| status.is_some());
            let said = || fs::read_to_string(&log).unwrap_or_default();
            assert!(
                !ended && begun.elapsed() < START_LIMIT,
                "moto, the S3 server of the tests, did not start: {}",
                said()
            );
            sleep(Duration::from_millis(20));
        }
        moto
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        drop(self.watchdog.stdin.take());
        _ = self.watchdog.wait();
    }
}

/// The path of `moto_server`. It is installed once beside the build's own files; a run that comes meanwhile waits.
fn install() -> PathBuf {
    let base = Path::new(env!("CARGO_TARGET_TMPDIR"));
    fs::create_dir_all(base).unwrap();
    let version = VERSION.rsplit('=').next().unwrap();
    let folder = base.join(format!("moto-{version}"));
    let program = folder.join("bin/moto_server");
    let done = folder.join("installed");
    let lock = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(base.join("moto.lock"));
    let lock: File = lock.unwrap();
    lock.lock().unwrap();
    if done.exists() {
        return program;
    }
    _ = fs::remove_dir_all(&folder);
    // Not `eprintln!`, which a test keeps to itself until it ends: a download takes a while.
    _ = writeln!(io::stderr(), "fetching {VERSION} for the tests");
    run("python3", &["-m", "venv", folder.to_str().unwrap()]);
    let python = folder.join("bin/python");
    let quiet = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        VERSION,
    ];
    run(python.to_str().unwrap(), &quiet);
    fs::write(done, "").unwrap();
    program
}

fn run(program: &str, arguments: &[&str]) {
    let child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.unwrap_or_else(|error| {
        panic!("The tests need Python 3 with venv and pip, for an S3 server: {program}: {error}.")
    });
    let mut said = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert!(
        child.wait().unwrap().success(),
        "The tests need Python 3 with venv and pip (Debian: python3-venv), for an S3 server. {program} {arguments:?}:\n{said}"
    );
}
