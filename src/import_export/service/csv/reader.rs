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
        let mut head = BytesMut::new();
        let line_end = loop {
            if let Some(end) = first_line_end(&head) {
                break end;
            }
            match file.next().await {
                Some(chunk) => head.extend_from_slice(&chunk?),
                None => break head.len(),
            }
            if head.len() > MAX_RECORD + BYTE_ORDER_MARK.len() && first_line_end(&head).is_none() {
                return Ok(Err("Its first line is longer than 1 MiB."));
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

/// Where the first line that is not empty ends, outside of quotes.
fn first_line_end(head: &[u8]) -> Option<usize> {
    let start = head
        .iter()
        .position(|byte| !matches!(byte, b'\r' | b'\n') && !BYTE_ORDER_MARK.contains(byte))?;
    let mut quoted = false;
    let end = head[start..].iter().position(|byte| {
        quoted ^= *byte == b'"';
        !quoted && matches!(byte, b'\r' | b'\n')
    })?;
    Some(start + end)
}

/// The one that stands most often between the names of the columns.
fn separator(line: &[u8]) -> u8 {
    let mut counts = [0_usize; SEPARATORS.len()];
    let mut quoted = false;
    for byte in line {
        quoted ^= *byte == b'"';
        let found = SEPARATORS.iter().position(|separator| separator == byte);
        if let (false, Some(found)) = (quoted, found) {
            counts[found] += 1;
        }
    }
    let most = counts.iter().copied().max().unwrap_or_default();
    let first = counts.iter().position(|count| *count == most);
    SEPARATORS[first.unwrap_or_default()]
}
