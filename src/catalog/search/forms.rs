//! Other forms of a word: its singular, and plurals that do not begin with it. Searches look for these too; a plural that
//! begins with its singular is found as such.

/// How many letters a word has that has other forms.
const MIN_WORD: usize = 4;

/// Endings of plurals, and what stands in their place in the singular. The words that come out need not exist: they are
/// looked for as they are.
const SINGULARS: [(&str, &[&str]); 9] = [
    ("ies", &["y", "ie"]),
    ("ves", &["f", "fe", "ve"]),
    ("sses", &["ss"]),
    ("xes", &["x", "xe"]),
    ("zes", &["z", "ze"]),
    ("hes", &["h", "he"]),
    ("es", &["", "e"]),
    ("aux", &["au", "al"]),
    ("s", &[""]),
];
/// Endings that look like a plural's and are none.
const NO_PLURALS: [&str; 3] = ["ss", "us", "is"];
/// Endings of singulars whose plural does not begin with them.
const PLURALS: [(&str, &str); 3] = [("y", "ies"), ("fe", "ves"), ("f", "ves")];

/// The other forms of a word of small letters.
pub fn forms(word: &str) -> Vec<String> {
    let is_letters = word.bytes().all(|letter| letter.is_ascii_lowercase());
    if word.len() < MIN_WORD || !is_letters {
        return Vec::new();
    }
    let other = |ending: &str, instead: &str| {
        let stem = word.strip_suffix(ending)?;
        (stem.len() > 1).then(|| [stem, instead].concat())
    };
    if !NO_PLURALS.iter().any(|ending| word.ends_with(ending))
        && let Some((ending, instead)) = SINGULARS.iter().find(|(ending, _)| word.ends_with(ending))
    {
        return instead
            .iter()
            .filter_map(|instead| other(ending, instead))
            .collect();
    }
    let plural = PLURALS
        .iter()
        .find_map(|(ending, instead)| other(ending, instead));
    plural.into_iter().collect()
}
