//! Category paths in cells: `Home > Kitchen | Sale`.

use crate::catalog::category::list::MAX_LEVEL;
use crate::catalog::product::service::MAX_CATEGORIES;
use crate::core::text;

/// Names from the root down.
pub type Path = Vec<String>;

/// Maximum number of categories of a row: the primary and the additional ones.
pub const MAX_PATHS: usize = MAX_CATEGORIES + 1;

/// Parses a cell: paths separated by `|`, levels by `>`. A `\` escapes these and itself.
///
/// # Errors
/// A message for the author of the file.
pub fn parse(cell: &str) -> Result<Vec<Path>, String> {
    let mut paths: Vec<Path> = Vec::new();
    for path in split(cell, '|') {
        if path.trim().is_empty() {
            continue;
        }
        let levels = split(path, '>').into_iter();
        paths.push(check(levels.map(unescape))?);
    }
    if paths.len() > MAX_PATHS {
        return Err(format!("At most {MAX_PATHS} categories are allowed."));
    }
    Ok(paths)
}

/// Validates the names and the depth of a path.
///
/// # Errors
/// A message for the author of the file.
pub fn check(levels: impl Iterator<Item = String>) -> Result<Path, String> {
    let names =
        levels.map(|name| text::check_name(&name).map_err(|why| format!("Category name: {why}")));
    let path: Path = names.collect::<Result<_, _>>()?;
    if path.len() > MAX_LEVEL as usize + 1 {
        return Err(format!(
            "Categories can be nested at most {} levels deep.",
            MAX_LEVEL + 1
        ));
    }
    Ok(path)
}

/// Formats paths so that [`parse`] returns the same paths.
pub fn format<'a>(paths: impl IntoIterator<Item = &'a [&'a str]>) -> String {
    let paths = paths.into_iter().map(|levels| {
        let levels: Vec<_> = levels.iter().map(|name| escape(name)).collect();
        levels.join(" > ")
    });
    paths.collect::<Vec<_>>().join(" | ")
}

fn escape(name: &str) -> String {
    let mut escaped = String::with_capacity(name.len());
    for character in name.chars() {
        if is_special(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match characters.next_if(|next| character == '\\' && is_special(*next)) {
            Some(next) => plain.push(next),
            None => plain.push(character),
        }
    }
    plain
}

/// Splits at separators that are not escaped by `\`.
fn split(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut escaped) = (0, false);
    for (index, character) in text.char_indices() {
        if character == separator && !escaped {
            parts.push(&text[start..index]);
            start = index + character.len_utf8();
        }
        escaped = character == '\\' && !escaped;
    }
    parts.push(&text[start..]);
    parts
}

const fn is_special(character: char) -> bool {
    matches!(character, '>' | '|' | '\\')
}
