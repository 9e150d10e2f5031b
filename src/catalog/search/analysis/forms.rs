//! Singulars and plurals of English words that have different stems.

/// Singular endings, and those of their plurals. The resulting words need not exist; they are searched literally.
const ENDINGS: [(&str, &str); 4] = [("fe", "ves"), ("f", "ves"), ("eau", "eaux"), ("z", "zzes")];

/// Irregular nouns.
const IRREGULAR: [(&str, &str); 12] = [
    ("child", "children"),
    ("die", "dice"),
    ("foot", "feet"),
    ("goose", "geese"),
    ("louse", "lice"),
    ("man", "men"),
    ("mouse", "mice"),
    ("ox", "oxen"),
    ("penny", "pence"),
    ("person", "people"),
    ("tooth", "teeth"),
    ("woman", "women"),
];

/// Returns the other forms of a folded word.
pub fn forms(word: &str) -> Vec<String> {
    for (one, many) in IRREGULAR {
        if word == one {
            return vec![many.to_owned()];
        }
        if word == many {
            return vec![one.to_owned()];
        }
    }
    let mut forms = Vec::new();
    for (one, many) in ENDINGS {
        for (from, to) in [(one, many), (many, one)] {
            let stem = word.strip_suffix(from).filter(|stem| stem.len() > 1);
            forms.extend(stem.map(|stem| [stem, to].concat()));
        }
    }
    forms
}
