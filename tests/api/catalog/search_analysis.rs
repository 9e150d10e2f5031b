//! The analysis of texts for the search: codes, stop words, limits, and properties of any text, without a database.

use std::collections::HashSet;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use wares::catalog::search::{Analyzer, Document, Search, Term, Texts, Tolerance, marks};

pub fn analyzer(language: &str) -> Analyzer {
    Analyzer::new(language.parse().unwrap())
}

pub fn named(language: &str, name: &str) -> Document {
    analyzer(language).document(&Texts {
        name,
        ..Texts::default()
    })
}

pub fn search(language: &str, typed: &str) -> Search {
    analyzer(language).search(typed).unwrap()
}

/// Whether a document has all words of a search, by the rules of the index.
pub fn matches(search: &Search, document: &Document) -> bool {
    let words: Vec<&String> = [&document.name, &document.keys, &document.description]
        .into_iter()
        .flatten()
        .collect();
    let has = |word: &String| words.contains(&word);
    let fits = |term: &Term| {
        term.is_stop_word
            || words.iter().any(|word| word.starts_with(&term.word))
            || term.forms.iter().any(has)
            || term.related.iter().any(|related| {
                words.iter().any(|word| {
                    *word == &related.word
                        || (related.is_beginning && word.starts_with(&related.word))
                })
            })
            || term.phrases.iter().any(|phrase| phrase.iter().all(has))
    };
    let is_exact = search.exact.as_ref().is_some_and(has);
    is_exact || search.terms.iter().all(fits)
}

#[test]
fn codes_are_found_however_they_are_divided() {
    let document = analyzer("en").document(&Texts {
        name: "Thing",
        codes: vec!["SKU-3f2a.X", "4006381333931", "702.611.50", "ÄB-1.50"],
        labels: vec!["Acme Mugs", "blue"],
        ..Texts::default()
    });
    for typed in [
        "sku-3F2A.x",
        "sku 3f2a",
        "SKU3F2AX",
        "sku3f2a",
        "sku3f2a x",
        "sku 3f2ax",
        "4006381333931",
        "4 006381 333931",
        "400638",
        "70261150",
        "702 611 50",
        "702.611.50",
        "702-611-50",
        "ab150",
        "äb-1.50",
        "ab 1 50",
        "acme",
        "mug",
        "BLUE",
    ] {
        assert!(
            matches(&search("en", typed), &document),
            "{typed} {document:?}"
        );
    }
    for typed in [
        "3f2ax sku",
        "3f2b",
        "sku3f2ax4006381333931",
        "x4006381333931",
    ] {
        assert!(
            !matches(&search("en", typed), &document),
            "{typed} {document:?}"
        );
    }
    for code in [
        "=sku3f2ax",
        "=4006381333931",
        "=70261150",
        "=ab150",
        "sku3f2ax",
    ] {
        assert!(
            document.keys.iter().any(|key| key == code),
            "{code} {document:?}"
        );
    }
    let correctable: Vec<_> = document.correctable_words().collect();
    assert_eq!(correctable, ["thing", "acme", "mugs", "blue"]);
}

#[test]
fn exact_is_the_whole_search_text() {
    for (typed, name) in [
        ("wine glass", "Wine Glass"),
        ("wineglass", "Wine glass!"),
        (" Wine-Glass ", "Wine glass"),
        ("コーヒー カップ", "コーヒーカップ"),
        ("bottle 1,50 l", "Bottle 1.50 l"),
    ] {
        let exact = search("en", typed).exact.unwrap();
        assert!(exact.starts_with(marks::WHOLE));
        assert!(named("en", name).name.contains(&exact), "{typed} {exact}");
    }
    let long = "glass ".repeat(30);
    assert!(
        !named("en", &long)
            .name
            .iter()
            .any(|word| word.starts_with(marks::WHOLE))
    );
    let exact = search("en", "wine").exact.unwrap();
    assert!(!named("en", "Wine glass").name.contains(&exact));
}

#[test]
fn stop_words_are_marked_unless_the_search_has_no_other() {
    let words = |language: &str, typed: &str| -> Vec<(String, bool)> {
        let terms = search(language, typed).terms.into_iter();
        terms.map(|term| (term.word, term.is_stop_word)).collect()
    };
    let of = |word: &str, is_stop: bool| (word.to_owned(), is_stop);
    assert_eq!(
        words("en", "mug for tea"),
        [of("mug", false), of("for", true), of("tea", false)]
    );
    assert_eq!(words("en", "for the"), [of("for", false), of("the", false)]);
    assert_eq!(words("de", "messer für käse")[1], of("fur", true));
    assert_eq!(words("de", "the")[0], of("the", false));
    assert_eq!(
        words("fr", "l'huile d'olive"),
        [
            of("l", true),
            of("huile", false),
            of("d", true),
            of("olive", false)
        ]
    );
    assert_eq!(words("ru", "чашка для чая")[1], of("для", true));
}

#[test]
fn long_and_pasted_texts_are_cut() {
    let words = |typed: &str| -> Vec<String> {
        search("en", typed)
            .terms
            .into_iter()
            .map(|term| term.word)
            .collect()
    };
    for typed in [
        "mug\n",
        "\tmug",
        "mug\u{200b}",
        "\u{feff}mug",
        "mug\u{2028}",
        "mug\u{7}",
        "\0mug\0",
        "mug mug MUG",
    ] {
        assert_eq!(words(typed), ["mug"], "{typed:?}");
    }
    assert_eq!(words("blue\u{a0}\u{0}\u{3000}mug"), ["blue", "mug"]);
    let spaces = " ".repeat(200);
    assert_eq!(words(&format!("{spaces}blue{spaces}mug")), ["blue", "mug"]);
    assert_eq!(words("a1 b2 c3 d4 e5 f6 g7 h8 i9 j0").len(), 8);
    let long = format!("{} tea", "mug ".repeat(30));
    assert_eq!(words(&long), ["mug"]);
    assert_eq!(words(&"é".repeat(10_000)), ["e".repeat(40)]);
    for nothing in ["", "   ", "%", "_-!?", "'", "\u{301}", "\u{200c}", "™"] {
        assert_eq!(analyzer("en").search(nothing), None, "{nothing:?}");
    }
}

#[test]
fn a_word_occurs_once_among_the_terms_with_the_forms_of_both() {
    let search = search("en", "paint brush paint roller");
    let words: Vec<_> = search.terms.iter().map(|term| term.word.as_str()).collect();
    assert_eq!(words, ["paint", "brush", "roller"]);
    for form in ["paintbrush", "brushpaint", "paintroller"] {
        assert!(
            search.terms[0].forms.iter().any(|other| other == form),
            "{form}"
        );
    }
    let distinct: HashSet<_> = search.terms[0].forms.iter().collect();
    assert_eq!(distinct.len(), search.terms[0].forms.len());
}

#[test]
fn typos_are_tolerated_by_the_length_of_the_word() {
    for (typed, expected) in [
        ("mg", Tolerance::Never),
        ("mgu", Tolerance::IfNothingElse),
        ("чай", Tolerance::IfNothingElse),
        ("lapm", Tolerance::IfNothingElse),
        ("lmaps", Tolerance::Always),
        ("кружк", Tolerance::Always),
        ("m8x40", Tolerance::Never),
        ("茶碗", Tolerance::Never),
    ] {
        assert_eq!(search("en", typed).terms[0].tolerates, expected, "{typed}");
    }
}

const SCRIPTS: [(u32, u32); 22] = [
    (0x20, 0x7e),
    (0x20, 0x7e),
    (0x30, 0x39),
    (0xa0, 0x24f),
    (0x300, 0x36f),
    (0x370, 0x3ff),
    (0x400, 0x52f),
    (0x590, 0x5ff),
    (0x600, 0x6ff),
    (0x900, 0x97f),
    (0xb80, 0xbff),
    (0xe00, 0xe7f),
    (0x1000, 0x109f),
    (0x1100, 0x11ff),
    (0x1780, 0x17ff),
    (0x1e00, 0x1fff),
    (0x2000, 0x218f),
    (0x3000, 0x30ff),
    (0x4e00, 0x4fff),
    (0xac00, 0xad00),
    (0xfb00, 0xffff),
    (0, 0x10_ffff),
];

/// Returns a text of up to 60 characters of a few scripts.
fn random_text(random: &mut SmallRng) -> String {
    let scripts = [0; 3].map(|_| SCRIPTS[random.random_range(0..SCRIPTS.len())]);
    let length = random.random_range(0..60);
    let letter = |random: &mut SmallRng| {
        let (first, last) = scripts[random.random_range(0..scripts.len())];
        match random.random_range(0..8) {
            0 => ' ',
            1 => ['.', ',', '-', '\'', 'x', '1'][random.random_range(0..6)],
            _ => char::from_u32(random.random_range(first..=last)).unwrap_or('a'),
        }
    };
    (0..length).map(|_| letter(random)).collect()
}

fn is_plain(word: &str) -> bool {
    let is_mark = unicode_normalization::char::is_combining_mark;
    !word.is_empty()
        && word
            .chars()
            .all(|letter| letter.is_alphanumeric() || is_mark(letter))
}

#[test]
fn any_text_is_found_by_itself_and_words_have_only_letters_digits_and_marks() {
    let mut random = SmallRng::seed_from_u64(22);
    let languages = [
        "ar", "da", "de", "el", "en", "es", "fi", "fr", "he", "hu", "it", "ja", "nl", "no", "pt",
        "ro", "ru", "sv", "ta", "th", "tr",
    ];
    for _ in 0..2_000 {
        let analyzer = analyzer(languages[random.random_range(0..languages.len())]);
        let text = random_text(&mut random);
        let document = analyzer.document(&Texts {
            name: &text,
            codes: vec![&text],
            labels: vec![&text],
            description: &text,
        });
        for word in [&document.name, &document.keys, &document.description]
            .into_iter()
            .flatten()
        {
            let marks = [marks::STEM, marks::JOINED, marks::WHOLE];
            assert!(
                is_plain(word.trim_start_matches(marks)),
                "{text:?} {word:?}"
            );
            assert!(word.chars().count() <= 101, "{text:?} {word:?}");
        }
        let Some(search) = analyzer.search(&text) else {
            assert!(document.name.is_empty(), "{text:?} {document:?}");
            continue;
        };
        assert!(
            matches(&search, &document),
            "{text:?} {search:?} {document:?}"
        );
        for term in &search.terms {
            let forms = term.forms.iter().chain(term.phrases.iter().flatten());
            for word in forms.chain([&term.word]) {
                assert!(
                    is_plain(word.trim_start_matches(['~', '+'])),
                    "{text:?} {word:?}"
                );
            }
            // Hiragana is searched for as katakana, before which a Chinese character is another word.
            let has_kana = term
                .word
                .chars()
                .any(|letter| matches!(letter, 'ァ'..='ヿ'));
            let again = analyzer.search(&term.word).unwrap();
            assert!(
                has_kana || again.terms[0].word == term.word,
                "{text:?} {again:?}"
            );
        }
    }
}
