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
    let mut outside = outside_quotes(head);
    let end = outside.find(|(_, byte)| matches!(byte, b'\r' | b'\n'));
    end.map(|(place, _)| place)
}

/// The one that stands most often between the names of the columns.
fn separator(line: &[u8]) -> u8 {
    let mut counts = [0_usize; SEPARATORS.len()];
    for (_, byte) in outside_quotes(line) {
        let found = SEPARATORS.iter().position(|separator| *separator == byte);
        if let Some(found) = found {
            counts[found] += 1;
        }
    }
    let most = counts.iter().copied().max().unwrap_or_default();
    let first = counts.iter().position(|count| *count == most);
    SEPARATORS[first.unwrap_or_default()]
}

/// The bytes from the first line that is not empty on which do not stand in quotes. As for the parser, a quote means
/// something only where a field begins.
fn outside_quotes(head: &[u8]) -> impl Iterator<Item = (usize, u8)> {
    let is_text = |byte: &u8| !matches!(byte, b'\r' | b'\n') && !BYTE_ORDER_MARK.contains(byte);
    let start = head.iter().position(is_text).unwrap_or(head.len());
    let (mut begins, mut quoted, mut closed) = (true, false, false);
    let rest = head.iter().copied().enumerate().skip(start);
    rest.filter(move |(_, byte)| {
        // A quote right behind one that closes is half of a quote.
        let opens = *byte == b'"' && (begins || closed);
        let was_quoted = quoted;
        closed = quoted && *byte == b'"';
        quoted = opens || (quoted && !closed);
        begins = !was_quoted && SEPARATORS.contains(byte);
        !was_quoted && !opens
    })
}
