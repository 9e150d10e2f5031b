//! Parsing of search texts: the words to look for, and their other forms.

use super::analysis::tokens::Token;
use super::analysis::{arabic, forms, japanese, joins};
use super::analyzer::whole_word;
use super::typos::tolerance;
use super::{Analyzer, MAX_SEARCH, MAX_TERMS, Related, Search, Term, marks};

/// Minimum length of a word that may consist of two, in bytes.
const MIN_JOINED: usize = 4;
/// Maximum number of pairs of characters that a run is searched by. Of longer ones, every other pair is.
const MAX_PAIRS: usize = 4;

impl Analyzer {
    /// Parses a search text, without synonyms and corrections. Returns `None` if it contains no word.
    pub fn search(&self, typed: &str) -> Option<Search> {
        let typed = cut(typed);
        let tokens = self.tokens(&typed);
        let exact = whole_word(&tokens);
        let words = japanese::separate(&typed).map(|words| self.tokens(&words));
        // A particle alone is searched for.
        let words = words.filter(|words| !words.is_empty());
        let tokens = words.unwrap_or(tokens);
        let tokens = joins::merge_decimals(tokens);
        let compounds = joins::compounds(&tokens);
        let mut terms: Vec<Term> = Vec::new();
        for (index, token) in tokens.iter().enumerate() {
            if token.is_word() {
                let mut term = self.term(token);
                for compound in compounds
                    .iter()
                    .filter(|compound| compound.contains(&index))
                {
                    // The `at` of `at&t` counts: a letter alone would match too much.
                    let mut others = compound.clone().filter(|other| *other != index);
                    if others.all(|other| tokens[other].word.chars().count() == 1) {
                        term.is_stop_word = false;
                    }
                    self.push_form(joins::joined(&tokens[compound.clone()]), &mut term);
                }
                self.push_neighbors(&tokens, index, &mut term);
                add(&mut terms, term);
            } else {
                characters(token, |word| {
                    let word = word.to_owned();
                    add(
                        &mut terms,
                        Term {
                            word,
                            ..Term::default()
                        },
                    );
                });
            }
        }
        if terms.iter().all(|term| term.is_stop_word) {
            for term in &mut terms {
                term.is_stop_word = false;
            }
        }
        (!terms.is_empty()).then(|| Search {
            exact,
            terms,
            ..Search::default()
        })
    }

    /// Returns a word of the search with its other forms.
    fn term(&self, token: &Token) -> Term {
        let word = &token.word;
        let mut term = Term {
            word: word.clone(),
            is_stop_word: self.stop_words.contains(&word.as_str()),
            tolerates: tolerance(word),
            ..Term::default()
        };
        if let Some(runs) = joins::runs(word) {
            term.phrases.extend(joins::apart(&runs));
            return term;
        }
        if term.is_stop_word {
            return term;
        }
        self.push_stems(word, token.accented.as_deref(), &mut term);
        self.stems.each(word, token.accented.as_deref(), |stem| {
            self.push_compounds(stem, &mut term);
        });
        if self.stems.is_arabic(word) {
            let root = |word| Related {
                word,
                ..Related::default()
            };
            term.related
                .extend(arabic::roots(word).into_iter().map(root));
        }
        self.push_form(self.spell_out(token), &mut term);
        if self.stems.are_english() {
            for form in forms::forms(word) {
                self.push_form(Some(form), &mut term);
            }
        }
        if word.len() >= MIN_JOINED && joins::is_letters(word) {
            push_new(&mut term.forms, marks::marked(marks::JOINED, word));
            self.stems.each(word, None, |stem| {
                push_new(&mut term.forms, marks::marked(marks::JOINED, stem));
            });
        }
        term
    }

    /// Adds the words that a word forms with the one before it and the one after it.
    fn push_neighbors(&self, tokens: &[Token], index: usize, term: &mut Term) {
        let starts = [index.checked_sub(1), Some(index)];
        for pair in starts
            .into_iter()
            .flatten()
            .filter_map(|start| tokens.get(start..start + 2))
        {
            let is_stop = |token: &Token| self.stop_words.contains(&token.word.as_str());
            if pair.iter().all(|token| token.is_word() && !is_stop(token)) {
                self.push_form(joins::joined(pair), term);
            }
        }
        // The parts of `60 x 80`.
        for last in index..(index + 3).min(tokens.len()) {
            for (start, joined) in joins::number_joins(tokens, last) {
                if start <= index {
                    push_new(&mut term.forms, joined);
                }
            }
        }
    }

    /// Adds the compounds whose last part has this stem.
    pub(super) fn push_compounds(&self, stem: &str, term: &mut Term) {
        let Some(compounds) = self.compounds else {
            return;
        };
        let related = compounds
            .searched(stem)
            .map(|(word, is_close)| Related {
                word,
                is_beginning: true,
                is_close,
            })
            .filter(|related| !term.related.contains(related));
        term.related.extend(related);
    }

    fn push_form(&self, form: Option<String>, term: &mut Term) {
        let Some(form) = form.filter(|form| *form != term.word) else {
            return;
        };
        self.push_stems(&form, None, term);
        push_new(&mut term.forms, form);
    }

    fn push_stems(&self, word: &str, accented: Option<&str>, term: &mut Term) {
        let Term {
            word: own, forms, ..
        } = term;
        self.stems.each(word, accented, |stem| {
            if stem != own.as_str() {
                push_new(forms, stem.to_owned());
            }
            push_new(forms, marks::marked(marks::STEM, stem));
        });
    }
}

/// Calls `push` with the characters of a run to search for: pairs, or a single one.
fn characters(run: &Token, mut push: impl FnMut(&str)) {
    let count = run.starts.len() - 1;
    if count == 0 {
        push(&run.word);
    }
    for (index, pair) in run.characters(2).enumerate() {
        if count <= MAX_PAIRS || index % 2 == 0 || index + 1 == count {
            push(pair);
        }
    }
}

/// Adds a term, or its forms to the term of the same word.
fn add(terms: &mut Vec<Term>, term: Term) {
    if let Some(same) = terms.iter_mut().find(|other| other.word == term.word) {
        term.forms
            .into_iter()
            .for_each(|form| push_new(&mut same.forms, form));
        for related in term.related {
            if !same.related.contains(&related) {
                same.related.push(related);
            }
        }
    } else if terms.len() < MAX_TERMS {
        terms.push(term);
    }
}

fn push_new(words: &mut Vec<String>, word: String) {
    if !words.contains(&word) {
        words.push(word);
    }
}

/// Returns the first `MAX_SEARCH` characters of a typed or pasted text. White space counts once, and none at its start.
fn cut(typed: &str) -> String {
    let is_space = |letter: char| letter.is_whitespace() || letter.is_control();
    let mut text = String::new();
    let mut length = 0;
    for letter in typed.chars() {
        let letter = if is_space(letter) { ' ' } else { letter };
        if letter == ' ' && (text.is_empty() || text.ends_with(' ')) {
            continue;
        }
        if length == MAX_SEARCH {
            break;
        }
        length += 1;
        text.push(letter);
    }
    text
}
