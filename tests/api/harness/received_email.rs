//! Parses received emails (RFC 5322, 2045 and 2047).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// An email that an SMTP server received.
#[derive(Clone, Debug)]
pub struct ReceivedEmail {
    /// The sender of the envelope.
    pub from: String,
    pub to: Vec<String>,
    /// The message without dot-stuffing.
    pub text: String,
}

impl ReceivedEmail {
    /// Returns the sorted names of its headers.
    pub fn header_names(&self) -> Vec<String> {
        let mut names: Vec<_> = headers(&self.text).map(|(name, _)| name).collect();
        names.sort();
        names
    }

    /// Returns a header that occurs once, unfolded and decoded.
    pub fn header(&self, name: &str) -> String {
        decode_encoded_words(&header(&self.text, name))
    }

    /// Returns the decoded part with this media type.
    pub fn part(&self, media_type: &str) -> String {
        let kind = header(&self.text, "Content-Type");
        let (_, boundary) = kind.split_once("boundary=\"").unwrap();
        let delimiter = format!("\r\n--{}", boundary.split('"').next().unwrap());
        let mut parts = self.text.split(delimiter.as_str()).skip(1);
        let part = parts.find(|part| part.contains(media_type)).unwrap();
        let part = part.trim_start_matches("\r\n");
        let (_, body) = part.split_once("\r\n\r\n").unwrap();
        let bytes = match header(part, "Content-Transfer-Encoding").as_str() {
            "7bit" => body.as_bytes().to_vec(),
            "base64" => STANDARD.decode(body.replace("\r\n", "")).unwrap(),
            "quoted-printable" => quoted_printable(&body.replace("=\r\n", "")),
            other => panic!("{other} in {part}"),
        };
        String::from_utf8(bytes).unwrap().replace("\r\n", "\n")
    }

    /// Returns the single code that both parts contain.
    pub fn code(&self) -> String {
        let text = self.part("text/plain");
        let mut codes = text.lines().filter(|line| is_code(line));
        let code = codes.next().unwrap_or_else(|| panic!("no code in {text}"));
        assert_eq!(codes.next(), None, "{text}");
        let html = self.part("text/html");
        assert_eq!(html.matches(code).count(), 1, "{html}");
        code.to_owned()
    }
}

fn is_code(line: &str) -> bool {
    line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit())
}

fn headers(message: &str) -> impl Iterator<Item = (String, String)> {
    let (head, _) = message.split_once("\r\n\r\n").unwrap();
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let lines: Vec<_> = unfolded.split("\r\n").map(ToOwned::to_owned).collect();
    lines.into_iter().map(|line| {
        let (name, value) = line.split_once(": ").unwrap_or_else(|| panic!("{line}"));
        (name.to_owned(), value.to_owned())
    })
}

fn header(message: &str, name: &str) -> String {
    let values: Vec<_> = headers(message)
        .filter(|(given, _)| given.eq_ignore_ascii_case(name))
        .collect();
    assert_eq!(values.len(), 1, "{name} in {message}");
    values[0].1.clone()
}

/// Decodes `=?utf-8?b?...?=`, the only encoding in headers of our emails.
fn decode_encoded_words(value: &str) -> String {
    let mut rest = value.replace("?= =?", "?==?");
    let mut decoded = String::new();
    let mut bytes = Vec::new();
    while let Some((before, word)) = rest.split_once("=?utf-8?b?") {
        decoded.push_str(before);
        let (word, after) = word.split_once("?=").unwrap();
        bytes.extend(STANDARD.decode(word).unwrap());
        if !after.starts_with("=?") {
            decoded.push_str(std::str::from_utf8(&bytes).unwrap());
            bytes.clear();
        }
        rest = after.to_owned();
    }
    decoded + &rest
}

fn quoted_printable(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'=' {
            let digits = std::str::from_utf8(&after[..2]).unwrap();
            bytes.push(u8::from_str_radix(digits, 16).unwrap());
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    bytes
}
