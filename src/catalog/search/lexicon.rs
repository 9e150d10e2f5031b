//! All words of the catalog, indexed for spelling correction.
//!
//! Words are never deleted: a word whose last product is gone matches nothing. On PostgreSQL, concurrent transactions may
//! insert the same word twice, so that neither waits for the other.

use std::collections::{BTreeSet, HashMap};

use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value};

use super::Document;
use super::typos::{end_variants, is_correction, is_distant_correction, variants, whole_end};

/// Maximum number of words that are compared with a word.
const MAX_CANDIDATES: u64 = 3_000;
/// Maximum number of corrections of a word.
const MAX_CORRECTIONS: usize = 20;
/// Rows per statement, with two parameters each. SQLite allows 32,766.
const CHUNK: usize = 5_000;

const TABLE: &str = "search_variants";
const VARIANT: &str = "variant";
const WORD: &str = "word";

/// How many typos a correction corrects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Distance {
    One,
    /// In long words.
    Two,
}

/// Returns the corrections of each word in alphabetical order, those with the same first letter first.
pub async fn corrections(
    db: &impl ConnectionTrait,
    typed: impl IntoIterator<Item = &str>,
    distance: Distance,
) -> Result<HashMap<String, Vec<String>>, DbErr> {
    let typed: Vec<&str> = typed.into_iter().collect();
    let variants_of = match distance {
        Distance::One => variants,
        Distance::Two => end_variants,
    };
    let is_correction = match distance {
        Distance::One => is_correction,
        Distance::Two => is_distant_correction,
    };
    let wanted: BTreeSet<String> = typed.iter().flat_map(|word| variants_of(word)).collect();
    let mut known: Vec<String> = Vec::new();
    if !wanted.is_empty() {
        let mut query = Query::select();
        query
            .distinct()
            .column(WORD)
            .from(TABLE)
            .and_where(Expr::col(VARIANT).is_in(wanted))
            .limit(MAX_CANDIDATES * typed.len() as u64);
        for row in db.query_all(&query).await? {
            known.push(row.try_get("", WORD)?);
        }
        known.sort_unstable();
    }
    let of = |typed: &str| {
        let mut found: Vec<String> = known
            .iter()
            .filter(|word| is_correction(typed, word))
            .cloned()
            .collect();
        found.sort_by_key(|word| word.chars().next() != typed.chars().next());
        found.truncate(MAX_CORRECTIONS);
        found
    };
    Ok(typed
        .into_iter()
        .map(|word| (word.to_owned(), of(word)))
        .collect())
}

/// A row of the lexicon: a variant and its word.
type Row<'a> = (String, &'a str);

/// Adds the words of documents to the lexicon, but not those of codes.
pub async fn add_words(db: &impl ConnectionTrait, documents: &[&Document]) -> Result<(), DbErr> {
    let words = documents.iter();
    let words = words.flat_map(|document| document.correctable_words());
    let words: BTreeSet<&str> = words.collect();
    let whole = words.iter().map(|word| ((*word).to_owned(), *word));
    // A previous version did not store the ends.
    let ends = words.iter();
    let ends = ends.filter_map(|word| Some((whole_end(word)?, *word)));
    let wanted: Vec<_> = whole.chain(ends).collect();
    let mut rows: Vec<Row<'_>> = Vec::new();
    for (variant, word) in unknown(db, &wanted).await? {
        let variants = if variant == word {
            variants(&word)
        } else {
            end_variants(&word)
        };
        let word = words.get(word.as_str()).copied().unwrap_or_default();
        rows.extend(variants.into_iter().map(|variant| (variant, word)));
    }
    // In the order of the index: each of its pages is written once.
    rows.sort_unstable();
    let backend = db.get_database_backend();
    for chunk in rows.chunks(CHUNK) {
        let (values, texts) = relation(backend, chunk);
        let sql = format!("INSERT INTO {TABLE} ({VARIANT}, {WORD}) {values}");
        let insert = Statement::from_sql_and_values(backend, sql, texts);
        db.execute_raw(insert).await?;
    }
    Ok(())
}

/// Returns those of these rows that are not in the lexicon.
async fn unknown(
    db: &impl ConnectionTrait,
    wanted: &[Row<'_>],
) -> Result<Vec<(String, String)>, DbErr> {
    let backend = db.get_database_backend();
    let mut unknown = Vec::new();
    for chunk in wanted.chunks(CHUNK) {
        let (values, texts) = relation(backend, chunk);
        // `LIMIT` makes PostgreSQL look up each row in the index, whatever its statistics are.
        let sql = format!(
            "WITH wanted ({VARIANT}, {WORD}) AS ({values}) SELECT {VARIANT}, {WORD} FROM wanted WHERE (SELECT 1 FROM {TABLE} \
             WHERE {TABLE}.{VARIANT} = wanted.{VARIANT} AND {TABLE}.{WORD} = wanted.{WORD} LIMIT 1) IS NULL"
        );
        let select = Statement::from_sql_and_values(backend, sql, texts);
        for row in db.query_all_raw(select).await? {
            unknown.push((row.try_get("", VARIANT)?, row.try_get("", WORD)?));
        }
    }
    Ok(unknown)
}

/// Returns the text of a query of these rows, and its parameters.
fn relation(backend: DbBackend, rows: &[Row<'_>]) -> (String, Vec<Value>) {
    if backend == DbBackend::Postgres {
        let (variants, words): (Vec<_>, Vec<_>) = rows
            .iter()
            .map(|(variant, word)| (variant.as_str(), *word))
            .unzip();
        let texts = [variants.join("\n"), words.join("\n")];
        let columns = "unnest(string_to_array($1, chr(10)), string_to_array($2, chr(10)))";
        return (
            format!("SELECT * FROM {columns}"),
            texts.map(Value::from).into(),
        );
    }
    let values = vec!["(?, ?)"; rows.len()].join(", ");
    let texts = rows.iter();
    let texts = texts.flat_map(|(variant, word)| [variant.as_str(), word].map(Value::from));
    (format!("VALUES {values}"), texts.collect())
}
