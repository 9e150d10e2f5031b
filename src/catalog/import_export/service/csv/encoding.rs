//! Decodes UTF-8, UTF-16 and Windows-1252 to UTF-8, chunk by chunk.

use bytes::{Bytes, BytesMut};
use encoding_rs::{DecoderResult, UTF_16BE, UTF_16LE, WINDOWS_1252};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// Number of bytes, from the first non-ASCII byte, that are examined to distinguish UTF-8 from Windows-1252.
const LOOKAHEAD: usize = 64 * 1024;
/// Minimum number of consecutive non-ASCII bytes that are unlikely in Windows-1252.
const MIN_FOREIGN_WORD: usize = 4;
/// Replaces invalid sequences. It is invalid in UTF-8, so that its cell is rejected.
const INVALID_BYTE: u8 = 0xff;

/// Streaming decoder.
#[derive(Debug)]
pub struct Decoder {
    state: State,
    is_windows: bool,
}

enum State {
    /// Only ASCII so far: UTF-8 or Windows-1252.
    Ascii,
    /// Bytes since the first non-ASCII byte, until the encoding is decided.
    Undecided(BytesMut),
    Utf8,
    Other(Box<encoding_rs::Decoder>),
}

impl std::fmt::Debug for State {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("State")
    }
}

impl Decoder {
    /// Removes the byte order mark and detects UTF-16. `head` must have at least four bytes unless the file is
    /// shorter.
    pub fn new(head: &mut BytesMut) -> Self {
        let (state, mark) = match &head[..] {
            [0xff, 0xfe, ..] => (State::other(UTF_16LE), 2),
            [0xfe, 0xff, ..] => (State::other(UTF_16BE), 2),
            // Every product file begins with ASCII letters.
            [1..=255, 0, 1..=255, 0, ..] => (State::other(UTF_16LE), 0),
            [0, 1..=255, 0, 1..=255, ..] => (State::other(UTF_16BE), 0),
            head if head.starts_with(BYTE_ORDER_MARK) => {
                // Some programs prepend another byte order mark.
                let marks = head.chunks(BYTE_ORDER_MARK.len());
                let marks = marks.take_while(|mark| *mark == BYTE_ORDER_MARK);
                (State::Utf8, marks.count() * BYTE_ORDER_MARK.len())
            }
            _ => (State::Ascii, 0),
        };
        _ = head.split_to(mark);
        let is_windows = false;
        Self { state, is_windows }
    }

    /// Whether the file is in Windows-1252. Known after the first non-ASCII character was decoded.
    pub const fn is_windows(&self) -> bool {
        self.is_windows
    }

    /// Decodes the next chunk. After the last chunk, call `finish`.
    pub fn decode(&mut self, chunk: Bytes) -> Bytes {
        match &mut self.state {
            State::Utf8 => chunk,
            State::Ascii => {
                let Some(index) = chunk.iter().position(|byte| !byte.is_ascii()) else {
                    return chunk;
                };
                self.state = State::Undecided(BytesMut::new());
                let undecided = self.buffer(&chunk[index..]);
                join(chunk.slice(..index), undecided)
            }
            State::Undecided(_) => self.buffer(&chunk),
            State::Other(decoder) => decode(decoder, &chunk, false),
        }
    }

    /// Returns the remaining text at the end of the file.
    pub fn finish(&mut self) -> Bytes {
        match &mut self.state {
            State::Undecided(_) => {
                let undecided = self.decide_encoding();
                join(undecided, self.finish())
            }
            State::Other(decoder) => decode(decoder, &[], true),
            State::Ascii | State::Utf8 => Bytes::new(),
        }
    }

    fn buffer(&mut self, bytes: &[u8]) -> Bytes {
        let State::Undecided(undecided) = &mut self.state else {
            return Bytes::new();
        };
        undecided.extend_from_slice(bytes);
        if undecided.len() < LOOKAHEAD {
            return Bytes::new();
        }
        self.decide_encoding()
    }

    /// Decides on an encoding by the buffered bytes, and decodes them.
    fn decide_encoding(&mut self) -> Bytes {
        let State::Undecided(undecided) = std::mem::replace(&mut self.state, State::Utf8) else {
            return Bytes::new();
        };
        let bytes = &undecided[..undecided.len().min(LOOKAHEAD)];
        // In UTF-8, the cells of a file in another encoding are rejected.
        self.is_windows = !is_utf8(bytes) && is_western(bytes);
        if self.is_windows {
            self.state = State::other(WINDOWS_1252);
        }
        self.decode(undecided.freeze())
    }
}

impl State {
    fn other(encoding: &'static encoding_rs::Encoding) -> Self {
        Self::Other(Box::new(encoding.new_decoder_without_bom_handling()))
    }
}

/// Whether bytes are more likely UTF-8, possibly with errors, than Windows-1252.
fn is_utf8(bytes: &[u8]) -> bool {
    let (mut letters, mut errors) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        letters += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        // An incomplete sequence at the end may be cut off.
        errors += usize::from(!chunk.invalid().is_empty());
    }
    let is_cut = bytes.utf8_chunks().last().is_some_and(|last| {
        std::str::from_utf8(last.invalid()).is_err_and(|error| error.error_len().is_none())
    });
    letters + usize::from(is_cut && bytes.len() == LOOKAHEAD) >= errors
}

/// Whether bytes that are not UTF-8 are likely Windows-1252. Its languages have few consecutive non-ASCII characters;
/// words in Cyrillic, Greek or an East Asian encoding consist of them.
fn is_western(bytes: &[u8]) -> bool {
    let (mut all, mut consecutive) = (0, 0);
    for run in bytes.split(u8::is_ascii) {
        all += run.len();
        // A repeated character may be a decoration.
        let is_repeated = run.windows(2).all(|pair| pair[0] == pair[1]);
        if run.len() >= MIN_FOREIGN_WORD && !is_repeated {
            consecutive += run.len();
        }
    }
    consecutive * 4 <= all
}

fn decode(decoder: &mut encoding_rs::Decoder, mut bytes: &[u8], is_last: bool) -> Bytes {
    let is_windows = decoder.encoding() == WINDOWS_1252;
    let mut text = Vec::with_capacity(bytes.len());
    // One buffer for all iterations: each invalid byte ends one.
    let mut buffer = [0; 4096];
    loop {
        let (result, read, written) =
            decoder.decode_to_utf8_without_replacement(bytes, &mut buffer, is_last);
        text.extend_from_slice(&buffer[..written]);
        bytes = &bytes[read..];
        match result {
            DecoderResult::InputEmpty => break,
            DecoderResult::Malformed(..) => text.push(INVALID_BYTE),
            DecoderResult::OutputFull => {}
        }
    }
    if is_windows {
        text = without_controls(&text);
    }
    text.into()
}

/// Five bytes are undefined in Windows-1252 but letters in related encodings. Such a file is in another encoding.
fn without_controls(text: &[u8]) -> Vec<u8> {
    let mut rest = text.iter().copied().peekable();
    let mut checked = Vec::with_capacity(text.len());
    while let Some(byte) = rest.next() {
        // U+0080 to U+009F: the decoder outputs only those five.
        let is_control = byte == 0xc2 && rest.next_if(|next| matches!(next, 0x80..=0x9f)).is_some();
        checked.push(if is_control { INVALID_BYTE } else { byte });
    }
    checked
}

fn join(first: Bytes, second: Bytes) -> Bytes {
    match (first.is_empty(), second.is_empty()) {
        (true, _) => second,
        (_, true) => first,
        _ => [first, second].concat().into(),
    }
}
