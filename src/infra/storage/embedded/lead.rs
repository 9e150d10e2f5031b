//! Which of the processes on one folder serves it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};
use rand::RngExt;
use serde::{Deserialize, Serialize};

/// How long to wait for the address of the process that serves.
const PATIENCE: Duration = Duration::from_secs(5);
const TICK: Duration = Duration::from_millis(20);

/// Where a server is, and the keys that open it.
#[derive(Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) address: SocketAddr,
    pub(super) id: String,
    pub(super) secret: String,
}

impl Place {
    /// A server at this address, with new keys.
    pub(super) fn new(address: SocketAddr) -> Self {
        let random = || format!("{:032x}", rand::rng().random::<u128>());
        Self {
            address,
            id: random(),
            secret: random(),
        }
    }
}

/// The right to serve a folder. The system takes it back when the process ends, however it ends.
pub(super) struct Lead(File);

impl Lead {
    /// Tells the other processes where the server is. The file is for the owner alone.
    pub(super) fn announce(&self, place: &Place) -> anyhow::Result<()> {
        let mut file = &self.0;
        // Whoever waited for the lead has read to the end.
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&serde_json::to_vec(place)?)?;
        Ok(())
    }
}

/// The lead of the folder, or else where the process that has it serves.
pub(super) async fn take(folder: &Path) -> anyhow::Result<Result<Lead, Place>> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    let mut file = options.mode(0o600).open(folder.join(".server"))?;
    let mut waited = Duration::ZERO;
    loop {
        match file.try_lock() {
            Ok(()) => {
                file.set_len(0)?;
                return Ok(Ok(Lead(file)));
            }
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(error).context("can't lock it"),
        }
        let mut text = Vec::new();
        file.seek(SeekFrom::Start(0))?;
        file.read_to_end(&mut text)?;
        if let Ok(place) = serde_json::from_slice::<Place>(&text)
            && tokio::net::TcpStream::connect(place.address).await.is_ok()
        {
            return Ok(Err(place));
        }
        if waited > PATIENCE {
            bail!("another process has the folder, and does not answer");
        }
        tokio::time::sleep(TICK).await;
        waited += TICK;
    }
}
