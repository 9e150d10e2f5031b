//! Incremental CSV parser: turns chunks of bytes into rows.

use super::MAX_RECORD;

/// A row of a file.
#[derive(Debug, Default)]
pub struct Record {
    /// Line where the row begins. Starts at 1.
    pub line: u64,
    /// Syntax error of the row. If set, the fields are invalid.
    pub error: Option<RowError>,
    data: Vec<u8>,
    ends: Vec<usize>,
}

/// Syntax error of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowError {
    TooLong,
    QuoteNotClosed,
    AfterQuote,
}

impl RowError {
    /// Returns the message for the author of the file.
    pub const fn message(self) -> &'static str {
        match self {
            Self::TooLong => "The row exceeds 1 MiB. A quoted field may be unclosed.",
            Self::QuoteNotClosed => "A quoted field is not closed.",
            Self::AfterQuote => {
                "Text follows a closing quote. Double the quotes within a quoted field."
            }
        }
    }
}

impl Record {
    /// Returns the number of fields.
    pub const fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no field.
    pub const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Returns the fields as bytes.
    pub fn fields(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts
            .zip(&self.ends)
            .map(|(start, end)| &self.data[start..*end])
    }

    /// Whether the row contains only whitespace. Spreadsheets leave such rows at the end.
    pub fn is_blank(&self) -> bool {
        self.error.is_none() && self.data.iter().all(u8::is_ascii_whitespace)
    }

    /// Whether the row contains only ASCII.
    pub fn is_ascii(&self) -> bool {
        self.data.is_ascii()
    }

    /// Returns the size of the fields in bytes.
    pub const fn size(&self) -> usize {
        self.data.len()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ParserState {
    /// Before a row. Empty lines are skipped.
    RowStart,
    FieldStart,
    Plain,
    Quoted,
    /// After a quote in a quoted field: the end of the field, or the first of two quotes.
    Quote,
    /// In a row with invalid quotes, until the line ends.
    Invalid,
}

/// Incremental CSV parser.
#[derive(Debug)]
pub struct Parser {
    separator: u8,
    line: u64,
    has_read: bool,
    at: ParserState,
    /// The previous byte was a carriage return; a following line feed belongs to it.
    after_return: bool,
    record: Record,
}

impl Parser {
    pub const fn new(separator: u8) -> Self {
        Self {
            separator,
            line: 1,
            has_read: false,
            at: ParserState::RowStart,
            after_return: false,
            record: Record {
                line: 1,
                error: None,
                data: Vec::new(),
                ends: Vec::new(),
            },
        }
    }

    /// Returns the field separator.
    pub const fn separator(&self) -> u8 {
        self.separator
    }

    /// Sets the field separator of the following rows.
    pub const fn set_separator(&mut self, separator: u8) {
        self.separator = separator;
    }

    /// Whether no row has been read yet.
    pub const fn is_at_start(&self) -> bool {
        !self.has_read
    }

    /// Parses up to the end of a row. Returns the number of bytes consumed, and the row if it is complete.
    pub fn read(&mut self, input: &[u8]) -> (usize, Option<Record>) {
        let mut read = 0;
        while let Some(rest) = input.get(read..).filter(|rest| !rest.is_empty()) {
            let plain_length = self.plain_length(rest);
            if plain_length > 0 {
                self.push_bytes(&rest[..plain_length]);
                self.after_return = false;
                read += plain_length;
                continue;
            }
            read += 1;
            if self.step(rest[0]) {
                return (read, Some(self.take()));
            }
        }
        (read, None)
    }

    /// Returns the last row if the file does not end with a line break.
    pub fn finish(&mut self) -> Option<Record> {
        match self.at {
            ParserState::RowStart => return None,
            ParserState::Quoted if self.record.error.is_none() => {
                self.mark_invalid(RowError::QuoteNotClosed);
            }
            ParserState::FieldStart | ParserState::Plain | ParserState::Quote => self.end_field(),
            ParserState::Quoted | ParserState::Invalid => {}
        }
        Some(self.take())
    }

    /// Returns the number of bytes without syntactic meaning.
    fn plain_length(&self, rest: &[u8]) -> usize {
        let special = |byte: &u8| match self.at {
            ParserState::Plain => *byte == self.separator || matches!(byte, b'\r' | b'\n'),
            ParserState::Quoted => matches!(byte, b'"' | b'\r' | b'\n'),
            ParserState::Invalid => matches!(byte, b'\r' | b'\n'),
            ParserState::RowStart | ParserState::FieldStart | ParserState::Quote => true,
        };
        rest.iter().position(special).unwrap_or(rest.len())
    }

    /// Consumes a byte with syntactic meaning. Returns whether it ends a row.
    fn step(&mut self, byte: u8) -> bool {
        let was_return = std::mem::replace(&mut self.after_return, byte == b'\r');
        let ends_line = byte == b'\r' || (byte == b'\n' && !was_return);
        if ends_line {
            self.line += 1;
        }
        let is_line_end = matches!(byte, b'\r' | b'\n');
        match (self.at, byte) {
            (ParserState::RowStart, _) if is_line_end => {}
            (ParserState::RowStart, _) => {
                self.record.line = self.line;
                self.begin_field(byte);
            }
            (ParserState::Quoted, b'"') => self.at = ParserState::Quote,
            (ParserState::Quote, b'"') => {
                self.push_bytes(b"\"");
                self.at = ParserState::Quoted;
            }
            (ParserState::Invalid, _) => return true,
            (ParserState::FieldStart | ParserState::Plain | ParserState::Quote, _)
                if is_line_end =>
            {
                self.end_field();
                return true;
            }
            (ParserState::FieldStart, _) => self.begin_field(byte),
            (ParserState::Plain | ParserState::Quote, _) if byte == self.separator => {
                self.end_field();
                self.at = ParserState::FieldStart;
            }
            (ParserState::Quote, _) => {
                self.mark_invalid(RowError::AfterQuote);
                self.at = ParserState::Invalid;
            }
            (ParserState::Plain | ParserState::Quoted, _) => self.push_bytes(&[byte]),
        }
        false
    }

    fn begin_field(&mut self, byte: u8) {
        if byte == self.separator {
            self.end_field();
            self.at = ParserState::FieldStart;
        } else if byte == b'"' {
            self.at = ParserState::Quoted;
        } else {
            self.at = ParserState::Plain;
            self.push_bytes(&[byte]);
        }
    }

    fn push_bytes(&mut self, bytes: &[u8]) {
        if self.record.error.is_some() {
            return;
        }
        if self.record.data.len() + bytes.len() > MAX_RECORD {
            self.mark_invalid(RowError::TooLong);
        } else {
            self.record.data.extend_from_slice(bytes);
        }
    }

    fn end_field(&mut self) {
        if self.record.error.is_some() {
            return;
        }
        // Empty fields need memory too and are limited.
        if self.record.ends.len() >= MAX_RECORD / 8 {
            self.mark_invalid(RowError::TooLong);
        } else {
            self.record.ends.push(self.record.data.len());
        }
    }

    /// Marks the row as invalid and discards its data. Parsing continues to its end, so that line breaks in its
    /// quoted fields do not start rows.
    fn mark_invalid(&mut self, error: RowError) {
        self.record.error = Some(error);
        self.record.data = Vec::new();
        self.record.ends = Vec::new();
    }

    fn take(&mut self) -> Record {
        self.at = ParserState::RowStart;
        self.has_read = true;
        let (data, ends) = (self.record.data.len(), self.record.ends.len());
        let next = Record {
            data: Vec::with_capacity(data),
            ends: Vec::with_capacity(ends),
            ..Record::default()
        };
        std::mem::replace(&mut self.record, next)
    }
}
