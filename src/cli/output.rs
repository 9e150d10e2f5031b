//! Output files of commands.

use std::fs::{File, Permissions};
use std::path::{Path, PathBuf};

use anyhow::Context;

/// The destination of an output.
pub enum Output {
    /// A regular file, which appears once it is complete.
    Atomic(NewFile),
    /// Not a regular file, such as a pipe or a device.
    Direct(File),
}

impl Output {
    /// Opens the destination. Follows symbolic links.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let why = || format!("can't write {}", path.display());
        let is_link = path
            .symlink_metadata()
            .is_ok_and(|about| about.is_symlink());
        match path.metadata() {
            Ok(about) if about.is_file() => {
                let target = path.canonicalize().with_context(why)?;
                NewFile::create(&target, Some(about.permissions())).map(Self::Atomic)
            }
            Err(_) if !is_link => NewFile::create(path, None).map(Self::Atomic),
            // The target of a symbolic link may not exist yet.
            _ => Ok(Self::Direct(File::create(path).with_context(why)?)),
        }
    }
}

/// A file that appears once it is complete.
pub struct NewFile {
    pub file: File,
    partial_path: PathBuf,
    path: PathBuf,
}

impl NewFile {
    fn create(path: &Path, permissions: Option<Permissions>) -> anyhow::Result<Self> {
        let why = || format!("can't write {}", path.display());
        let name = path.file_name().context("the path has no file name")?;
        let mut partial_path = name.to_owned();
        partial_path.push(format!(".{}.part", std::process::id()));
        let partial_path = path.with_file_name(partial_path);
        let new = Self {
            file: File::create(&partial_path).with_context(why)?,
            partial_path,
            path: path.to_owned(),
        };
        if let Some(permissions) = permissions {
            new.file.set_permissions(permissions).with_context(why)?;
        }
        Ok(new)
    }

    /// Moves the file to its path.
    pub fn commit(self) -> anyhow::Result<()> {
        let synced = self.file.sync_all();
        synced
            .and_then(|()| std::fs::rename(&self.partial_path, &self.path))
            .with_context(|| format!("can't write {}", self.path.display()))
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        // Fails if the file was moved to its path.
        _ = std::fs::remove_file(&self.partial_path);
    }
}
