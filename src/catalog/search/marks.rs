//! First characters of the additional words of the index, which no typed word equals or begins with.

/// The stem of a word: `~mug`.
pub const STEM: char = '~';
/// What a word has in common with others beside its stem: its last part written backwards, `~~fpothcok`, or its consonants.
/// Stems do not begin with a mark.
pub const ROOT: &str = "~~";
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
