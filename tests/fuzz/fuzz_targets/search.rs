//! Search: words consist of letters, digits and marks, so that neither database takes one for an operator, and a name is
//! found by itself.

#![no_main]

use libfuzzer_sys::fuzz_target;
use unicode_normalization::char::is_combining_mark;
use wares::catalog::search::{Analyzer, Document, MAX_SEARCH, MAX_TERMS, Search, Term, Texts, marks};

const LANGUAGES: [&str; 24] = [
    "ar", "da", "de", "el", "en", "es", "fa", "fi", "fr", "he", "hu", "it", "ja", "ko", "nl", "no", "pl", "pt", "ro", "ru",
    "sv", "ta", "th", "tr",
];
/// Maximum length of a whole name or code without its mark, in characters.
const MAX_WHOLE: usize = 100;

fuzz_target!(|bytes: &[u8]| {
    let Some((language, text)) = bytes.split_first() else {
        return;
    };
    let language = LANGUAGES[usize::from(*language) % LANGUAGES.len()];
    let analyzer = Analyzer::new(language.parse().unwrap());
    let text = String::from_utf8_lossy(text);
    let (name, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let document = analyzer.document(&Texts {
        name,
        codes: vec![name, rest],
        labels: vec![rest],
        description: &text,
    });
    for word in words(&document) {
        is_word(word.strip_prefix([marks::STEM, marks::JOINED, marks::WHOLE]).unwrap_or(word));
    }
    if let Some(search) = analyzer.search(rest) {
        check(&search);
    }
    let Some(search) = analyzer.search(name) else {
        // Of a long text the beginning is searched.
        assert!(document.name.is_empty() || name.chars().count() > MAX_SEARCH);
        return;
    };
    check(&search);
    if name.chars().count() <= MAX_SEARCH {
        assert!(search.terms.iter().all(|term| matches(term, &document)), "{search:?} {document:?}");
        assert!(search.exact.is_none_or(|exact| document.name.contains(&exact)));
    }
});

fn words(document: &Document) -> impl Iterator<Item = &String> {
    [&document.name, &document.keys, &document.description].into_iter().flatten()
}

fn check(search: &Search) {
    assert!((1..=MAX_TERMS).contains(&search.terms.len()));
    for (index, term) in search.terms.iter().enumerate() {
        is_word(&term.word);
        assert!(search.terms[..index].iter().all(|other| other.word != term.word));
        for form in &term.forms {
            is_word(form.strip_prefix([marks::STEM, marks::JOINED]).unwrap_or(form));
        }
        term.phrases.iter().flatten().for_each(|word| is_word(word));
    }
    if let Some(exact) = &search.exact {
        is_word(exact.strip_prefix(marks::WHOLE).unwrap());
    }
}

fn is_word(word: &str) {
    let is_part = |letter: char| letter.is_alphanumeric() || is_combining_mark(letter);
    assert!(!word.is_empty() && word.chars().all(is_part), "{word:?}");
    assert!(word.chars().filter(|letter| !is_combining_mark(*letter)).count() <= MAX_WHOLE);
}

/// Whether a document has a word of a search, by the rules of the index.
fn matches(term: &Term, document: &Document) -> bool {
    let has = |word: &String| words(document).any(|other| other == word);
    words(document).any(|word| word.starts_with(&term.word))
        || term.forms.iter().any(has)
        || term.phrases.iter().any(|phrase| phrase.iter().all(has))
}
