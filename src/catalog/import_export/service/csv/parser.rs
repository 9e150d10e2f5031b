//! Bytes into rows, a chunk at a time.

use super::MAX_RECORD;

/// A row of a file.
#[derive(Debug, Default)]
pub struct Record {
    /// The line it begins on, from 1.
    pub line: u64,
    /// What is wrong with it as a whole; its fields mean nothing then.
    pub fault: Option<Fault>,
    data: Vec<u8>,
    ends: Vec<usize>,
}

/// What can be wrong with a row before anybody looks at its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    TooLong,
    QuoteNotClosed,
    AfterQuote,
}

impl Fault {
    /// The sentence for whoever has to mend it.
    pub const fn message(self) -> &'static str {
        match self {
            Self::TooLong => "This row is longer than 1 MiB. Is a quote not closed?",
            Self::QuoteNotClosed => "A quote is not closed.",
            Self::AfterQuote => {
                "Text follows a closing quote. A quote within quotes is written twice."
            }
        }
    }
}

impl Record {
    /// How many fields it has.
    pub const fn len(&self) -> usize {
        self.ends.len()
    }

    /// The bytes of its fields.
    pub fn fields(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts
            .zip(&self.ends)
            .map(|(start, end)| &self.data[start..*end])
    }

    /// Whether nothing stands in it but spaces: spreadsheets leave such rows at the end.
    pub fn is_blank(&self) -> bool {
        self.fault.is_none() && self.data.iter().all(u8::is_ascii_whitespace)
    }

    /// Whether it holds anything but ASCII.
    pub fn is_ascii(&self) -> bool {
        self.data.is_ascii()
    }

    /// How many bytes it holds.
    pub const fn size(&self) -> usize {
        self.data.len()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// Before a row: empty lines are skipped.
    RowStart,
    FieldStart,
    Plain,
    Quoted,
    /// After a quote within quotes: the end of the field, or half of a quote.
    Quote,
    /// In a row whose quotes make no sense: until its line ends.
    Lost,
}

/// The state of reading.
#[derive(Debug)]
pub struct Parser {
    separator: u8,
    line: u64,
    has_read: bool,
    at: At,
    /// The byte before was a carriage return: a line feed belongs to it.
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

    /// The byte that separates fields.
    pub const fn separator(&self) -> u8 {
        self.separator
    }

    /// Separates the fields of the rows to come by this byte.
    pub const fn set_separator(&mut self, separator: u8) {
        self.separator = separator;
    }

    /// Whether no row has been read.
    pub const fn is_at_start(&self) -> bool {
        !self.has_read
    }

    /// Reads up to the end of a row: how many bytes that took, and the row, unless the bytes end before it.
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

    /// The last row, when the file ends without a line end.
    pub fn finish(&mut self) -> Option<Record> {
        match self.at {
            At::RowStart => return None,
            At::Quoted if self.record.fault.is_none() => self.lose(Fault::QuoteNotClosed),
            At::FieldStart | At::Plain | At::Quote => self.end_field(),
            At::Quoted | At::Lost => {}
        }
        Some(self.take())
    }

    /// How many bytes only have to be kept.
    fn plain(&self, rest: &[u8]) -> usize {
        let special = |byte: &u8| match self.at {
            At::Plain => *byte == self.separator || matches!(byte, b'\r' | b'\n'),
            At::Quoted => matches!(byte, b'"' | b'\r' | b'\n'),
            At::Lost => matches!(byte, b'\r' | b'\n'),
            At::RowStart | At::FieldStart | At::Quote => true,
        };
        rest.iter().position(special).unwrap_or(rest.len())
    }

    /// Takes a byte that means something; whether it ended a row.
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
        // Bytes without any content are bounded too.
        if self.record.ends.len() >= MAX_RECORD / 8 {
            self.lose(Fault::TooLong);
        } else {
            self.record.ends.push(self.record.data.len());
        }
    }

    /// Keeps nothing of this row. Its end is still looked for as if it were a good one: what stands within its quotes must
    /// not be taken for rows.
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
