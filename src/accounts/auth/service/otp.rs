//! Normalization of one-time codes as people type, dictate and paste them.

use unicode_normalization::UnicodeNormalization;

/// Maximum number of characters that are read.
const MAX_LENGTH: usize = 200;
/// The zeros of all decimal digits (Unicode 16, category Nd). Each is followed by the digits 1 to 9.
#[rustfmt::skip]
const ZEROS: [u32; 76] = [
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0,
    0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620,
    0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x1_04a0, 0x1_0d30, 0x1_0d40, 0x1_1066, 0x1_10f0,
    0x1_1136, 0x1_11d0, 0x1_12f0, 0x1_1450, 0x1_14d0, 0x1_1650, 0x1_16c0, 0x1_16d0, 0x1_16da, 0x1_1730, 0x1_18e0,
    0x1_1950, 0x1_1bf0, 0x1_1c50, 0x1_1d50, 0x1_1da0, 0x1_1f50, 0x1_6130, 0x1_6a60, 0x1_6ac0, 0x1_6b50, 0x1_6d70,
    0x1_ccf0, 0x1_d7ce, 0x1_d7d8, 0x1_d7e2, 0x1_d7ec, 0x1_d7f6, 0x1_e140, 0x1_e2f0, 0x1_e4f0, 0x1_e5f1, 0x1_e950,
    0x1_fbf0,
];

/// Normalizes a code: converts digits of any script to ASCII, converts letters to lower case, and removes all other
/// characters, such as spaces, hyphens, dots and invisible characters.
pub fn normalize(code: &str) -> String {
    let characters = code.chars().take(MAX_LENGTH).nfkc();
    characters
        .map(|character| digit(character).unwrap_or(character))
        .filter(|character| character.is_alphanumeric() && !is_dash(*character))
        .map(|character| character.to_ascii_lowercase())
        .collect()
}

/// Converts a decimal digit of any script to ASCII.
fn digit(character: char) -> Option<char> {
    let code = u32::from(character);
    let block = ZEROS.partition_point(|zero| *zero <= code);
    let value = code - ZEROS[block.checked_sub(1)?];
    char::from_digit(value, 10)
}

/// Letters that keyboards have in place of a hyphen: the prolonged sound mark, a tatweel.
const fn is_dash(character: char) -> bool {
    matches!(character, '\u{30fc}' | '\u{640}')
}
