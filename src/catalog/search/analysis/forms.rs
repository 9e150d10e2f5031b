//! Singulars and plurals of English words to which the stemmer gives different stems: `knive` for `knives`, `buse` for
//! `buses`.

/// Singular endings, and those of their plurals. The resulting words need not exist; they are searched literally.
const ENDINGS: [(&str, &str); 7] = [
    ("fe", "ves"),
    ("f", "ves"),
    ("eau", "eaux"),
    ("z", "zzes"),
    ("as", "ases"),
    ("is", "ises"),
    ("us", "uses"),
];

/// Irregular nouns.
const IRREGULAR: [(&str, &str); 16] = [
    ("bra", "bras"),
    ("cactus", "cacti"),
    ("child", "children"),
    ("die", "dice"),
    ("foot", "feet"),
    ("goose", "geese"),
    ("lens", "lenses"),
    ("louse", "lice"),
    ("man", "men"),
    ("mouse", "mice"),
    ("ox", "oxen"),
    ("penny", "pence"),
    ("person", "people"),
    ("spa", "spas"),
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
            let stem = word.strip_suffix(from).filter(|stem| !stem.is_empty());
            forms.extend(stem.map(|stem| [stem, to].concat()));
        }
    }
    forms
}
