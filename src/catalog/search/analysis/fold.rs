//! Folding: the letters that readers of a language take for the same become one.
//!
//! | script | folded |
//! |---|---|
//! | all | case, full-width and half-width forms, ligatures, digits of other scripts (`٣` is `3`) |
//! | Latin, Greek | accents; `ß` is `ss`, `æ` is `ae`, `œ` is `oe`, `ø` is `o`, `ł` is `l`, `đ` is `d`, `ı` is `i`, `ς` is `σ` |
//! | Cyrillic | stress marks; `ё` is `е`, `ґ` is `г`. `й` and `ї` are letters of their own |
//! | Arabic | vowel points, tatweel, forms of alef and hamza, `ى` is `ي`, `ة` is `ه`; the letters of Persian and Urdu keyboards |
//! | Hebrew | points, final letters |
//! | Japanese | hiragana is katakana |
//!
//! Marks of other scripts are vowels, and stay. Scripts are not transliterated: `книга` and `kniga` are different words.
//!
//! `ä`, `ö`, `ü`, `å` and `ø` have a second spelling, `ae`, `oe`, `ue`, `aa` and `oe`, see [`spell_out`].

use unicode_normalization::char::{decompose_canonical, is_combining_mark};

/// Zero of each script whose digits are folded.
const ZEROS: [char; 17] = [
    '\u{660}', '\u{6f0}', '\u{966}', '\u{9e6}', '\u{a66}', '\u{ae6}', '\u{b66}', '\u{be6}',
    '\u{c66}', '\u{ce6}', '\u{d66}', '\u{e50}', '\u{ed0}', '\u{f20}', '\u{1040}', '\u{17e0}',
    '\u{1810}',
];

/// Returns the lower case of a letter that is the same in all normal forms, without marks, and of a frequent script. It
/// saves looking the others up in the tables of Unicode. `None` for any other letter.
pub fn simple_lower(letter: char) -> Option<char> {
    match letter {
        'a'..='z'
        | '0'..='9'
        | 'à'..='ö'
        | 'ø'..='ÿ'
        | 'а'..='я'
        | 'ё'
        | '\u{5d0}'..='\u{5ea}'
        | '\u{621}'..='\u{63a}'
        | '\u{641}'..='\u{64a}' => Some(letter),
        'A'..='Z' | 'À'..='Ö' | 'Ø'..='Þ' | 'А'..='Я' => {
            char::from_u32(u32::from(letter) + 0x20)
        }
        'Ё' => Some('ё'),
        _ => None,
    }
}

/// Whether a character needs no normalization: of a frequent script, and neither a mark nor ignored.
pub fn is_simple(letter: char) -> bool {
    letter.is_ascii()
        || simple_lower(letter).is_some()
        || matches!(letter, '\u{2010}'..='\u{2023}' | '\u{3001}'..='\u{3002}' | '\u{3041}'..='\u{3096}'
            | '\u{30a1}'..='\u{30fe}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

/// Folds a word in lower case.
pub fn fold(word: &str) -> String {
    let mut folded = String::with_capacity(word.len());
    for letter in word.chars().filter(|letter| !is_ignored(*letter)) {
        push_folded(letter, &mut folded);
    }
    folded
}

/// Appends a folded letter, which is in lower case and in NFKC.
pub fn push_folded(letter: char, word: &mut String) {
    if letter.is_ascii() {
        word.push(letter);
        return;
    }
    let base = if has_accents(letter) {
        let mut base = None;
        decompose_canonical(letter, |part| base = base.or(Some(part)));
        base.unwrap_or(letter)
    } else {
        letter
    };
    match base {
        'ß' => word.push_str("ss"),
        'æ' => word.push_str("ae"),
        'œ' => word.push_str("oe"),
        'þ' => word.push_str("th"),
        mark if is_ignored(mark) => {}
        other => word.push(fold_letter(other)),
    }
}

/// Whether a lowercase letter is of a script whose accents are folded.
const fn has_accents(letter: char) -> bool {
    matches!(letter, '\u{e0}'..='\u{24f}' | '\u{370}'..='\u{3ff}' | '\u{1e00}'..='\u{1fff}')
}

fn fold_letter(letter: char) -> char {
    match letter {
        'ø' => 'o',
        'ł' => 'l',
        'đ' | 'ð' => 'd',
        'ħ' => 'h',
        'ŧ' => 't',
        'ı' => 'i',
        'ς' => 'σ',
        'ё' => 'е',
        'ґ' => 'г',
        'أ' | 'إ' | 'آ' | 'ٱ' => 'ا',
        'ؤ' => 'و',
        'ى' | 'ی' | 'ئ' => 'ي',
        'ک' => 'ك',
        'ة' | 'ہ' | 'ۀ' | 'ە' | 'ۂ' | 'ۃ' => 'ه',
        'ך' => 'כ',
        'ם' => 'מ',
        'ן' => 'נ',
        'ף' => 'פ',
        'ץ' => 'צ',
        _ if letter < ZEROS[0] || letter > '\u{1819}' => letter,
        _ => fold_digit(letter),
    }
}

/// Returns the katakana of a hiragana, since the same word is written in either.
pub fn katakana(letter: char) -> char {
    match letter {
        '\u{3041}'..='\u{3096}' | '\u{309d}'..='\u{309e}' => {
            char::from_u32(u32::from(letter) + 0x60).unwrap_or(letter)
        }
        _ => letter,
    }
}

fn fold_digit(letter: char) -> char {
    let digit = ZEROS.iter().find_map(|zero| {
        let digit = u32::from(letter).checked_sub(u32::from(*zero))?;
        char::from_digit(digit, 10)
    });
    digit.unwrap_or(letter)
}

/// Whether a character is dropped, so that the letters around it are one word: accents that have no composed letter,
/// points and stress marks, characters without width.
pub const fn is_ignored(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}' | '\u{feff}'
        | '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{e0000}'..='\u{e01ef}' | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}'
        | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}'..='\u{5c2}' | '\u{5c4}'..='\u{5c5}' | '\u{5c7}'
        | '\u{610}'..='\u{61a}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}'
        | '\u{6d6}'..='\u{6dc}' | '\u{6df}'..='\u{6e4}' | '\u{6e7}'..='\u{6e8}' | '\u{6ea}'..='\u{6ed}')
}

/// Whether a character is part of a word: a letter, a digit, or a mark that belongs to a letter.
pub fn is_word_character(letter: char) -> bool {
    letter.is_alphanumeric() || is_mark(letter)
}

/// Whether a character is a mark that belongs to the letter before it.
pub fn is_mark(letter: char) -> bool {
    // Scripts without marks are frequent.
    !matches!(letter, '\0'..'\u{300}' | '\u{370}'..'\u{483}' | '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{a000}')
        && is_combining_mark(letter)
}

/// Whether a character is of a script that is written without spaces between words: Chinese, Japanese, Korean, Thai,
/// Lao, Khmer, Burmese. Korean has spaces, but only between groups of words.
pub const fn is_unspaced(letter: char) -> bool {
    matches!(letter,
        '\u{e01}'..='\u{e3a}' | '\u{e40}'..='\u{e4e}'
        | '\u{e81}'..='\u{ecf}' | '\u{edc}'..='\u{edf}'
        | '\u{1000}'..='\u{103f}' | '\u{1050}'..='\u{108f}' | '\u{109a}'..='\u{109d}'
        | '\u{1100}'..='\u{11ff}'
        | '\u{1780}'..='\u{17d3}' | '\u{17dc}'..='\u{17dd}'
        | '\u{3005}'..='\u{3007}'
        | '\u{3041}'..='\u{3096}'
        | '\u{309d}'..='\u{309f}'
        | '\u{30a1}'..='\u{30fa}'
        | '\u{30fc}'..='\u{30ff}'
        | '\u{3105}'..='\u{312f}'
        | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{a9e0}'..='\u{a9fe}' | '\u{aa60}'..='\u{aa7f}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{323af}')
}

/// Returns the second spelling of a word in lower case, folded: `kaese` for `käse`. `None` if it has none.
pub fn spell_out(word: &str) -> Option<String> {
    let second = |letter| match letter {
        'ä' => Some("ae"),
        'ö' | 'ø' => Some("oe"),
        'ü' => Some("ue"),
        'å' => Some("aa"),
        _ => None,
    };
    word.chars().find_map(second)?;
    let mut spelled = String::with_capacity(word.len() + 2);
    for letter in word.chars() {
        match second(letter) {
            Some(letters) => spelled.push_str(letters),
            None => push_folded(letter, &mut spelled),
        }
    }
    Some(spelled)
}
