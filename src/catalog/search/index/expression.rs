//! Search expressions of both databases: `tsquery` of PostgreSQL and `MATCH` of FTS5.
//!
//! Words are quoted in both, so that nothing in them is an operator.

use sea_orm::DbBackend;

use crate::catalog::search::{Required, Search, Term, marks};

/// Kind of match, best first. Each kind includes the previous ones, but [`Correction`](Self::Correction) no beginnings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum MatchKind {
    /// The whole name or a code is equal to the search text.
    Exact,
    /// The words of the search.
    Word,
    /// Or other forms of them.
    Stem,
    /// Or words that begin with them.
    Start,
    /// Or corrections of them, but not words that begin with them.
    Correction,
    /// Or corrections of them.
    Typo,
}

impl MatchKind {
    const fn has_beginnings(self) -> bool {
        matches!(self, Self::Start | Self::Typo)
    }

    /// Whether corrections are matches of this kind.
    pub const fn has_corrections(self) -> bool {
        matches!(self, Self::Correction | Self::Typo)
    }

    /// Whether all matches of another kind are of this kind too.
    pub fn includes(self, other: Self) -> bool {
        self >= other && (self.has_beginnings() || !other.has_beginnings())
    }
}

/// Returns the expression for rows that match a search in this way, without a restriction to fields. `None` if no row
/// can match.
pub(super) fn expression(backend: DbBackend, search: &Search, kind: MatchKind) -> Option<String> {
    let dialect = Dialect::of(backend);
    let exact = search.exact.iter().map(|word| dialect.word(word));
    let terms = if kind == MatchKind::Exact {
        Vec::new()
    } else {
        let terms: Vec<_> = required_terms(search)
            .iter()
            .map(|term| dialect.term(term, kind))
            .collect();
        let count = match search.required {
            Required::All => terms.len(),
            Required::AtLeast(count) => count.min(terms.len()),
        };
        let chosen = combinations(&terms, count);
        chosen.map(|terms| dialect.all(&terms)).collect()
    };
    let alternatives: Vec<_> = exact.chain(terms).collect();
    (!alternatives.is_empty()).then(|| dialect.any(&alternatives))
}

/// Returns the expressions whose conjunction is that of [`expression`], apart from the exact match: one for each term. None if
/// results need not match all terms, or if there is one term.
pub(super) fn conjuncts(backend: DbBackend, search: &Search, kind: MatchKind) -> Vec<String> {
    let terms = required_terms(search);
    if search.required != Required::All || terms.len() < 2 {
        return Vec::new();
    }
    let dialect = Dialect::of(backend);
    terms.iter().map(|term| dialect.term(term, kind)).collect()
}

/// Returns the expression for the exact match.
pub(super) fn exact(backend: DbBackend, search: &Search) -> Option<String> {
    let word = search.exact.as_deref()?;
    Some(Dialect::of(backend).word(word))
}

/// Whether the expression of this kind has beginnings of words.
pub(super) fn has_beginnings(search: &Search, kind: MatchKind) -> bool {
    let mut related = search.terms.iter().flat_map(|term| &term.related);
    kind.has_beginnings()
        || (kind >= MatchKind::Stem && related.any(|one| one.is_beginning && one.is_close))
}

/// Returns the terms that count: without stop words, unless there is nothing else.
pub(super) fn required_terms(search: &Search) -> Vec<&Term> {
    let counting: Vec<_> = search
        .terms
        .iter()
        .filter(|term| !term.is_stop_word)
        .collect();
    if counting.is_empty() {
        search.terms.iter().collect()
    } else {
        counting
    }
}

/// Returns the number of ways to choose the required terms.
pub(super) fn combination_count(search: &Search) -> usize {
    let terms = required_terms(search).len();
    let Required::AtLeast(count) = search.required else {
        return 1;
    };
    (0..1_u32 << terms)
        .filter(|chosen| chosen.count_ones() as usize == count)
        .count()
}

/// Returns all ways to choose `count` of the texts, without those of no text.
fn combinations(texts: &[String], count: usize) -> impl Iterator<Item = Vec<&str>> {
    let sets = 1..1_u32 << texts.len();
    let sets = sets.filter(move |chosen| chosen.count_ones() as usize == count);
    sets.map(|chosen| {
        let texts = texts.iter().enumerate();
        let texts = texts.filter(|(index, _)| chosen & (1 << index) != 0);
        texts.map(|(_, text)| text.as_str()).collect()
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    TsQuery,
    Fts5,
}

impl Dialect {
    const fn of(backend: DbBackend) -> Self {
        match backend {
            DbBackend::Postgres => Self::TsQuery,
            _ => Self::Fts5,
        }
    }

    /// Builds the expression of one word. Words contain no quotes and backslashes; they are escaped nevertheless.
    fn word(self, word: &str) -> String {
        match self {
            Self::TsQuery => {
                let word = word.replace('\\', "\\\\").replace('\'', "''");
                format!("'{word}'")
            }
            Self::Fts5 => format!("\"{}\"", word.replace('"', "\"\"")),
        }
    }

    /// Builds the expression of a form. A stem is also a word that is its own stem, which the index does not store twice.
    fn form(self, form: &str) -> String {
        match form.strip_prefix(marks::STEM) {
            Some(stem) => self.any(&[self.word(form), self.word(stem)]),
            None => self.word(form),
        }
    }

    fn start(self, word: &str) -> String {
        let quoted = self.word(word);
        match self {
            Self::TsQuery => format!("{quoted}:*"),
            Self::Fts5 => format!("{quoted} *"),
        }
    }

    fn all(self, expressions: &[impl AsRef<str>]) -> String {
        self.join(expressions, [" & ", " AND "])
    }

    fn any(self, expressions: &[impl AsRef<str>]) -> String {
        self.join(expressions, [" | ", " OR "])
    }

    fn join(self, expressions: &[impl AsRef<str>], [ts_query, fts5]: [&str; 2]) -> String {
        let operator = match self {
            Self::TsQuery => ts_query,
            Self::Fts5 => fts5,
        };
        let expressions: Vec<_> = expressions.iter().map(AsRef::as_ref).collect();
        match expressions.as_slice() {
            [only] => (*only).to_owned(),
            _ => format!("({})", expressions.join(operator)),
        }
    }

    fn term(self, term: &Term, kind: MatchKind) -> String {
        let itself = if kind.has_beginnings() {
            self.start(&term.word)
        } else {
            self.word(&term.word)
        };
        let mut alternatives = vec![itself];
        let related = term.related.iter();
        let related = related.filter(|related| {
            kind.has_beginnings() || (related.is_close && kind >= MatchKind::Stem)
        });
        alternatives.extend(related.map(|related| {
            if related.is_beginning {
                self.start(&related.word)
            } else {
                self.word(&related.word)
            }
        }));
        if kind >= MatchKind::Stem {
            alternatives.extend(term.forms.iter().map(|word| self.form(word)));
            let phrases = term.phrases.iter().filter(|words| !words.is_empty());
            alternatives.extend(phrases.map(|words| {
                let words: Vec<_> = words.iter().map(|word| self.form(word)).collect();
                self.all(&words)
            }));
        }
        if kind.has_corrections() {
            alternatives.extend(term.corrections.iter().map(|word| self.word(word)));
        }
        self.any(&alternatives)
    }
}
