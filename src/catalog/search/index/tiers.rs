//! Conditions of tiers, as search expressions of both databases.

use sea_orm::DbBackend;
use sea_orm::sea_query::{Expr, ExprTrait};

use super::{Fields, Index, SEQ_BITS};
use crate::catalog::search::{Document, Required, Search, Term};

/// Fields in which words are searched. Each scope includes the previous ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    Name,
    NameSku,
    Everything,
}

/// Kind of match. Each kind includes the previous ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MatchKind {
    Whole,
    Start,
    Typo,
}

/// A minimum match quality: all words match this way in these fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Level {
    match_kind: MatchKind,
    scope: Scope,
}

/// Rows that satisfy `level` and none of the levels ranked above it.
#[derive(Clone, Debug)]
pub(super) struct Tier {
    level: Level,
    better_levels: Vec<Level>,
}

impl Tier {
    /// The exclusive lower bound of the ranks of its rows.
    pub const fn start(&self) -> i64 {
        let number = self.level.match_kind as i64 * 3 + self.level.scope as i64;
        number << SEQ_BITS
    }

    /// The inclusive upper bound of the ranks of its rows.
    pub const fn end(&self) -> i64 {
        self.start() + (1 << SEQ_BITS) - 1
    }
}

impl Scope {
    /// The `tsvector` column on PostgreSQL.
    pub const fn column(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::NameSku => "name_sku",
            Self::Everything => "everything",
        }
    }

    /// The column filter in FTS5.
    const fn filter(self) -> &'static str {
        match self {
            Self::Name => "name : ",
            Self::NameSku => "{name sku} : ",
            Self::Everything => "",
        }
    }

    /// Returns the words of a document in this scope.
    pub fn words(self, document: &Document) -> String {
        let mut words = document.name.clone();
        if self != Self::Name {
            words.extend_from_slice(&document.sku);
        }
        if self == Self::Everything {
            words.extend_from_slice(&document.description);
        }
        words.join(" ")
    }
}

impl Index {
    /// Returns the scopes that a ranked query distinguishes.
    pub(super) const fn scopes(&self, fields: Fields) -> &'static [Scope] {
        match (fields, self.has_sku) {
            (Fields::NameOnly, _) => &[Scope::Name],
            (Fields::All, true) => &[Scope::Name, Scope::NameSku, Scope::Everything],
            (Fields::All, false) => &[Scope::Name, Scope::Everything],
        }
    }

    /// Returns the tiers of a search, best first.
    pub(super) fn tiers(&self, search: &Search, fields: Fields) -> Vec<Tier> {
        let scopes = self.scopes(fields);
        let mut tiers: Vec<Tier> = Vec::new();
        let mut all_scopes = None;
        if search.terms.is_empty() {
            return tiers;
        }
        for match_kind in fits(search).iter().copied() {
            let mut last = None;
            for scope in scopes.iter().copied() {
                let level = Level { match_kind, scope };
                let better_levels = last.into_iter().chain(all_scopes).collect();
                tiers.push(Tier {
                    level,
                    better_levels,
                });
                last = Some(level);
            }
            all_scopes = last;
        }
        tiers
    }

    /// Condition for the rows of a tier.
    pub(super) fn tier_condition(&self, backend: DbBackend, search: &Search, tier: &Tier) -> Expr {
        if backend == DbBackend::Postgres {
            let better_levels = tier.better_levels.iter();
            return better_levels.fold(self.vector_condition(search, tier.level), |all, level| {
                all.and(self.vector_condition(search, *level).not())
            });
        }
        let better_levels = tier.better_levels.iter();
        let all = better_levels.fold(match_expression(search, tier.level), |all, level| {
            format!("({all}) NOT ({})", match_expression(search, *level))
        });
        self.words_condition(all)
    }

    /// Condition for the rows of all tiers.
    pub(super) fn fits(&self, backend: DbBackend, search: &Search) -> Expr {
        let match_kind = fits(search).last().copied().unwrap_or(MatchKind::Start);
        let level = Level {
            match_kind,
            scope: Scope::Everything,
        };
        if backend == DbBackend::Postgres {
            self.vector_condition(search, level)
        } else {
            self.words_condition(match_expression(search, level))
        }
    }

    /// The words are literals in the statement, not parameters, so that PostgreSQL plans for them: it reads rows in
    /// their order if a word is frequent, and uses the index if it is rare.
    fn vector_condition(&self, search: &Search, level: Level) -> Expr {
        let alternatives = |term: &Term| {
            let start = format!("{}:*", term.word);
            let phrases = term
                .phrases
                .iter()
                .map(|words| format!("({})", words.join(" & ")));
            match level.match_kind {
                MatchKind::Whole => term.word.clone(),
                MatchKind::Start => start,
                MatchKind::Typo => {
                    let all = [start].into_iter().chain(phrases);
                    let words = term.forms.iter().chain(&term.corrections).cloned();
                    format!("({})", all.chain(words).collect::<Vec<_>>().join(" | "))
                }
            }
        };
        let (rows, column) = (self.rows, level.scope.column());
        let words = combine(search, alternatives, " & ", " | ");
        Expr::cust(format!("({rows}.{column} @@ '{words}'::tsquery)"))
    }

    fn words_condition(&self, expression: String) -> Expr {
        Expr::cust_with_values(format!("{} MATCH ?", self.words), [expression])
    }
}

/// Combines the expressions of the terms that are required.
fn combine(search: &Search, term: impl Fn(&Term) -> String, and: &str, or: &str) -> String {
    let has_other = search.terms.iter().any(|term| !term.is_stop_word);
    let required = search.terms.iter();
    let required = required.filter(|term| !(term.is_stop_word && has_other));
    let terms: Vec<String> = required.map(term).collect();
    let Required::AtLeast(count) = search.required else {
        return format!("({})", terms.join(and));
    };
    let count = count.clamp(1, terms.len().max(1));
    let subsets = (0_u32..1 << terms.len()).filter(|subset| subset.count_ones() as usize == count);
    let all = subsets.map(|subset| {
        let terms = terms.iter().enumerate();
        let terms = terms.filter(|(index, _)| subset & (1 << index) != 0);
        let terms: Vec<_> = terms.map(|(_, term)| term.as_str()).collect();
        format!("({})", terms.join(and))
    });
    format!("({})", all.collect::<Vec<_>>().join(or))
}

/// Returns the kinds of match that a search distinguishes.
fn fits(search: &Search) -> &'static [MatchKind] {
    let is_plain = |term: &Term| {
        term.forms.is_empty() && term.phrases.is_empty() && term.corrections.is_empty()
    };
    if search.terms.iter().all(is_plain) {
        &[MatchKind::Whole, MatchKind::Start]
    } else {
        &[MatchKind::Whole, MatchKind::Start, MatchKind::Typo]
    }
}

/// Builds the FTS5 expression. Quoted words are not interpreted as operators.
fn match_expression(search: &Search, level: Level) -> String {
    let alternatives = |term: &Term| {
        let quoted = |word: &String| format!("\"{word}\"");
        let start = format!("{} *", quoted(&term.word));
        match level.match_kind {
            MatchKind::Whole => quoted(&term.word),
            MatchKind::Start => start,
            MatchKind::Typo => {
                let words = term.forms.iter().chain(&term.corrections).map(quoted);
                let phrases = term.phrases.iter().map(|words| {
                    let words: Vec<_> = words.iter().map(quoted).collect();
                    format!("({})", words.join(" AND "))
                });
                let all: Vec<_> = [start].into_iter().chain(words).chain(phrases).collect();
                format!("({})", all.join(" OR "))
            }
        }
    };
    let words = combine(search, alternatives, " AND ", " OR ");
    format!("{}{words}", level.scope.filter())
}
