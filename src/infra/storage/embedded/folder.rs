//! The folder of the embedded store: its lock, its credentials, and files that earlier processes left.
//!
//! | path | content |
//! |---|---|
//! | `.server` | the credentials; locked by the processes that use the folder |
//! | `.uploads/` | files that are being received, and the parts of multipart uploads |
//! | `<bucket>/<key>` | an object |

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};
use rand::RngExt;
use serde::{Deserialize, Serialize};

/// The folder of incomplete files.
pub(super) const UPLOADS: &str = ".uploads";
/// The names of files of earlier versions, which stored metadata and uploads beside the bucket.
const OLD_FILES: [&str; 4] = [".bucket-", ".upload-", ".upload_id-", ".tmp."];
/// The maximum time to wait for a process that is starting with the same folder.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);
const TICK: Duration = Duration::from_millis(20);

/// The credentials of the store. They stay the same, so that signed URLs survive a restart.
#[derive(Serialize, Deserialize)]
pub(super) struct Keys {
    pub(super) id: String,
    pub(super) secret: String,
}

/// The shared lock of a folder. The operating system releases it when the process ends for any reason.
pub(super) struct FolderLock(#[expect(dead_code, reason = "holds the lock")] File);

/// Locks the folder and reads its credentials. The first process creates what is missing and deletes incomplete files.
pub(super) async fn open(folder: &Path, bucket: &str) -> anyhow::Result<(FolderLock, Keys)> {
    let mut private = DirBuilder::new();
    private.recursive(true).mode(0o700).create(folder)?;
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    let mut file = options.mode(0o600).open(folder.join(".server"))?;
    let mut waited = Duration::ZERO;
    loop {
        if is_locked(file.try_lock())? {
            let keys = match read_keys(&mut file) {
                Some(keys) => keys,
                None => write_keys(&mut file, folder)?,
            };
            let (folder, bucket) = (folder.to_owned(), folder.join(bucket));
            let prepared = move || prepare(&folder, &bucket);
            tokio::task::spawn_blocking(prepared).await??;
            // Another process may take the lock in between. It deletes nothing of ours, because nothing began yet.
            file.unlock()?;
            file.lock_shared().context("can't lock the folder")?;
            return Ok((FolderLock(file), keys));
        }
        if is_locked(file.try_lock_shared())?
            && let Some(keys) = read_keys(&mut file)
        {
            return Ok((FolderLock(file), keys));
        }
        if waited > LOCK_TIMEOUT {
            bail!("another process has locked the folder");
        }
        tokio::time::sleep(TICK).await;
        waited += TICK;
    }
}

fn is_locked(result: Result<(), TryLockError>) -> anyhow::Result<bool> {
    match result {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error).context("can't lock the folder"),
    }
}

fn read_keys(file: &mut File) -> Option<Keys> {
    let mut text = Vec::new();
    file.seek(SeekFrom::Start(0)).ok()?;
    file.read_to_end(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}

fn write_keys(file: &mut File, folder: &Path) -> anyhow::Result<Keys> {
    let random = || format!("{:032x}", rand::rng().random::<u128>());
    let keys = Keys {
        id: random(),
        secret: random(),
    };
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&serde_json::to_vec(&keys)?)?;
    file.sync_all()?;
    sync(folder)?;
    Ok(keys)
}

/// Creates the folders, and deletes the files that killed processes and earlier versions left.
fn prepare(folder: &Path, bucket: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if OLD_FILES.iter().any(|old| name.starts_with(old)) {
            fs::remove_file(entry.path())?;
        }
    }
    let uploads = folder.join(UPLOADS);
    match fs::remove_dir_all(&uploads) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::create_dir(uploads)?;
    create_folder(bucket)?;
    sync(folder)?;
    // The folder itself may be new.
    let parent = folder.parent();
    parent
        .filter(|parent| !parent.as_os_str().is_empty())
        .map_or(Ok(()), sync)
}

/// Creates a folder that survives a power failure, with the missing ones above it.
pub(super) fn create_folder(folder: &Path) -> io::Result<()> {
    match fs::create_dir(folder) {
        Ok(()) => folder.parent().map_or(Ok(()), sync),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            create_folder(folder.parent().ok_or(error)?)?;
            create_folder(folder)
        }
        Err(error) => Err(error),
    }
}

/// Waits until the entries of a folder are on disk.
pub(super) fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
