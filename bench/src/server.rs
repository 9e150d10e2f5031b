//! The server that is measured: the release binary beside this program, in a folder of its own.

use std::env;
use std::fs::{self, DirBuilder, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

/// How long a start may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// What keeps a stranger from asking often, turned off as far as it goes. Two codes to one address still lie a second
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

/// Where the server keeps its data.
pub enum Database {
    Sqlite,
    /// The address, which may hold a password.
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

/// A folder that goes when it is dropped.
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

/// A running server. It is killed when it is dropped.
pub struct Server {
    child: Child,
    log: PathBuf,
    /// The address it listens on.
    pub address: String,
}

impl Server {
    /// Starts it and waits until it listens.
    pub fn start(folder: &Folder, database: &Database, flags: &[String]) -> Result<Self> {
        let url = match database {
            Database::Sqlite => None,
            Database::Postgres(url) => Some(url.as_str()),
        };
        Self::start_at(folder, url, flags)
    }

    /// The same on the database of this address, or on one in the folder.
    pub fn start_at(folder: &Folder, url: Option<&str>, flags: &[String]) -> Result<Self> {
        let log = folder.0.join("log");
        let mut command = Command::new(binary()?);
        command
            .args(NO_LIMITS)
            .args(flags)
            .arg("--listen=127.0.0.1:0")
            // Its whole path: the log says where letters lie.
            .arg("--data-dir")
            .arg(&folder.0)
            .current_dir(&folder.0)
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log)?);
        if let Some(url) = url {
            // Not as an argument: those of a process are everybody's to read.
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
                bail!("Wares ended: {said}");
            }
            ensure!(begun.elapsed() < PATIENCE, "Wares does not start: {said}");
            sleep(Duration::from_millis(10));
        }
    }

    /// All it has logged.
    pub fn log(&self) -> Result<String> {
        fs::read_to_string(&self.log).context("can't read the log")
    }

    /// What files it has open.
    pub fn open_files(&self) -> Result<Vec<PathBuf>> {
        let folder = fs::read_dir(format!("/proc/{}/fd", self.child.id()))?;
        // One that has been closed meanwhile is none.
        let files = folder.filter_map(|file| fs::read_link(file.ok()?.path()).ok());
        Ok(files.collect())
    }

    /// How long it has kept processors busy, to a hundredth of a second.
    pub fn busy(&self) -> Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // Behind the name, which may have anything in it: proc_pid_stat(5).
        let (_, fields) = stat.rsplit_once(')').context("a strange line")?;
        let times = fields.split_whitespace().skip(11).take(2);
        let ticks: u64 = times.map(|ticks| ticks.parse().unwrap_or(0_u64)).sum();
        Ok(Duration::from_millis(ticks * 10))
    }

    /// What the system says of its memory, in KiB: `VmRSS` is what it has, `VmHWM` the most it ever had.
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

/// Brings the server's binary up to date, so that nobody measures the code of yesterday.
pub fn build() -> Result<()> {
    let Some(cargo) = env::var_os("CARGO") else {
        let path = binary()?;
        ensure!(path.exists(), "there is no {}", path.display());
        return Ok(());
    };
    let built = Command::new(cargo)
        .args(["build", "--release"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .status()?;
    ensure!(built.success(), "Wares can't be built");
    Ok(())
}

/// Where the binary is.
pub fn binary() -> Result<PathBuf> {
    Ok(env::current_exe()?.with_file_name("wares"))
}
