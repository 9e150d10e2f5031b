//! The lock that decides which of several processes serves a folder.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};
use rand::RngExt;
use serde::{Deserialize, Serialize};

/// The maximum time to wait for the address of the serving process.
const LOCATION_TIMEOUT: Duration = Duration::from_secs(5);
const TICK: Duration = Duration::from_millis(20);

/// The address and the credentials of a server.
#[derive(Serialize, Deserialize)]
pub(super) struct ServerLocation {
    pub(super) address: SocketAddr,
    pub(super) id: String,
    pub(super) secret: String,
}

impl ServerLocation {
    /// Creates the location of a server at this address, with new credentials.
    pub(super) fn new(address: SocketAddr) -> Self {
        let random = || format!("{:032x}", rand::rng().random::<u128>());
        Self {
            address,
            id: random(),
            secret: random(),
        }
    }
}

/// The lock of a folder. The operating system releases it when the process ends for any reason.
pub(super) struct FolderLock(File);

impl FolderLock {
    /// Writes the server's location for the other processes, to a file that only the owner can read.
    pub(super) fn publish(&self, location: &ServerLocation) -> anyhow::Result<()> {
        let mut file = &self.0;
        // `take` has read the file to its end.
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&serde_json::to_vec(location)?)?;
        Ok(())
    }
}

/// Locks the folder, or returns the location of the process that has locked it.
pub(super) async fn take(folder: &Path) -> anyhow::Result<Result<FolderLock, ServerLocation>> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    let mut file = options.mode(0o600).open(folder.join(".server"))?;
    let mut waited = Duration::ZERO;
    loop {
        match file.try_lock() {
            Ok(()) => {
                file.set_len(0)?;
                return Ok(Ok(FolderLock(file)));
            }
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(error).context("can't lock the folder"),
        }
        let mut text = Vec::new();
        file.seek(SeekFrom::Start(0))?;
        file.read_to_end(&mut text)?;
        if let Ok(location) = serde_json::from_slice::<ServerLocation>(&text)
            && tokio::net::TcpStream::connect(location.address)
                .await
                .is_ok()
        {
            return Ok(Err(location));
        }
        if waited > LOCATION_TIMEOUT {
            bail!("another process has locked the folder, and its server does not respond");
        }
        tokio::time::sleep(TICK).await;
        waited += TICK;
    }
}
