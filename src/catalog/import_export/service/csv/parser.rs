//! Incremental CSV parser: turns chunks of bytes into rows.

use super::MAX_RECORD;

/// A row of a file.
#[derive(Debug, Default)]
pub struct Record {
    /// Line where the row begins. Starts at 1.
    pub line: u64,
    /// Syntax error of the row. If set, the fields are invalid.
    pub fault: Option<Fault>,
    data: Vec<u8>,
    ends: Vec<usize>,
}

/// Syntax error of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    TooLong,
    QuoteNotClosed,
    AfterQuote,
}

impl Fault {
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

    /// Returns the fields as bytes.
    pub fn fields(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts
            .zip(&self.ends)
            .map(|(start, end)| &self.data[start..*end])
    }

    /// Whether the row contains only whitespace. Spreadsheets leave such rows at the end.
    pub fn is_blank(&self) -> bool {
        self.fault.is_none() && self.data.iter().all(u8::is_ascii_whitespace)
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
enum At {
    /// Before a row. Empty lines are skipped.
    RowStart,
    FieldStart,
    Plain,
    Quoted,
    /// After a quote in a quoted field: the end of the field, or the first of two quotes.
    Quote,
    /// In a row with invalid quotes, until the line ends.
    Lost,
}

/// Incremental CSV parser.
#[derive(Debug)]
pub struct Parser {
    separator: u8,
    line: u64,
    has_read: bool,
    at: At,
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
            at: At::RowStart,
            after_return: false,
            record: Record {
                line: 1,
                fault: None,
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
            let plain = self.plain(rest);
            if plain > 0 {
                self.keep(&rest[..plain]);
                self.after_return = false;
                read += plain;
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
            At::RowStart => return None,
            At::Quoted if self.record.fault.is_none() => self.lose(Fault::QuoteNotClosed),
            At::FieldStart | At::Plain | At::Quote => self.end_field(),
            At::Quoted | At::Lost => {}
        }
        Some(self.take())
    }

    /// Returns the number of bytes without syntactic meaning.
    fn plain(&self, rest: &[u8]) -> usize {
        let special = |byte: &u8| match self.at {
            At::Plain => *byte == self.separator || matches!(byte, b'\r' | b'\n'),
            At::Quoted => matches!(byte, b'"' | b'\r' | b'\n'),
            At::Lost => matches!(byte, b'\r' | b'\n'),
            At::RowStart | At::FieldStart | At::Quote => true,
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
            (At::RowStart, _) if is_line_end => {}
            (At::RowStart, _) => {
                self.record.line = self.line;
                self.begin_field(byte);
            }
            (At::Quoted, b'"') => self.at = At::Quote,
            (At::Quote, b'"') => {
                self.keep(b"\"");
                self.at = At::Quoted;
            }
            (At::Lost, _) => return true,
            (At::FieldStart | At::Plain | At::Quote, _) if is_line_end => {
                self.end_field();
                return true;
            }
            (At::FieldStart, _) => self.begin_field(byte),
            (At::Plain | At::Quote, _) if byte == self.separator => {
                self.end_field();
                self.at = At::FieldStart;
            }
            (At::Quote, _) => {
                self.lose(Fault::AfterQuote);
                self.at = At::Lost;
            }
            (At::Plain | At::Quoted, _) => self.keep(&[byte]),
        }
        false
    }

    fn begin_field(&mut self, byte: u8) {
        if byte == self.separator {
            self.end_field();
            self.at = At::FieldStart;
        } else if byte == b'"' {
            self.at = At::Quoted;
        } else {
            self.at = At::Plain;
            self.keep(&[byte]);
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.record.fault.is_some() {
            return;
        }
        if self.record.data.len() + bytes.len() > MAX_RECORD {
            self.lose(Fault::TooLong);
        } else {
            self.record.data.extend_from_slice(bytes);
        }
    }

    fn end_field(&mut self) {
        if self.record.fault.is_some() {
            return;
        }
        // Empty fields need memory too and are limited.
        if self.record.ends.len() >= MAX_RECORD / 8 {
            self.lose(Fault::TooLong);
        } else {
            self.record.ends.push(self.record.data.len());
        }
    }

    /// Marks the row as invalid and discards its data. Parsing continues to its end, so that line breaks in its
    /// quoted fields do not start rows.
    fn lose(&mut self, fault: Fault) {
        self.record.fault = Some(fault);
        self.record.data = Vec::new();
        self.record.ends = Vec::new();
    }

    fn take(&mut self) -> Record {
        self.at = At::RowStart;
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
