//! The measured server: the binary beside this program, or the one given by `--wares`, in a temporary folder.

use std::env;
use std::fs::{self, DirBuilder, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::processes::processor_time;

/// Time limit for the start.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Disables rate limits of anonymous clients as far as possible. Two codes to one address must still be a second
/// apart.
const NO_LIMITS: [&str; 7] = [
    "--limit-login-client=1000000/1s",
    "--limit-login-account=1000000/1s",
    "--limit-codes-client=1000000/1s",
    "--limit-codes-address=1000000/1s",
    "--limit-tries-client=1000000/1s",
    "--code-resend-after=1s",
    "--code-lifetime=1d",
];

/// The program given by `--wares`.
static GIVEN: OnceLock<PathBuf> = OnceLock::new();

/// The database of the server.
pub enum Database {
    Sqlite,
    /// The URL, which may contain a password.
    Postgres(String),
}

impl Database {
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }
}

/// A temporary folder, deleted on drop.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Result<Self> {
        let name = format!("wares-bench-{}", std::process::id());
        let path = env::temp_dir().join(name);
        let made = DirBuilder::new().mode(0o700).create(&path);
        made.with_context(|| format!("can't make {}", path.display()))?;
        Ok(Self(path))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        _ = fs::remove_dir_all(&self.0);
    }
}

/// A running server. Killed on drop.
pub struct Server {
    child: Child,
    log: PathBuf,
    /// The address it listens on.
    pub address: String,
}

impl Server {
    /// Starts a server and waits until it listens.
    pub fn start(folder: &Folder, database: &Database, flags: &[String]) -> Result<Self> {
        let url = match database {
            Database::Sqlite => None,
            Database::Postgres(url) => Some(url.as_str()),
        };
        Self::start_with_url(folder, url, flags)
    }

    /// Starts a server on the database with this URL, or on one in the folder.
    pub fn start_with_url(folder: &Folder, url: Option<&str>, flags: &[String]) -> Result<Self> {
        let log = folder.0.join("log");
        let mut command = Command::new(binary()?);
        command
            .args(NO_LIMITS)
            .args(flags)
            .arg("--listen=127.0.0.1:0")
            // An absolute path, because the log contains the paths of emails.
            .arg("--data-dir")
            .arg(&folder.0)
            .current_dir(&folder.0)
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log)?);
        if let Some(url) = url {
            // Not as an argument: arguments of a process are visible to all users.
            command.env("DATABASE_URL", url);
        }
        let mut server = Self {
            child: command.spawn().context("can't start Wares")?,
            log,
            address: String::new(),
        };
        let begun = Instant::now();
        loop {
            let said = server.log()?;
            if let Some((_, rest)) = said.split_once("listening address=")
                && let Some((address, _)) = rest.split_once(char::is_whitespace)
            {
                address.clone_into(&mut server.address);
                return Ok(server);
            }
            if server.child.try_wait()?.is_some() {
                bail!("Wares exited: {said}");
            }
            ensure!(
                begun.elapsed() < TIMEOUT,
                "Wares did not start in time: {said}"
            );
            sleep(Duration::from_millis(10));
        }
    }

    /// Returns the log so far.
    pub fn log(&self) -> Result<String> {
        fs::read_to_string(&self.log).context("can't read the log")
    }

    /// Returns the open files of the process.
    pub fn open_files(&self) -> Result<Vec<PathBuf>> {
        let folder = fs::read_dir(format!("/proc/{}/fd", self.child.id()))?;
        // Files closed meanwhile are skipped.
        let files = folder.filter_map(|file| fs::read_link(file.ok()?.path()).ok());
        Ok(files.collect())
    }

    /// Returns the processor time of the process, with a resolution of 10 ms.
    pub fn processor_time(&self) -> Result<Duration> {
        processor_time(self.process())
    }

    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Returns a memory field of the process in KiB: `VmRSS` is the current, `VmHWM` the peak resident memory.
    pub fn memory(&self, field: &str) -> Result<u64> {
        let path = format!("/proc/{}/status", self.child.id());
        let status = fs::read_to_string(&path).with_context(|| format!("can't read {path}"))?;
        let mut fields = status.lines().filter_map(|line| line.split_once(':'));
        let (_, value) = fields
            .find(|(name, _)| *name == field)
            .with_context(|| format!("{path} has no {field}"))?;
        Ok(value.trim().trim_end_matches(" kB").parse()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// Measures this program instead of the one beside this one.
pub fn use_binary(path: PathBuf) {
    _ = GIVEN.set(path);
}

/// Builds the server's binary, so that current code is measured.
pub fn build() -> Result<()> {
    let cargo = env::var_os("CARGO").filter(|_| GIVEN.get().is_none());
    let Some(cargo) = cargo else {
        let path = binary()?;
        ensure!(path.exists(), "there is no {}", path.display());
        return Ok(());
    };
    let profile = if cfg!(debug_assertions) {
        "dev"
    } else {
        "release"
    };
    let built = Command::new(cargo)
        .args(["build", "--locked", "--package=wares", "--profile", profile])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .status()?;
    ensure!(built.success(), "building Wares failed");
    Ok(())
}

/// Returns the path of the binary.
pub fn binary() -> Result<PathBuf> {
    match GIVEN.get() {
        Some(path) => Ok(path.clone()),
        None => Ok(env::current_exe()?.with_file_name("wares")),
    }
}
