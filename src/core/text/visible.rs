//! Removal of invisible characters, which come with texts pasted from web pages and office programs.

use std::borrow::Cow;

use unicode_normalization::char::is_combining_mark;

/// Returns a text on one line without invisible characters. Line ends and unusual spaces become spaces; control
/// characters and zero-width spaces are removed. Directional marks, joiners, variation selectors and flag tags stay
/// where a script or an emoji needs them. A NUL character stays, for validation to reject.
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
    let characters: Vec<char> = text.chars().filter_map(replace).collect();
    let is_right_to_left = characters.iter().copied().any(is_right_to_left);
    let mut cleaned = String::with_capacity(text.len());
    let mut previous = None;
    let mut flag = false;
    // Index of the next character that is no joiner, mark or tag. Advances only forward, so the loop stays linear.
    let mut next = 0;
    for (index, &character) in characters.iter().enumerate() {
        while next <= index || characters.get(next).copied().is_some_and(is_format) {
            next += 1;
        }
        let is_retained = match character {
            '\u{200e}' | '\u{200f}' | '\u{61c}' => is_right_to_left,
            '\u{200c}' => previous.is_some_and(is_joined),
            '\u{200d}' => previous.is_some_and(|previous| {
                let after = characters.get(next).copied();
                is_joined(previous) || (is_emoji(previous) && after.is_some_and(is_emoji))
            }),
            '\u{e0020}'..='\u{e007f}' => flag,
            _ => is_applicable(character, previous, characters.get(index + 1).copied()),
        };
        if is_retained {
            flag = character == BLACK_FLAG || (flag && is_tag(character));
            cleaned.push(character);
            previous = Some(character);
        }
    }
    Cow::Owned(cleaned)
}

/// Whether a character that only modifies its neighbours has such neighbours. True for all other characters.
fn is_applicable(character: char, previous: Option<char>, next: Option<char>) -> bool {
    let is_after = |expected: fn(char) -> bool| previous.is_some_and(expected);
    match character {
        // The grapheme joiner, between combining marks.
        '\u{34f}' => is_after(is_combining_mark),
        // Fillers of Old Hangul syllables without a first or second letter.
        '\u{115f}' => next.is_some_and(|next| matches!(next, '\u{1161}'..='\u{11a7}')),
        '\u{1160}' => is_after(|previous| matches!(previous, '\u{1100}'..='\u{115e}')),
        '\u{180b}'..='\u{180d}' | '\u{180f}' => {
            is_after(|previous| matches!(previous, '\u{1820}'..='\u{18aa}'))
        }
        // Variation selectors: of symbols and many scripts, and of ideographs.
        '\u{fe00}'..='\u{fe0f}' => is_after(|previous| {
            !(previous.is_ascii_alphabetic() || previous.is_whitespace() || is_selector(previous))
        }),
        '\u{e0100}'..='\u{e01ef}' => is_after(
            |previous| matches!(previous, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}'),
        ),
        _ => true,
    }
}

const fn is_selector(character: char) -> bool {
    matches!(character, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// The base character of regional flags, which are spelt in tag characters.
const BLACK_FLAG: char = '\u{1f3f4}';

fn line_character(character: char) -> Option<char> {
    match character {
        '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some(' '),
        _ => any_character(character),
    }
}

fn text_character(character: char) -> Option<char> {
    match character {
        '\t' => Some(character),
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some('\n'),
        _ => any_character(character),
    }
}

fn any_character(character: char) -> Option<char> {
    match character {
        '\0' => Some(character),
        // No-break and typographic spaces, the blank Braille pattern.
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{2800}' => Some(' '),
        // The soft hyphen, the Mongolian vowel separator, the zero-width space, directional embeddings and overrides,
        // the word joiner and invisible operators, the byte order mark, annotations, noncharacters, the language tag;
        // Khmer inherent vowels, Hangul fillers, controls of shorthand and of musical symbols.
        '\u{ad}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180e}'
        | '\u{200b}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{fffe}'
        | '\u{ffff}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e001f}' => None,
        _ => (!character.is_control()).then_some(character),
    }
}

/// Whether this is a letter or mark of a script with joining letters: Arabic, Indic scripts and the like.
fn is_joined(character: char) -> bool {
    matches!(character, '\u{590}'..='\u{10ff}' | '\u{1200}'..='\u{1cff}' | '\u{a800}'..='\u{abff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10a00}'..='\u{11fff}' | '\u{1e900}'..='\u{1eeff}')
        && (character.is_alphabetic() || is_combining_mark(character))
}

const fn is_emoji(character: char) -> bool {
    matches!(character, '\u{2190}'..='\u{2bff}' | '\u{fe0f}' | '\u{1f000}'..='\u{1faff}')
}

const fn is_format(character: char) -> bool {
    matches!(character, '\u{200c}'..='\u{200f}' | '\u{61c}' | '\u{e0020}'..='\u{e007f}')
}

const fn is_tag(character: char) -> bool {
    matches!(character, '\u{e0020}'..='\u{e007f}')
}

/// Hebrew, Arabic, Syriac, Thaana, N'Ko and neighbouring blocks.
const fn is_right_to_left(character: char) -> bool {
    matches!(character, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
        && character != '\u{61c}'
}
