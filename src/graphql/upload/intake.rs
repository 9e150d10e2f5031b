//! The files of a request on their way to the resolvers: whoever waits for a file's bytes reads the body. Nobody reads
//! ahead, so a resolver that takes its time makes the client wait, and nothing is kept but what others will ask for.

use std::task::{Context, Poll, ready};

use bytes::Bytes;

use super::parts::{Head, Limits, Parts};
use super::sharing::{Sharing, is_asked_for, of_file};
use super::slot::{Reader, Slot};
use crate::core::error::{Error, Result};

/// The files of a request.
pub struct Intake {
    parts: Parts,
    limits: Limits,
    /// One for each variable. Those of one file have the same part, and each gets all of its bytes.
    slots: Vec<Slot>,
    sharing: Sharing,
    place: Place,
    /// How many parts have begun.
    begun: usize,
    /// How many bytes have come in parts that nobody expects.
    stray: usize,
    /// What ended the upload.
    failed: Option<Error>,
}

/// Where in the body we are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before a part, or before the end.
    Between,
    /// In this file.
    File(usize),
    /// In a part that nobody expects, or after one: nothing is given to anybody any more.
    Stray,
    /// At the end.
    End,
}

impl Intake {
    /// The files that follow in a body, by the names of their parts: one name for each variable.
    pub fn new(parts: Parts, names: Vec<String>, limits: Limits) -> Self {
        Self {
            parts,
            limits,
            slots: names.into_iter().map(Slot::new).collect(),
            sharing: Sharing::default(),
            place: Place::Between,
            begun: 0,
            stray: 0,
            failed: None,
        }
    }

    /// Gives a file to the one who reads it, for the argument `field` and up to `most` bytes.
    pub fn take(&mut self, index: usize, field: &'static str, most: u64) -> Result<()> {
        let wrong = |message| Err(Error::bad_input(field, message));
        let Some(slot) = self.slots.get_mut(index) else {
            return wrong("This is not a file.");
        };
        if !matches!(slot.reader, Reader::None) {
            return wrong("A file can be used once.");
        }
        slot.reader = Reader::Reads { field, most };
        // From here on it may be up to this reader that nothing is read.
        self.parts.pause();
        match slot.excess() {
            Some(error) => Err(self.fail(error)),
            None => Ok(()),
        }
    }

    /// What the part of a file says of itself, once it has begun.
    pub fn poll_head(&mut self, index: usize, cx: &mut Context<'_>) -> Poll<Result<Head>> {
        loop {
            self.check()?;
            if let Some(head) = &self.slots[index].head {
                return Poll::Ready(Ok(head.clone()));
            }
            ready!(self.poll_step(index, cx));
        }
    }

    /// The next bytes of a file; nothing at its end. That is told when it is known that what follows is in order.
    pub fn poll_chunk(
        &mut self,
        index: usize,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Bytes>>> {
        loop {
            self.check()?;
            let known = matches!(self.place, Place::File(_) | Place::End);
            let slot = &mut self.slots[index];
            if let Some(chunk) = slot.next_kept() {
                return Poll::Ready(Ok(Some(chunk)));
            }
            if slot.whole && known {
                return Poll::Ready(Ok(None));
            }
            ready!(self.poll_step(index, cx));
        }
    }

    /// Makes sure that nothing follows which is not expected, where no file is.
    pub fn poll_nothing(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        loop {
            self.check()?;
            if !self.slots.is_empty() || self.place == Place::End {
                return Poll::Ready(Ok(()));
            }
            ready!(self.poll_advance(None, cx));
        }
    }

    /// Whoever reads a file has lost interest in it.
    pub fn leave(&mut self, index: usize) {
        let slot = &mut self.slots[index];
        if let Reader::Reads { field, most } = slot.reader {
            slot.reader = Reader::Gone { field, most };
        }
        slot.forget();
        self.parts.pause();
        self.wake();
    }

    /// Ends the upload: whoever reads a file gets this error, and so does whoever asks for one.
    pub fn fail(&mut self, error: Error) -> Error {
        for slot in &mut self.slots {
            slot.forget();
        }
        self.wake();
        self.failed.get_or_insert(error).clone()
    }

    /// What ended the upload, if anything did.
    pub const fn failure(&self) -> Option<&Error> {
        self.failed.as_ref()
    }

    fn check(&self) -> Result<()> {
        self.failed.clone().map_or(Ok(()), Err)
    }

    /// Goes one step on for the reader of a file, who is woken when another step can be made.
    fn poll_step(&mut self, index: usize, cx: &mut Context<'_>) -> Poll<()> {
        let step = self.poll_advance(Some(index), cx);
        if step.is_pending() {
            self.slots[index].waker = Some(cx.waker().clone());
        }
        step
    }

    fn poll_advance(&mut self, index: Option<usize>, cx: &mut Context<'_>) -> Poll<()> {
        let before = self.place;
        let step = match before {
            Place::File(current) if self.is_read_by_another(current, index) => Poll::Pending,
            Place::File(current) if self.defers(index, current) => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Place::File(current) => self.poll_file(current, cx),
            Place::Stray if self.parts.is_inside() => self.poll_stray(cx),
            Place::Between | Place::Stray => self.poll_part(cx),
            Place::End => Poll::Ready(Err(Error::BadRequest(MISSING))),
        };
        let step = step.map(|done| {
            if let Err(error) = done {
                self.fail(error);
            }
        });
        if self.place != before {
            self.wake();
        }
        step
    }

    fn is_read_by_another(&self, current: usize, index: Option<usize>) -> bool {
        let mut slots = of_file(&self.slots, current);
        let part = &self.slots[current].part;
        let is_own = index.is_some_and(|index| self.slots[index].part == *part);
        !is_own && slots.any(|slot| matches!(slot.reader, Reader::Reads { .. }))
    }

    /// Whether others get their turn before this file is kept for them: what runs beside may be about to ask for it.
    fn defers(&mut self, index: Option<usize>, current: usize) -> bool {
        let asked = is_asked_for(&self.slots, current);
        let own = index.and_then(|index| self.slots.get_mut(index));
        !asked && own.is_some_and(|own| own.deferred_to.replace(current) != Some(current))
    }

    /// Reads on in a file: for who asks for it, into what is kept, or to throw it away.
    fn poll_file(&mut self, current: usize, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let chunk = ready!(self.parts.poll_chunk(cx))?;
        let part = self.slots[current].part.clone();
        for slot in self.slots.iter_mut().filter(|slot| slot.part == part) {
            let Some(chunk) = &chunk else {
                slot.whole = true;
                continue;
            };
            slot.come += chunk.len() as u64;
            if let Some(error) = slot.excess() {
                return Poll::Ready(Err(error));
            }
            if !matches!(slot.reader, Reader::Gone { .. }) {
                slot.keep(chunk.clone());
            }
            if let Some(waker) = slot.waker.take() {
                waker.wake();
            }
        }
        if chunk.is_none() {
            self.place = Place::Between;
            return Poll::Ready(Ok(()));
        }
        let limits = &self.limits;
        Poll::Ready(self.sharing.check(&self.slots, current, limits))
    }

    fn poll_stray(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        if let Some(chunk) = ready!(self.parts.poll_chunk(cx))? {
            self.stray += chunk.len();
        }
        Poll::Ready(if self.stray > self.limits.waiting {
            Err(Error::BadRequest(UNEXPECTED))
        } else {
            Ok(())
        })
    }

    /// Goes on to the next part, or to the end.
    fn poll_part(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let Some(head) = ready!(self.parts.poll_next(cx))? else {
            let missing = self.slots.iter().any(|slot| slot.head.is_none());
            return Poll::Ready(match self.place {
                Place::Stray => Err(Error::BadRequest(UNEXPECTED)),
                _ if missing => Err(Error::BadRequest(MISSING)),
                _ => {
                    self.place = Place::End;
                    Ok(())
                }
            });
        };
        self.begun += 1;
        if self.begun > self.limits.files {
            return Poll::Ready(Err(too_many(self.limits.files)));
        }
        let mut slots = self.slots.iter();
        let expected = slots.position(|slot| slot.part == head.name && slot.head.is_none());
        match expected {
            Some(index) if self.place == Place::Between => {
                let slots = self.slots.iter_mut();
                for slot in slots.filter(|slot| slot.part == head.name) {
                    slot.head = Some(head.clone());
                }
                self.place = Place::File(index);
            }
            _ => self.place = Place::Stray,
        }
        Poll::Ready(Ok(()))
    }

    fn wake(&mut self) {
        for slot in &mut self.slots {
            if let Some(waker) = slot.waker.take() {
                waker.wake();
            }
        }
    }
}

/// The refusal of a request with more files than there may be.
pub fn too_many(most: usize) -> Error {
    let message = format!("A request can have {most} files at the most.");
    Error::too_large(None, message)
}

const MISSING: &str = "A file that `map` names was not sent.";
const UNEXPECTED: &str = "The body has a part that `map` does not name, or one twice.";
