//! Distributes the files of a request body to resolvers. A reader of a file polls the body itself; nothing reads
//! ahead. So a slow resolver slows the client down, and only files needed later are buffered.

use std::task::{Context, Poll, ready};

use bytes::Bytes;

use super::buffer_limit::{BufferLimit, is_opened, variables_of_file};
use super::parts::{Limits, PartHeaders, Parts};
use super::variable::{FileVariable, Reader};
use crate::core::error::{Error, Result};

/// The files of a request.
pub struct FileDistributor {
    parts: Parts,
    limits: Limits,
    /// One per variable. Variables of the same file have the same part, and each receives all its bytes.
    variables: Vec<FileVariable>,
    buffer_limit: BufferLimit,
    position: BodyPosition,
    /// The number of parts begun.
    parts_begun: usize,
    /// The number of bytes received in unexpected parts.
    unexpected_bytes: usize,
    /// The error that ended the upload.
    error: Option<Error>,
}

/// The position in the body.
#[derive(Clone, Copy, PartialEq, Eq)]
enum BodyPosition {
    /// Before a part or the end of the body.
    Between,
    /// In the part of this file.
    File(usize),
    /// In or after an unexpected part: no more data is delivered.
    Unexpected,
    /// At the end of the body.
    End,
}

impl FileDistributor {
    /// Creates the files of a body from the names of their parts: one name per variable.
    pub fn new(parts: Parts, names: Vec<String>, limits: Limits) -> Self {
        Self {
            parts,
            limits,
            variables: names.into_iter().map(FileVariable::new).collect(),
            buffer_limit: BufferLimit::default(),
            position: BodyPosition::Between,
            parts_begun: 0,
            unexpected_bytes: 0,
            error: None,
        }
    }

    /// Claims a file for the argument `field`, with a limit of `max` bytes.
    pub fn take(&mut self, index: usize, field: &'static str, max: u64) -> Result<()> {
        let invalid = |message| Err(Error::bad_input(field, message));
        let Some(variable) = self.variables.get_mut(index) else {
            return invalid("This is not a file.");
        };
        if !matches!(variable.reader, Reader::None) {
            return invalid("A file can be used only once.");
        }
        variable.reader = Reader::Reads { field, max };
        // From now on this reader may be the reason that nothing is read.
        self.parts.pause();
        match variable.size_error() {
            Some(error) => Err(self.fail(error)),
            None => Ok(()),
        }
    }

    /// Returns the headers of a file's part once the part has begun.
    pub fn poll_head(&mut self, index: usize, cx: &mut Context<'_>) -> Poll<Result<PartHeaders>> {
        loop {
            self.check()?;
            if let Some(head) = &self.variables[index].head {
                return Poll::Ready(Ok(head.clone()));
            }
            ready!(self.poll_step(index, cx));
        }
    }

    /// Returns the next bytes of a file, or `None` at its end. The end is reported only once the following part is
    /// known to be valid.
    pub fn poll_chunk(
        &mut self,
        index: usize,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Bytes>>> {
        loop {
            self.check()?;
            let known = matches!(self.position, BodyPosition::File(_) | BodyPosition::End);
            let variable = &mut self.variables[index];
            if let Some(chunk) = variable.next_buffered() {
                return Poll::Ready(Ok(Some(chunk)));
            }
            if variable.is_complete && known {
                return Poll::Ready(Ok(None));
            }
            ready!(self.poll_step(index, cx));
        }
    }

    /// Reads to the end of a body without files; an unexpected part is an error.
    pub fn poll_end_without_files(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        loop {
            self.check()?;
            if !self.variables.is_empty() || self.position == BodyPosition::End {
                return Poll::Ready(Ok(()));
            }
            ready!(self.poll_advance(None, cx));
        }
    }

    /// Abandons a file: its reader was dropped.
    pub fn abandon(&mut self, index: usize) {
        let variable = &mut self.variables[index];
        if let Reader::Reads { field, max } = variable.reader {
            variable.reader = Reader::Dropped { field, max };
        }
        variable.clear_buffer();
        self.parts.pause();
        self.wake();
    }

    /// Ends the upload: all current and later readers receive this error.
    pub fn fail(&mut self, error: Error) -> Error {
        for variable in &mut self.variables {
            variable.clear_buffer();
        }
        self.wake();
        self.error.get_or_insert(error).clone()
    }

    /// Returns the error that ended the upload, if any.
    pub const fn failure(&self) -> Option<&Error> {
        self.error.as_ref()
    }

    fn check(&self) -> Result<()> {
        self.error.clone().map_or(Ok(()), Err)
    }

    /// Advances by one step for the reader of a file, and registers its waker.
    fn poll_step(&mut self, index: usize, cx: &mut Context<'_>) -> Poll<()> {
        let step = self.poll_advance(Some(index), cx);
        if step.is_pending() {
            self.variables[index].waker = Some(cx.waker().clone());
        }
        step
    }

    fn poll_advance(&mut self, index: Option<usize>, cx: &mut Context<'_>) -> Poll<()> {
        let before = self.position;
        let step = match before {
            BodyPosition::File(current) if self.is_read_by_another(current, index) => Poll::Pending,
            BodyPosition::File(current) if self.should_yield(index, current) => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            BodyPosition::File(current) => self.poll_file(current, cx),
            BodyPosition::Unexpected if self.parts.is_inside() => self.poll_unexpected(cx),
            BodyPosition::Between | BodyPosition::Unexpected => self.poll_part(cx),
            BodyPosition::End => Poll::Ready(Err(Error::BadRequest(MISSING))),
        };
        let step = step.map(|done| {
            if let Err(error) = done {
                self.fail(error);
            }
        });
        if self.position != before {
            self.wake();
        }
        step
    }

    fn is_read_by_another(&self, current: usize, index: Option<usize>) -> bool {
        let mut variables = variables_of_file(&self.variables, current);
        let part = &self.variables[current].part;
        let is_own = index.is_some_and(|index| self.variables[index].part == *part);
        !is_own && variables.any(|variable| matches!(variable.reader, Reader::Reads { .. }))
    }

    /// Returns whether to yield once before buffering the current file: a concurrent resolver may be about to open
    /// it.
    fn should_yield(&mut self, index: Option<usize>, current: usize) -> bool {
        let is_open = is_opened(&self.variables, current);
        let own = index.and_then(|index| self.variables.get_mut(index));
        !is_open && own.is_some_and(|own| own.yielded_to.replace(current) != Some(current))
    }

    /// Reads the next bytes of a file, for its readers, into the buffer, or to discard them.
    fn poll_file(&mut self, current: usize, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let chunk = ready!(self.parts.poll_chunk(cx))?;
        let part = self.variables[current].part.clone();
        for variable in self
            .variables
            .iter_mut()
            .filter(|variable| variable.part == part)
        {
            let Some(chunk) = &chunk else {
                variable.is_complete = true;
                continue;
            };
            variable.received_bytes += chunk.len() as u64;
            if let Some(error) = variable.size_error() {
                return Poll::Ready(Err(error));
            }
            if !matches!(variable.reader, Reader::Dropped { .. }) {
                variable.buffer(chunk.clone());
            }
            if let Some(waker) = variable.waker.take() {
                waker.wake();
            }
        }
        if chunk.is_none() {
            self.position = BodyPosition::Between;
            return Poll::Ready(Ok(()));
        }
        let limits = &self.limits;
        Poll::Ready(self.buffer_limit.check(&self.variables, current, limits))
    }

    fn poll_unexpected(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        if let Some(chunk) = ready!(self.parts.poll_chunk(cx))? {
            self.unexpected_bytes += chunk.len();
        }
        Poll::Ready(if self.unexpected_bytes > self.limits.waiting {
            Err(Error::BadRequest(UNEXPECTED))
        } else {
            Ok(())
        })
    }

    /// Advances to the next part or to the end.
    fn poll_part(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let Some(head) = ready!(self.parts.poll_next(cx))? else {
            let missing = self
                .variables
                .iter()
                .any(|variable| variable.head.is_none());
            return Poll::Ready(match self.position {
                BodyPosition::Unexpected => Err(Error::BadRequest(UNEXPECTED)),
                _ if missing => Err(Error::BadRequest(MISSING)),
                _ => {
                    self.position = BodyPosition::End;
                    Ok(())
                }
            });
        };
        self.parts_begun += 1;
        if self.parts_begun > self.limits.files {
            return Poll::Ready(Err(too_many(self.limits.files)));
        }
        let mut variables = self.variables.iter();
        let expected =
            variables.position(|variable| variable.part == head.name && variable.head.is_none());
        match expected {
            Some(index) if self.position == BodyPosition::Between => {
                let variables = self.variables.iter_mut();
                for variable in variables.filter(|variable| variable.part == head.name) {
                    variable.head = Some(head.clone());
                }
                self.position = BodyPosition::File(index);
            }
            _ => self.position = BodyPosition::Unexpected,
        }
        Poll::Ready(Ok(()))
    }

    fn wake(&mut self) {
        for variable in &mut self.variables {
            if let Some(waker) = variable.waker.take() {
                waker.wake();
            }
        }
    }
}

/// Creates the error of a request with too many files.
pub fn too_many(max: usize) -> Error {
    let message = format!("A request can have at most {max} files.");
    Error::too_large(None, message)
}

const MISSING: &str = "A file named in `map` was not sent.";
const UNEXPECTED: &str = "The body has a part that is not named in `map`, or a repeated part.";
