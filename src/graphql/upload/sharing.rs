//! How much of the files of a request is kept in memory: those that wait for their reader, and those that several
//! variables share, of which each reader gets all.

use tokio::sync::{Semaphore, SemaphorePermit};

use super::parts::Limits;
use super::slot::{Reader, Slot};
use crate::core::error::{Error, Result};

/// The number of requests that may keep [`Limits::shared`] at once; others keep [`Limits::waiting`].
static PERMITS: Semaphore = Semaphore::const_new(4);

/// The permit of a request to keep more of a shared file.
#[derive(Default)]
pub struct Sharing(Option<SemaphorePermit<'static>>);

/// The slots of the file that is in this slot.
pub fn of_file(slots: &[Slot], index: usize) -> impl Iterator<Item = &Slot> {
    let part = &slots[index].part;
    slots.iter().filter(move |slot| slot.part == *part)
}

/// Whether a file has been asked for, for one variable at least.
pub fn is_asked_for(slots: &[Slot], index: usize) -> bool {
    of_file(slots, index).any(|slot| !matches!(slot.reader, Reader::None))
}

impl Sharing {
    /// Refuses to keep more than the limits say, when bytes have come of the file in slot `current`.
    pub fn check(&mut self, slots: &[Slot], current: usize, limits: &Limits) -> Result<()> {
        if of_file(slots, current).count() == 1 {
            let asked = matches!(slots[current].reader, Reader::Reads { .. });
            let kept: usize = slots.iter().map(|slot| slot.kept_bytes).sum();
            return if asked || kept <= limits.waiting {
                Ok(())
            } else {
                Err(Error::BadRequest(OUT_OF_ORDER))
            };
        }
        // The slots share the bytes: the slowest reader alone decides how many are kept.
        let kept = slots.iter().map(|slot| slot.kept_bytes).max();
        match kept.unwrap_or_default() {
            kept if kept <= limits.waiting => Ok(()),
            _ if !is_asked_for(slots, current) => Err(Error::BadRequest(OUT_OF_ORDER)),
            kept if kept > limits.shared => Err(Error::BadRequest(TOO_LARGE)),
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
