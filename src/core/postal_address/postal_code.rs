//! Formats of postal codes: `#` is a digit, `@` a letter, `*` either, `_` a space. All other characters stand for
//! themselves.

use crate::core::text::ascii_digit;

/// Returns a postal code without spaces and hyphens, in upper case, with ASCII digits.
pub fn compact(code: &str) -> String {
    let visible = code.chars().filter(|character| !is_separator(*character));
    let ascii = visible.map(|character| ascii_digit(character).unwrap_or(character));
    ascii.flat_map(char::to_uppercase).collect()
}

/// Returns a compact postal code in this format. `None` if it has another one.
pub fn write(format: &str, compact: &str) -> Option<String> {
    let mut given = compact.chars();
    let mut written = String::new();
    for expected in format.chars() {
        if is_separator(expected) {
            written.push(if expected == '_' { ' ' } else { expected });
            continue;
        }
        let next = given.next()?;
        let fits = match expected {
            '#' => next.is_ascii_digit(),
            '@' => next.is_ascii_uppercase(),
            '*' => next.is_ascii_digit() || next.is_ascii_uppercase(),
            _ => next == expected,
        };
        if !fits {
            return None;
        }
        written.push(next);
    }
    given.next().is_none().then_some(written)
}

/// Returns a code in the first of these formats.
pub fn example(formats: &str) -> String {
    let format = formats.split('|').next().unwrap_or_default();
    let mut digits = ('1'..='9').cycle();
    let mut letters = ('A'..='Z').cycle();
    let character = |expected| match expected {
        '#' => digits.next().unwrap_or(expected),
        '@' | '*' => letters.next().unwrap_or(expected),
        '_' => ' ',
        _ => expected,
    };
    format.chars().map(character).collect()
}

const fn is_separator(character: char) -> bool {
    matches!(character, ' ' | '-' | '_')
}
