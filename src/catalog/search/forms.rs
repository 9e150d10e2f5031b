//! Inflected forms of a word: its singular, and plurals that do not begin with the word. Searches include them.
//! Plurals that begin with the singular are found by prefix.

/// Minimum length of a word with inflected forms.
const MIN_WORD: usize = 4;

/// Plural endings and the singular endings that may replace them. The resulting words need not exist; they are
/// searched literally.
const SINGULARS: [(&str, &[&str]); 10] = [
    ("ies", &["y", "ie"]),
    ("ves", &["f", "fe", "ve"]),
    ("sses", &["ss"]),
    ("xes", &["x", "xe"]),
    ("zzes", &["z", "zz"]),
    ("zes", &["z", "ze"]),
    ("hes", &["h", "he"]),
    ("es", &["", "e"]),
    ("aux", &["au", "al"]),
    ("s", &[""]),
];
/// Endings that resemble a plural but are not one.
const NO_PLURALS: [&str; 3] = ["ss", "us", "is"];
/// Singular endings whose plural does not begin with the singular.
const PLURALS: [(&str, &str); 3] = [("y", "ies"), ("fe", "ves"), ("f", "ves")];

/// Irregular singulars and plurals that do not begin with them.
const IRREGULAR: [(&str, &str); 8] = [
    ("foot", "feet"),
    ("goose", "geese"),
    ("louse", "lice"),
    ("man", "men"),
    ("mouse", "mice"),
    ("person", "people"),
    ("tooth", "teeth"),
    ("woman", "women"),
];

/// Returns the other forms of a lowercase word.
pub fn forms(word: &str) -> Vec<String> {
    for (one, many) in IRREGULAR {
        if word == one {
            return vec![many.to_owned()];
        }
        if word == many {
            return vec![one.to_owned()];
        }
    }
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
