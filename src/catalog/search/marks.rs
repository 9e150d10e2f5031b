//! First characters of the additional words of the index, which no typed word equals or begins with.

/// The stem of a word: `~mug`.
pub const STEM: char = '~';
/// Two adjacent words of a name, written together: `+paintbrush`.
pub const JOINED: char = '+';
/// A whole name or a whole code: `=paintbrush12`.
pub const WHOLE: char = '=';

/// Returns a word with a mark.
pub fn marked(mark: char, word: &str) -> String {
    let mut marked = String::with_capacity(word.len() + mark.len_utf8());
    marked.push(mark);
    marked.push_str(word);
    marked
}
