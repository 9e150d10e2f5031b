//! Tiers of a search, and their conditions in both databases.

use sea_orm::DbBackend;
use sea_orm::sea_query::{Expr, ExprTrait};

use super::expression::{MatchKind, combination_count, expression, required_terms};
use super::position::POSITION_BITS;
use super::{Fields, Index};
use crate::catalog::search::{Document, Search};

/// Fields in which words are searched. Each scope includes the previous ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    Name,
    /// Also codes and labels.
    NameKeys,
    Everything,
}

/// A minimum match quality: the words match this way in these fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Level {
    pub kind: MatchKind,
    pub scope: Scope,
}

/// Rows that satisfy `level` and none of the levels ranked above it.
#[derive(Clone, Debug)]
pub(super) struct Tier {
    pub level: Level,
    /// The levels that include all tiers before this one.
    better_levels: Vec<Level>,
}

/// The number of combinations of required terms from which only beginnings and corrections are distinguished, because
/// the expression of each kind is long.
const MAX_COMBINATIONS: usize = 20;

/// Maximum length of a word whose beginnings are expected to be frequent.
const MAX_SHORT_WORD: usize = 3;

impl Tier {
    /// The exclusive lower bound of the ranks of its rows.
    pub const fn start(&self) -> i64 {
        let number = self.level.kind as i64 * 3 + self.level.scope as i64;
        number << POSITION_BITS
    }

    /// The inclusive upper bound of the ranks of its rows.
    pub const fn end(&self) -> i64 {
        self.start() + (1 << POSITION_BITS) - 1
    }
}

impl Scope {
    /// The `tsvector` column on PostgreSQL.
    pub const fn column(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::NameKeys => "name_keys",
            Self::Everything => "everything",
        }
    }

    /// The column filter in FTS5.
    const fn filter(self) -> &'static str {
        match self {
            Self::Name => "name : ",
            Self::NameKeys => "{name keys} : ",
            Self::Everything => "",
        }
    }

    /// Returns the words of a document in this scope.
    pub fn words(self, document: &Document) -> Vec<&str> {
        let (name, keys, rest) = fields(document);
        let mut words: Vec<_> = name.iter().map(String::as_str).collect();
        if self != Self::Name {
            words.extend(keys.iter().map(String::as_str));
        }
        if self == Self::Everything {
            words.extend(rest.iter().map(String::as_str));
        }
        words
    }
}

/// Returns the words of a document: of the name, of codes and labels, of the description.
pub(super) fn fields(document: &Document) -> (&[String], &[String], &[String]) {
    (&document.name, &document.keys, &document.description)
}

impl Index {
    /// Returns the scopes that a ranked query distinguishes for a kind of match.
    fn scopes(&self, fields: Fields, kind: MatchKind) -> &'static [Scope] {
        match (fields, self.has_keys, kind) {
            (Fields::NameOnly, ..) | (Fields::All, false, MatchKind::Exact) => &[Scope::Name],
            // Descriptions have no words for an exact match.
            (Fields::All, true, MatchKind::Exact) => &[Scope::Name, Scope::NameKeys],
            (Fields::All, true, _) => &[Scope::Name, Scope::NameKeys, Scope::Everything],
            (Fields::All, false, _) => &[Scope::Name, Scope::Everything],
        }
    }

    /// Returns the tiers of a search, best first.
    pub(super) fn tiers(&self, search: &Search, fields: Fields) -> Vec<Tier> {
        let mut tiers: Vec<Tier> = Vec::new();
        let mut all_before = None;
        if search.terms.is_empty() {
            return tiers;
        }
        for kind in kinds(search) {
            let mut last = None;
            for scope in self.scopes(fields, kind).iter().copied() {
                let level = Level { kind, scope };
                let better_levels = last.into_iter().chain(all_before).collect();
                tiers.push(Tier {
                    level,
                    better_levels,
                });
                last = Some(level);
            }
            all_before = last;
        }
        tiers
    }

    /// Returns the level of all rows that match a search.
    pub(super) fn loosest(search: &Search, fields: Fields) -> Level {
        Level {
            kind: kinds(search).last().copied().unwrap_or(MatchKind::Start),
            scope: match fields {
                Fields::NameOnly => Scope::Name,
                Fields::All => Scope::Everything,
            },
        }
    }

    /// Condition for the rows of a tier.
    pub(super) fn tier_condition(&self, backend: DbBackend, search: &Search, tier: &Tier) -> Expr {
        let better_levels = tier.better_levels.iter();
        if backend == DbBackend::Postgres {
            return better_levels.fold(
                vector_condition(self.words, search, tier.level),
                |all, level| all.and(vector_condition(self.words, search, *level).not()),
            );
        }
        let all = better_levels.fold(match_expression(search, tier.level), |all, level| {
            format!("({all}) NOT ({})", match_expression(search, *level))
        });
        self.words_condition(all)
    }

    /// Condition for the rows of a tier on PostgreSQL for which the planner can't use the GIN index: they are frequent, so
    /// that few rows are read in the order of the index until a page is full.
    pub(super) fn unindexed_tier_condition(&self, search: &Search, tier: &Tier) -> Expr {
        let (column, query) = (tier.level.scope.column(), ts_query(search, tier.level.kind));
        let level = Expr::cust(format!("({}.{column} @@ {query}) IS TRUE", self.words));
        tier.better_levels.iter().fold(level, |all, level| {
            all.and(vector_condition(self.words, search, *level).not())
        })
    }

    /// Condition for the rows of a level.
    pub(super) fn level_condition(
        &self,
        backend: DbBackend,
        search: &Search,
        level: Level,
    ) -> Expr {
        if backend == DbBackend::Postgres {
            vector_condition(self.words, search, level)
        } else {
            self.words_condition(match_expression(search, level))
        }
    }

    fn words_condition(&self, expression: String) -> Expr {
        Expr::cust_with_values(format!("{} MATCH ?", self.words), [expression])
    }
}

/// Condition for rows of `table` that match a level, on PostgreSQL.
pub(super) fn vector_condition(table: &str, search: &Search, level: Level) -> Expr {
    let column = level.scope.column();
    Expr::cust(format!(
        "({table}.{column} @@ {})",
        ts_query(search, level.kind)
    ))
}

/// Builds the `tsquery`: a literal in the statement, not a parameter, so that PostgreSQL plans for its words.
pub(super) fn ts_query(search: &Search, kind: MatchKind) -> String {
    let expression = expression(DbBackend::Postgres, search, kind).unwrap_or_default();
    format!("'{}'::tsquery", expression.replace('\'', "''"))
}

/// Builds the FTS5 expression of a level.
fn match_expression(search: &Search, level: Level) -> String {
    let words = expression(DbBackend::Sqlite, search, level.kind);
    let words = words.unwrap_or_else(|| "\"\"".to_owned());
    format!("{}({words})", level.scope.filter())
}

/// Whether a word of the search is so short that a large part of the rows may have a word that begins with it.
pub(super) fn has_short_word(search: &Search) -> bool {
    let terms = required_terms(search);
    terms
        .iter()
        .any(|term| term.word.chars().count() <= MAX_SHORT_WORD)
}

/// Returns the kinds of match that a search distinguishes, best first. Those that add no rows are omitted.
fn kinds(search: &Search) -> Vec<MatchKind> {
    let terms = required_terms(search);
    let is_short = combination_count(search) <= MAX_COMBINATIONS;
    let has_forms = terms.iter().any(|term| {
        let has_close = term.related.iter().any(|related| related.is_close);
        has_close || !term.forms.is_empty() || !term.phrases.is_empty()
    });
    let has_corrections = terms.iter().any(|term| !term.corrections.is_empty());
    let kinds = [
        (MatchKind::Exact, search.exact.is_some()),
        (MatchKind::Word, is_short),
        (MatchKind::Stem, is_short && has_forms),
        (MatchKind::Start, true),
        (MatchKind::Typo, has_corrections),
    ];
    let kinds = kinds.into_iter().filter(|(_, is_needed)| *is_needed);
    kinds.map(|(kind, _)| kind).collect()
}
