//! Removal of invisible characters, which come with texts pasted from web pages and office programs.

use std::borrow::Cow;

use unicode_normalization::char::is_combining_mark;

/// Returns a text on one line without invisible characters. Line ends and unusual spaces become spaces; control
/// characters and zero-width spaces are removed. Directional marks, joiners and flag tags stay where a script or an
/// emoji needs them. A NUL character stays, for validation to reject.
pub fn clean_line(text: &str) -> Cow<'_, str> {
    clean(text, line_character)
}

/// Returns a text of several lines without invisible characters; see [`clean_line`]. Line ends become line feeds, and tabs
/// stay.
pub fn clean_text(text: &str) -> Cow<'_, str> {
    clean(text, text_character)
}

/// Returns the replacement of a character; `None` removes it.
type Replace = fn(char) -> Option<char>;

fn clean(text: &str, replace: Replace) -> Cow<'_, str> {
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~');
    if text.bytes().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let text = text.replace("\r\n", "\n");
    let letters: Vec<char> = text.chars().filter_map(replace).collect();
    let is_right_to_left = letters.iter().copied().any(is_right_to_left);
    let mut cleaned = String::with_capacity(text.len());
    let mut before = None;
    let mut flag = false;
    // Index of the next character that is no joiner, mark or tag. Advances only forward, so the loop stays linear.
    let mut next = 0;
    for (place, &letter) in letters.iter().enumerate() {
        while next <= place || letters.get(next).copied().is_some_and(is_format) {
            next += 1;
        }
        let is_kept = match letter {
            '\u{200e}' | '\u{200f}' | '\u{61c}' => is_right_to_left,
            '\u{200c}' => before.is_some_and(is_joined),
            '\u{200d}' => before.is_some_and(|before| {
                let after = letters.get(next).copied();
                is_joined(before) || (is_emoji(before) && after.is_some_and(is_emoji))
            }),
            '\u{e0020}'..='\u{e007f}' => flag,
            _ => true,
        };
        if is_kept {
            flag = letter == BLACK_FLAG || (flag && is_tag(letter));
            cleaned.push(letter);
            before = Some(letter);
        }
    }
    Cow::Owned(cleaned)
}

/// The base character of regional flags, which are spelt in tag characters.
const BLACK_FLAG: char = '\u{1f3f4}';

fn line_character(letter: char) -> Option<char> {
    match letter {
        '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some(' '),
        _ => any_character(letter),
    }
}

fn text_character(letter: char) -> Option<char> {
    match letter {
        '\t' => Some(letter),
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some('\n'),
        _ => any_character(letter),
    }
}

fn any_character(letter: char) -> Option<char> {
    match letter {
        '\0' => Some(letter),
        // No-break and typographic spaces.
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' => Some(' '),
        // The soft hyphen, the Mongolian vowel separator, the zero-width space, directional embeddings and overrides,
        // the word joiner and invisible operators, the byte order mark, annotations, noncharacters, the language tag.
        '\u{ad}'
        | '\u{180e}'
        | '\u{200b}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{fffe}'
        | '\u{ffff}'
        | '\u{e0000}'..='\u{e001f}' => None,
        _ => (!letter.is_control()).then_some(letter),
    }
}

/// Whether this is a letter or mark of a script with joining letters: Arabic, Indic scripts and the like.
fn is_joined(letter: char) -> bool {
    matches!(letter, '\u{590}'..='\u{10ff}' | '\u{1200}'..='\u{1cff}' | '\u{a800}'..='\u{abff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10a00}'..='\u{11fff}' | '\u{1e900}'..='\u{1eeff}')
        && (letter.is_alphabetic() || is_combining_mark(letter))
}

const fn is_emoji(letter: char) -> bool {
    matches!(letter, '\u{2190}'..='\u{2bff}' | '\u{fe0f}' | '\u{1f000}'..='\u{1faff}')
}

const fn is_format(letter: char) -> bool {
    matches!(letter, '\u{200c}'..='\u{200f}' | '\u{61c}' | '\u{e0020}'..='\u{e007f}')
}

const fn is_tag(letter: char) -> bool {
    matches!(letter, '\u{e0020}'..='\u{e007f}')
}

/// Hebrew, Arabic, Syriac, Thaana, N'Ko and neighbouring blocks.
const fn is_right_to_left(letter: char) -> bool {
    matches!(letter, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
        && letter != '\u{61c}'
}
