//! Streams the rows of a file.

use bytes::{Buf, Bytes, BytesMut};
use futures_util::{Stream, StreamExt};

use super::MAX_RECORD;
use super::dialect::{DeclaredSeparator, LineState, declared_separator, separator};
use super::encoding::Decoder;
use super::kind;
use super::parser::{Parser, Record};
use crate::core::error::Result;

/// Number of bytes to detect the type of a file.
const SNIFF_BYTES: usize = 1024;

/// Streams rows of a file. Buffers at most one row and one chunk.
#[derive(Debug)]
pub struct Reader<S> {
    file: DecodedStream<S>,
    chunk: Bytes,
    parser: Parser,
}

/// A stream of decoded chunks.
#[derive(Debug)]
struct DecodedStream<S> {
    file: S,
    /// Bytes that have been read but not decoded.
    first: Bytes,
    decoder: Decoder,
    is_finished: bool,
}

impl<S: Stream<Item = Result<Bytes>> + Unpin> Reader<S> {
    /// Reads up to the end of the header to detect the separator.
    ///
    /// # Errors
    /// A message for the author of the file: it is not text, or not CSV.
    pub async fn open(file: S) -> Result<Result<Self, &'static str>> {
        let mut file = match DecodedStream::open(file).await? {
            Ok(file) => file,
            Err(why) => return Ok(Err(why)),
        };
        let (mut parser, mut chunk) = (Parser::new(b','), Bytes::new());
        loop {
            let (head, line_end) = match file.first_line(chunk).await? {
                Ok(head) => head,
                Err(why) => return Ok(Err(why)),
            };
            chunk = head;
            let line = &chunk[..line_end];
            if let Some(why) = kind::of_text(line) {
                return Ok(Err(why));
            }
            let start = line.iter().position(|byte| !matches!(byte, b'\r' | b'\n'));
            let known = declared_separator(&line[start.unwrap_or_default()..]);
            let Some(known) = known.filter(|_| parser.is_at_start()) else {
                parser.set_separator(separator(line));
                break;
            };
            // The parser reads this line as a row to count lines; its separator does not matter.
            chunk.advance(parser.read(&chunk).0);
            match known {
                DeclaredSeparator::Separator(separator) => {
                    parser.set_separator(separator);
                    break;
                }
                DeclaredSeparator::Unknown => {}
                DeclaredSeparator::Unusable => {
                    return Ok(Err(
                        "The separator in its first line is not a single ASCII character. Save it with commas or semicolons.",
                    ));
                }
            }
        }
        Ok(Ok(Self {
            file,
            chunk,
            parser,
        }))
    }

    /// Returns the field separator.
    pub const fn separator(&self) -> u8 {
        self.parser.separator()
    }

    /// Whether the file is in Windows-1252. Known after the first row with a non-ASCII character.
    pub const fn is_windows(&self) -> bool {
        self.file.decoder.is_windows()
    }

    /// Returns the next non-empty row.
    ///
    /// # Errors
    /// The file can't be read.
    pub async fn next(&mut self) -> Result<Option<Record>> {
        loop {
            let (read, record) = self.parser.read(&self.chunk);
            self.chunk.advance(read);
            if let Some(record) = record {
                if record.is_blank() {
                    continue;
                }
                return Ok(Some(record));
            }
            match self.file.next().await? {
                Some(chunk) => self.chunk = chunk,
                None => return Ok(self.parser.finish().filter(|record| !record.is_blank())),
            }
        }
    }
}

impl<S: Stream<Item = Result<Bytes>> + Unpin> DecodedStream<S> {
    /// Reads enough to detect the type of the file.
    async fn open(mut file: S) -> Result<Result<Self, &'static str>> {
        let mut head = BytesMut::new();
        let wanted = |head: &BytesMut| {
            if kind::is_zip(head) {
                kind::ZIP
            } else {
                SNIFF_BYTES
            }
        };
        while head.len() < wanted(&head) {
            match file.next().await {
                Some(chunk) => head.extend_from_slice(&chunk?),
                None => break,
            }
        }
        if let Some(why) = kind::of_bytes(&head[..head.len().min(wanted(&head))]) {
            return Ok(Err(why));
        }
        let decoder = Decoder::new(&mut head);
        Ok(Ok(Self {
            file,
            first: head.freeze(),
            decoder,
            is_finished: false,
        }))
    }

    async fn next(&mut self) -> Result<Option<Bytes>> {
        if !self.first.is_empty() {
            let first = std::mem::take(&mut self.first);
            return Ok(Some(self.decoder.decode(first)));
        }
        if self.is_finished {
            return Ok(None);
        }
        let Some(chunk) = self.file.next().await else {
            self.is_finished = true;
            return Ok(Some(self.decoder.finish()));
        };
        Ok(Some(self.decoder.decode(chunk?)))
    }

    /// Extends `chunk` until it contains a non-empty line. Returns it with the end of that line.
    async fn first_line(&mut self, chunk: Bytes) -> Result<Result<(Bytes, usize), &'static str>> {
        let (mut head, mut line_state, mut seen) = (BytesMut::from(chunk), LineState::default(), 0);
        let line_end = loop {
            // Each byte is examined once, regardless of the chunk size.
            let ends = |byte: &u8| line_state.is_outside(*byte) && matches!(byte, b'\r' | b'\n');
            if let Some(end) = head[seen..].iter().position(ends) {
                break seen + end;
            }
            seen = head.len();
            if seen > MAX_RECORD {
                return Ok(Err("Its first line is longer than 1 MiB."));
            }
            match self.next().await? {
                Some(chunk) => head.extend_from_slice(&chunk),
                None => break seen,
            }
        };
        Ok(Ok((head.freeze(), line_end)))
    }
}
