//! Limits the buffered bytes of a request's files: of files not opened yet, and of files shared by several variables,
//! which each reader receives completely.

use tokio::sync::{Semaphore, SemaphorePermit};

use super::parts::Limits;
use super::slot::{Reader, Slot};
use crate::core::error::{Error, Result};

/// Permits for buffering up to [`Limits::shared`]; other requests buffer up to [`Limits::waiting`].
static PERMITS: Semaphore = Semaphore::const_new(4);

/// The permit of a request to buffer more of a shared file.
#[derive(Default)]
pub struct BufferLimit(Option<SemaphorePermit<'static>>);

/// Returns the slots of the same file as the slot `index`.
pub fn slots_of_file(slots: &[Slot], index: usize) -> impl Iterator<Item = &Slot> {
    let part = &slots[index].part;
    slots.iter().filter(move |slot| slot.part == *part)
}

/// Returns whether a file was opened for at least one variable.
pub fn is_opened(slots: &[Slot], index: usize) -> bool {
    slots_of_file(slots, index).any(|slot| !matches!(slot.reader, Reader::None))
}

impl BufferLimit {
    /// Returns an error if the buffered bytes exceed the limits after data of the file in slot `current` was
    /// received.
    pub fn check(&mut self, slots: &[Slot], current: usize, limits: &Limits) -> Result<()> {
        if slots_of_file(slots, current).count() == 1 {
            let is_open = matches!(slots[current].reader, Reader::Reads { .. });
            let buffered: usize = slots.iter().map(|slot| slot.buffered_bytes).sum();
            return if is_open || buffered <= limits.waiting {
                Ok(())
            } else {
                Err(Error::BadRequest(OUT_OF_ORDER))
            };
        }
        // The slots share the bytes: only the slowest reader determines how many are buffered.
        let buffered = slots.iter().map(|slot| slot.buffered_bytes).max();
        match buffered.unwrap_or_default() {
            buffered if buffered <= limits.waiting => Ok(()),
            _ if !is_opened(slots, current) => Err(Error::BadRequest(OUT_OF_ORDER)),
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
