//! The rows of a file that comes in chunks.

use bytes::{Buf, Bytes, BytesMut};
use futures_util::{Stream, StreamExt};

use super::MAX_RECORD;
use super::parser::{Parser, Record};
use crate::error::Result;

/// What spreadsheets separate fields by.
const SEPARATORS: [u8; 3] = *b",;\t";
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads rows as the file comes in: never more than a row and a chunk of it are held.
#[derive(Debug)]
pub struct Reader<S> {
    file: S,
    chunk: Bytes,
    parser: Parser,
}

impl<S: Stream<Item = Result<Bytes>> + Unpin> Reader<S> {
    /// Reads as far as the end of the first line, which tells what the separator is.
    ///
    /// # Errors
    /// A sentence for whoever sent the file: it is no text, or not in UTF-8.
    pub async fn open(mut file: S) -> Result<Result<Self, &'static str>> {
        let (mut head, mut place, mut seen) = (BytesMut::new(), Place::default(), 0);
        let line_end = loop {
            // Where the first line that is not empty ends. Looked for once, however small the chunks are.
            let ends = |byte: &u8| place.is_outside(*byte) && matches!(byte, b'\r' | b'\n');
            if let Some(end) = head[seen..].iter().position(ends) {
                break seen + end;
            }
            seen = head.len();
            if seen > MAX_RECORD + BYTE_ORDER_MARK.len() {
                return Ok(Err("Its first line is longer than 1 MiB."));
            }
            match file.next().await {
                Some(chunk) => head.extend_from_slice(&chunk?),
                None => break seen,
            }
        };
        if head.starts_with(b"\xff\xfe")
            || head.starts_with(b"\xfe\xff")
            || head[..line_end].contains(&0)
        {
            return Ok(Err(
                "It is not in UTF-8, but perhaps in UTF-16: save it as UTF-8.",
            ));
        }
        if std::str::from_utf8(&head[..line_end]).is_err() {
            return Ok(Err(
                "Its first line is not in UTF-8: save it as CSV in UTF-8.",
            ));
        }
        let parser = Parser::new(separator(&head[..line_end]));
        let mut chunk = head.freeze();
        if chunk.starts_with(BYTE_ORDER_MARK) {
            chunk.advance(BYTE_ORDER_MARK.len());
        }
        Ok(Ok(Self {
            file,
            chunk,
            parser,
        }))
    }

    /// The next row. Empty ones are left out.
    ///
    /// # Errors
    /// The file can't be read further.
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
            match self.file.next().await {
                Some(chunk) => self.chunk = chunk?,
                None => return Ok(self.parser.finish().filter(|record| !record.is_blank())),
            }
        }
    }
}

/// The one that stands most often between the names of the columns.
fn separator(line: &[u8]) -> u8 {
    let mut counts = [0_usize; SEPARATORS.len()];
    let mut place = Place::default();
    for byte in line.iter().filter(|byte| place.is_outside(**byte)) {
        let found = SEPARATORS.iter().position(|separator| separator == byte);
        if let Some(found) = found {
            counts[found] += 1;
        }
    }
    let most = counts.iter().copied().max().unwrap_or_default();
    let first = counts.iter().position(|count| *count == most);
    SEPARATORS[first.unwrap_or_default()]
}

/// Where in a line the next byte stands. As for the parser, a quote means something only where a field begins.
#[derive(Clone, Copy, Debug, Default)]
enum Place {
    /// Before the first line that is not empty.
    #[default]
    Before,
    FieldStart,
    Plain,
    Quoted,
    /// After a quote that closes, or is half of one.
    Closed,
}

impl Place {
    /// Goes on by a byte; whether that stands in the line, and outside of quotes.
    fn is_outside(&mut self, byte: u8) -> bool {
        *self = match (*self, byte) {
            (Self::Before, b'\r' | b'\n') => Self::Before,
            (Self::Before, byte) if BYTE_ORDER_MARK.contains(&byte) => Self::Before,
            (Self::Quoted, b'"') => Self::Closed,
            (Self::Before | Self::FieldStart | Self::Closed, b'"') | (Self::Quoted, _) => {
                Self::Quoted
            }
            (_, byte) if SEPARATORS.contains(&byte) => Self::FieldStart,
            _ => Self::Plain,
        };
        matches!(self, Self::FieldStart | Self::Plain)
    }
}
