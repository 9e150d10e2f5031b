//! Where a command writes a file.

use std::fs::{File, Permissions};
use std::path::{Path, PathBuf};

use anyhow::Context;

/// A place that is written to.
pub enum Output {
    /// A file that is there when it is whole.
    Whole(NewFile),
    /// What is no file that could be replaced, such as a pipe or a device.
    Straight(File),
}

impl Output {
    /// Opens it. A link is followed.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let why = || format!("can't write {}", path.display());
        let is_link = path
            .symlink_metadata()
            .is_ok_and(|about| about.is_symlink());
        match path.metadata() {
            Ok(about) if about.is_file() => {
                let target = path.canonicalize().with_context(why)?;
                NewFile::create(&target, Some(about.permissions())).map(Self::Whole)
            }
            Err(_) if !is_link => NewFile::create(path, None).map(Self::Whole),
            // What a link leads to may have to be made yet.
            _ => Ok(Self::Straight(File::create(path).with_context(why)?)),
        }
    }
}

/// A file that is there when it is whole, and not before.
pub struct NewFile {
    pub file: File,
    unfinished: PathBuf,
    path: PathBuf,
}

impl NewFile {
    fn create(path: &Path, permissions: Option<Permissions>) -> anyhow::Result<Self> {
        let why = || format!("can't write {}", path.display());
        let name = path.file_name().context("this is not the name of a file")?;
        let mut unfinished = name.to_owned();
        unfinished.push(format!(".{}.part", std::process::id()));
        let unfinished = path.with_file_name(unfinished);
        let new = Self {
            file: File::create(&unfinished).with_context(why)?,
            unfinished,
            path: path.to_owned(),
        };
        if let Some(permissions) = permissions {
            new.file.set_permissions(permissions).with_context(why)?;
        }
        Ok(new)
    }

    /// Puts it in its place.
    pub fn keep(self) -> anyhow::Result<()> {
        let kept = self.file.sync_all();
        kept.and_then(|()| std::fs::rename(&self.unfinished, &self.path))
            .with_context(|| format!("can't write {}", self.path.display()))
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        // Nothing is left to remove when it was kept.
        _ = std::fs::remove_file(&self.unfinished);
    }
}
