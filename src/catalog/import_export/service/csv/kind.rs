//! Detects files that are not CSV by their first bytes.

/// Number of bytes of a ZIP archive to examine.
pub const ZIP: usize = 64 * 1024;

const EXCEL: &str =
    "This is an Excel workbook: open it and save it as CSV (UTF-8), then import that.";
const OLE: &str = "This is an Excel 97-2003 workbook or another Office document: open it and save it as CSV (UTF-8), \
                   then import that.";
const OPEN_DOCUMENT: &str = "This is an OpenDocument spreadsheet or text: open it and save it as CSV (UTF-8), then import that.";
const NUMBERS: &str =
    "This is a Numbers spreadsheet: open it and export it as CSV (UTF-8), then import that.";
const WORD: &str = "This is a Word document, not a CSV file.";
const SLIDES: &str = "This is a PowerPoint presentation, not a CSV file.";
const ARCHIVE: &str = "This is a ZIP archive: unpack it and import the CSV file in it.";
const COMPRESSED: &str = "This is a compressed file: unpack it and import the CSV file in it.";
const PDF: &str = "This is a PDF document, not a CSV file.";
const RTF: &str = "This is a document in rich text (RTF): save the table as CSV (UTF-8).";
const IMAGE: &str = "This is an image, not a CSV file.";
const DATABASE: &str =
    "This is a database or a column store, not a CSV file: export its products as CSV.";
const WORKBOOK_XML: &str =
    "This is an Excel workbook in XML: open it and save it as CSV (UTF-8), then import that.";
const HTML: &str =
    "This is an HTML page, not a CSV file. Was a sign-in page downloaded in its place?";
const XML: &str = "This is an XML file: export the products as CSV.";
const JSON: &str = "This is a JSON file: export the products as CSV.";
const UTF_32: &str = "It is in UTF-32: save it as CSV (UTF-8).";
const BINARY: &str = "It is not text: save the products as CSV (UTF-8).";

/// Signatures of other file types.
const BEGINNINGS: [(&[u8], &str); 19] = [
    (b"\xd0\xcf\x11\xe0", OLE),
    (b"%PDF-", PDF),
    (b"{\\rtf", RTF),
    (b"\x1f\x8b", COMPRESSED),
    (b"BZh", COMPRESSED),
    (b"\xfd7zXZ", COMPRESSED),
    (b"\x28\xb5\x2f\xfd", COMPRESSED),
    (b"7z\xbc\xaf\x27\x1c", COMPRESSED),
    (b"Rar!", COMPRESSED),
    (b"\x89PNG", IMAGE),
    (b"\xff\xd8\xff", IMAGE),
    (b"GIF8", IMAGE),
    (b"RIFF", IMAGE),
    (b"SQLite format 3\0", DATABASE),
    (b"PAR1", DATABASE),
    (b"\xff\xfe\0\0", UTF_32),
    (b"\0\0\xfe\xff", UTF_32),
    (b"\x09\x08\x10\0", EXCEL),
    (b"\x09\x08\x08\0", EXCEL),
];

pub fn is_zip(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}

/// Identifies a file that is not text by its first bytes.
pub fn of_bytes(head: &[u8]) -> Option<&'static str> {
    if is_zip(head) {
        return Some(of_zip(head));
    }
    let begins = |(beginning, _): &&(&[u8], &str)| head.starts_with(beginning);
    let found = BEGINNINGS.iter().find(begins).map(|(_, what)| *what);
    found.or_else(|| of_markup(head))
}

/// Identifies a ZIP-based format by the names of its entries.
fn of_zip(head: &[u8]) -> &'static str {
    let holds = |text: &[u8]| head.windows(text.len()).any(|window| window == text);
    if holds(b"application/vnd.oasis.opendocument.spreadsheet") {
        return OPEN_DOCUMENT;
    }
    let names = entry_names(head);
    let any = |test: &dyn Fn(&[u8]) -> bool| names.iter().any(|name| test(name));
    if any(&|name| name.starts_with(b"xl/")) {
        EXCEL
    } else if any(&|name| name.starts_with(b"word/")) {
        WORD
    } else if any(&|name| name.starts_with(b"ppt/")) {
        SLIDES
    } else if any(&|name| name.ends_with(b".iwa") || name.starts_with(b"Index/")) {
        NUMBERS
    } else if any(&|name| name == b"mimetype") && any(&|name| name == b"content.xml") {
        OPEN_DOCUMENT
    } else if any(&|name| name == b"[Content_Types].xml") {
        EXCEL
    } else {
        ARCHIVE
    }
}

/// Returns the entry names in the local file headers of an archive.
fn entry_names(head: &[u8]) -> Vec<&[u8]> {
    let starts = head.windows(4).enumerate();
    let starts = starts.filter(|(_, window)| *window == b"PK\x03\x04");
    let name = |(start, _): (usize, &[u8])| {
        let length = head.get(start + 26..start + 28)?;
        let length = usize::from(u16::from_le_bytes(length.try_into().ok()?));
        head.get(start + 30..start + 30 + length)
    };
    starts.filter_map(name).collect()
}

/// Identifies markup and JSON by their beginning, in UTF-8 or UTF-16.
fn of_markup(head: &[u8]) -> Option<&'static str> {
    // Without the zero bytes and byte order marks of UTF-16.
    let text: Vec<u8> = head
        .iter()
        .filter(|byte| byte.is_ascii() && **byte != 0)
        .map(u8::to_ascii_lowercase)
        .collect();
    let text = text.trim_ascii_start();
    let holds = |part: &[u8]| text.windows(part.len()).any(|window| window == part);
    match text {
        [b'<', b'a'..=b'z' | b'!' | b'?', ..] if holds(b"office:spreadsheet") => Some(WORKBOOK_XML),
        [b'<', b'a'..=b'z' | b'!' | b'?', ..] if holds(b"<?mso-application") => Some(WORKBOOK_XML),
        [b'<', b'a'..=b'z' | b'!', ..]
            if holds(b"<html") || holds(b"<!doctype html") || holds(b"<table") =>
        {
            Some(HTML)
        }
        [b'<', b'a'..=b'z' | b'!' | b'?', ..] => Some(if holds(b"<html") { HTML } else { XML }),
        [b'{' | b'[', rest @ ..] => match rest.trim_ascii_start() {
            [b'"' | b'{' | b'[' | b'}' | b']', ..] => Some(JSON),
            _ => None,
        },
        _ if text.starts_with(b"%pdf-") => Some(PDF),
        _ => None,
    }
}

/// Rejects a first line with zero bytes as binary.
pub fn of_text(line: &[u8]) -> Option<&'static str> {
    line.contains(&0).then_some(BINARY)
}
