//! Tiers of a search, and their conditions in both databases.

use sea_orm::DbBackend;
use sea_orm::sea_query::Expr;

use super::expression::{MatchKind, combination_count, expression, required_terms};
use super::position::POSITION_BITS;
use super::{Fields, Index};
use crate::catalog::search::{Document, Search};

/// Fields in which words are searched. Each scope includes the previous ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
    pub better_levels: Vec<Level>,
}

impl Level {
    /// Whether all rows of another level satisfy this one.
    fn includes(self, other: Self) -> bool {
        self.kind.includes(other.kind) && self.scope >= other.scope
    }

    /// The place among all levels, best first. A word and its forms mean the same thing: the field decides first.
    const fn place(self) -> i64 {
        let scope = self.scope as i64;
        match self.kind {
            MatchKind::Exact => scope,
            MatchKind::Word => 3 + 2 * scope,
            MatchKind::Stem => 4 + 2 * scope,
            MatchKind::Start => 9 + scope,
            MatchKind::Correction => 12 + scope,
            MatchKind::Typo => 15 + scope,
        }
    }
}

/// The number of combinations of required terms from which only beginnings and corrections are distinguished, because
/// the expression of each kind is long.
const MAX_COMBINATIONS: usize = 20;

/// The FTS5 expression that matches nothing.
const NOTHING: &str = "\"\"";

impl Tier {
    /// The exclusive lower bound of the ranks of its rows.
    pub const fn start(&self) -> i64 {
        self.level.place() << POSITION_BITS
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
        if search.terms.is_empty() {
            return Vec::new();
        }
        let of_kind = |kind| {
            let scopes = self.scopes(fields, kind).iter();
            scopes.map(move |scope| Level {
                kind,
                scope: *scope,
            })
        };
        let mut levels: Vec<_> = kinds(search).into_iter().flat_map(of_kind).collect();
        levels.sort_by_key(|level| level.place());
        let tier = |(number, level): (usize, &Level)| {
            let before = &levels[..number];
            let is_widest = |level: &&Level| {
                let mut others = before.iter().filter(|other| other != level);
                !others.any(|other| other.includes(**level))
            };
            Tier {
                level: *level,
                better_levels: before.iter().filter(is_widest).copied().collect(),
            }
        };
        levels.iter().enumerate().map(tier).collect()
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

    /// Condition for the rows of a tier in FTS5. `has_direct`: the condition that rows match without corrections, if the
    /// search has any.
    pub(super) fn tier_condition(
        &self,
        search: &Search,
        tier: &Tier,
        has_direct: Option<&Expr>,
    ) -> Expr {
        let without = |levels: &mut dyn Iterator<Item = &Level>| {
            levels.fold(match_expression(search, tier.level), |all, level| {
                format!("({all}) NOT ({})", match_expression(search, *level))
            })
        };
        let all = without(&mut tier.better_levels.iter());
        let Some(has_direct) = has_direct else {
            return self.words_condition(Expr::val(all));
        };
        let is_corrected = |level: &&Level| level.kind.has_corrections();
        // FTS5 opens all words of an expression before it returns a row, and reads all rows with a long beginning.
        let otherwise = if tier.level.kind.has_corrections() {
            without(&mut tier.better_levels.iter().filter(is_corrected))
        } else {
            NOTHING.to_owned()
        };
        let chosen = Expr::case(has_direct.clone(), all).finally(otherwise);
        self.words_condition(chosen.into())
    }

    /// Returns the level of the rows that match without corrections, if the search has any.
    pub(super) fn direct_level(search: &Search, fields: Fields) -> Option<Level> {
        let loosest = Self::loosest(search, fields);
        loosest.kind.has_corrections().then_some(Level {
            kind: MatchKind::Start,
            ..loosest
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
            self.words_condition(Expr::val(match_expression(search, level)))
        }
    }

    fn words_condition(&self, expression: Expr) -> Expr {
        Expr::cust_with_exprs(format!("{} MATCH ?", self.words), [expression])
    }
}

/// Condition for rows of `table` that match a level, on PostgreSQL. The words are a literal in the statement, not a
/// parameter, so that PostgreSQL plans for them.
fn vector_condition(table: &str, search: &Search, level: Level) -> Expr {
    let words = expression(DbBackend::Postgres, search, level.kind).unwrap_or_default();
    Expr::cust(format!(
        "({table}.{} @@ '{}'::tsquery)",
        level.scope.column(),
        words.replace('\'', "''")
    ))
}

/// Builds the FTS5 expression of a level.
fn match_expression(search: &Search, level: Level) -> String {
    let words = expression(DbBackend::Sqlite, search, level.kind);
    let words = words.unwrap_or_else(|| NOTHING.to_owned());
    format!("{}({words})", level.scope.filter())
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
        // With one term, all corrections are of the whole word.
        (
            MatchKind::Correction,
            is_short && has_corrections && terms.len() > 1,
        ),
        (MatchKind::Typo, has_corrections),
    ];
    let kinds = kinds.into_iter().filter(|(_, is_needed)| *is_needed);
    kinds.map(|(kind, _)| kind).collect()
}
