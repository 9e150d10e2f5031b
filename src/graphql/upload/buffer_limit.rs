//! Limits the buffered bytes of a request's files: of files not opened yet, and of files shared by several variables,
//! which each reader receives completely.

use tokio::sync::{Semaphore, SemaphorePermit};

use super::parts::Limits;
use super::variable::{FileVariable, Reader};
use crate::core::error::{Error, Result};

/// Permits for buffering up to [`Limits::shared`]; other requests buffer up to [`Limits::waiting`].
static PERMITS: Semaphore = Semaphore::const_new(4);

/// The permit of a request to buffer more of a shared file.
#[derive(Default)]
pub struct BufferLimit(Option<SemaphorePermit<'static>>);

/// Returns the slots of the same file as the slot `index`.
pub fn variables_of_file(
    variables: &[FileVariable],
    index: usize,
) -> impl Iterator<Item = &FileVariable> {
    let part = &variables[index].part;
    variables
        .iter()
        .filter(move |variable| variable.part == *part)
}

/// Returns whether a file was opened for at least one variable.
pub fn is_opened(variables: &[FileVariable], index: usize) -> bool {
    variables_of_file(variables, index).any(|variable| !matches!(variable.reader, Reader::None))
}

impl BufferLimit {
    /// Returns an error if the buffered bytes exceed the limits after data of the file in slot `current` was
    /// received.
    pub fn check(
        &mut self,
        variables: &[FileVariable],
        current: usize,
        limits: &Limits,
    ) -> Result<()> {
        if variables_of_file(variables, current).count() == 1 {
            let is_open = matches!(variables[current].reader, Reader::Reads { .. });
            let buffered: usize = variables
                .iter()
                .map(|variable| variable.buffered_bytes)
                .sum();
            return if is_open || buffered <= limits.waiting {
                Ok(())
            } else {
                Err(Error::BadRequest(OUT_OF_ORDER))
            };
        }
        // The slots share the bytes: only the slowest reader determines how many are buffered.
        let buffered = variables
            .iter()
            .map(|variable| variable.buffered_bytes)
            .max();
        match buffered.unwrap_or_default() {
            buffered if buffered <= limits.waiting => Ok(()),
            _ if !is_opened(variables, current) => Err(Error::BadRequest(OUT_OF_ORDER)),
            buffered if buffered > limits.shared => Err(Error::BadRequest(TOO_LARGE)),
            _ if self.0.is_some() => Ok(()),
            _ => {
                self.0 = PERMITS.try_acquire().ok();
                let permit = self.0.as_ref();
                permit.map_or(Err(Error::Unavailable), |_| Ok(()))
            }
        }
    }
}

const OUT_OF_ORDER: &str = "Send the files in the order in which the operation uses them.";
const TOO_LARGE: &str =
    "A file of 8 MiB or more can't be used by several variables. Send it once for each.";
