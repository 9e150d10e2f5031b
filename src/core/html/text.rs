//! Converts HTML descriptions to plain text.

use html_escape::decode_html_entities;

/// Gaps between words, in increasing order. A larger gap replaces a smaller one.
const GAPS: [&str; 5] = ["", " ", "\n", "\n\n", ITEM];
/// Gap before a list item.
const ITEM: &str = "\n- ";
/// Maximum length of a tag in which quotes are respected, so that a stray quote does not swallow the text.
const MAX_TAG: usize = 4_096;

/// Converts HTML to text: paragraphs are separated by an empty line, other blocks and line breaks start a new line,
/// and list items start with a hyphen. Content that browsers do not display is omitted.
pub fn to_text(html: &str) -> String {
    let mut text = Text::default();
    let mut rest = html;
    while let Some(index) = rest.find('<') {
        text.words(&rest[..index]);
        let tag = &rest[index..];
        rest = match tag.strip_prefix("<!--") {
            Some(comment) => after(comment, "-->"),
            None if is_tag(tag) => text.tag(tag),
            None => {
                text.words("<");
                &tag[1..]
            }
        };
    }
    text.words(rest);
    text.lines.trim().to_owned()
}

#[derive(Debug, Default)]
struct Text {
    lines: String,
    /// Pending whitespace before the next word, collapsed as in HTML.
    gap: &'static str,
}

impl Text {
    fn words(&mut self, raw: &str) {
        let decoded = decode_html_entities(raw);
        if decoded.starts_with(is_space) {
            self.require_gap(" ");
        }
        for word in decoded.split(is_space).filter(|word| !word.is_empty()) {
            if !self.lines.is_empty() || self.gap == ITEM {
                self.lines.push_str(self.gap);
            }
            self.lines.push_str(word);
            self.gap = " ";
        }
        if !decoded.ends_with(is_space) && !decoded.is_empty() {
            self.gap = "";
        }
    }

    /// Requires at least this gap before the next word.
    fn require_gap(&mut self, gap: &'static str) {
        let width = |gap: &str| GAPS.iter().position(|known| *known == gap);
        if width(gap) > width(self.gap) {
            self.gap = gap;
        }
    }

    /// Processes a tag and returns the rest.
    fn tag<'a>(&mut self, tag: &'a str) -> &'a str {
        let name = tag.trim_start_matches(['<', '/']);
        let end = name.find(|character: char| !character.is_ascii_alphanumeric());
        let name = name[..end.unwrap_or(name.len())].to_ascii_lowercase();
        let rest = after_tag(tag);
        let closes = tag.starts_with("</");
        match name.as_str() {
            "script" | "style" | "head" | "template" if !closes => {
                return after_close(rest, &name);
            }
            "li" if !closes => self.require_gap(ITEM),
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "blockquote" | "ul" | "ol"
            | "table" => {
                self.require_gap("\n\n");
            }
            "br" | "div" | "li" | "tr" | "hr" | "section" | "article" | "header" | "footer"
            | "dt" | "dd" | "pre" => self.require_gap("\n"),
            "td" | "th" => self.require_gap(" "),
            _ => {}
        }
        rest
    }
}

/// HTML whitespace, and the no-break space, which becomes a space here.
const fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r' | '\u{c}' | '\u{a0}')
}

/// Whether `<` begins a tag, as opposed to a comparison.
pub(super) fn is_tag(text: &str) -> bool {
    let mut characters = text[1..].chars();
    match characters.next() {
        Some('/') => characters
            .next()
            .is_some_and(|character| character.is_ascii_alphabetic()),
        Some(character) => character.is_ascii_alphabetic() || character == '!' || character == '?',
        None => false,
    }
}

/// Returns the text after a tag. Attributes may contain `>` in quotes.
pub(super) fn after_tag(tag: &str) -> &str {
    let mut quote = None;
    for (index, character) in tag.char_indices().take(MAX_TAG) {
        match quote {
            Some(require_gap) if character == require_gap => quote = None,
            None if character == '"' || character == '\'' => quote = Some(character),
            None if character == '>' => return &tag[index + 1..],
            Some(_) | None => {}
        }
    }
    after(tag, ">")
}

/// Returns the text after the closing tag with this name.
pub(super) fn after_close<'a>(rest: &'a str, name: &str) -> &'a str {
    let mut tags = rest.match_indices("</");
    let close = tags.find(|(index, _)| {
        let found = rest.get(index + 2..index + 2 + name.len());
        found.is_some_and(|found| found.eq_ignore_ascii_case(name))
    });
    close.map_or("", |(index, _)| after_tag(&rest[index..]))
}

pub(super) fn after<'a>(text: &'a str, end: &str) -> &'a str {
    text.find(end)
        .map_or("", |index| &text[index + end.len()..])
}
