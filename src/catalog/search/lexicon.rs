//! All words of the catalog, indexed for spelling correction.
//!
//! Words are never deleted: a word whose last product is gone matches nothing. Concurrent transactions may insert the
//! same word twice, so that neither waits for the other.

use std::collections::{BTreeSet, HashMap, HashSet};

use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, DbErr, Statement};

use super::Document;
use super::typos::{end_variants, is_correction, is_distant_correction, variants, whole_end};
use crate::infra::database::parameters::parameter;

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
type Row = [String; 2];

/// Adds the words of documents to the lexicon, but not those of codes.
pub async fn add_words(db: &impl ConnectionTrait, documents: &[&Document]) -> Result<(), DbErr> {
    let words = documents.iter();
    let words = words.flat_map(|document| document.correctable_words());
    let words: BTreeSet<&str> = words.collect();
    let whole = |word: &&str| [(*word).to_owned(), (*word).to_owned()];
    // A previous version did not store the ends.
    let end = |word: &&str| whole_end(word).map(|end| [end, (*word).to_owned()]);
    let wanted = words.iter().map(whole);
    let wanted: Vec<Row> = wanted.chain(words.iter().filter_map(end)).collect();
    let known = known(db, &wanted).await?;
    let mut rows: Vec<Row> = Vec::new();
    for word in &words {
        let is_new = |row: &Row| !known.contains(row);
        let mut new = Vec::new();
        if is_new(&whole(word)) {
            new.extend(variants(word));
        }
        if end(word).is_some_and(|row| is_new(&row)) {
            new.extend(end_variants(word));
        }
        rows.extend(new.into_iter().map(|variant| [variant, (*word).to_owned()]));
    }
    // In the order of the index: each of its pages is written once.
    rows.sort_unstable();
    for chunk in rows.chunks(CHUNK) {
        let mut insert = Query::insert();
        insert.into_table(TABLE).columns([VARIANT, WORD]);
        for row in chunk {
            insert.values_panic(row.iter().map(|text| text.as_str().into()));
        }
        db.execute(&insert).await?;
    }
    Ok(())
}

/// Returns those of these rows that are in the lexicon.
async fn known(db: &impl ConnectionTrait, wanted: &[Row]) -> Result<HashSet<Row>, DbErr> {
    let backend = db.get_database_backend();
    let mut known = HashSet::new();
    for chunk in wanted.chunks(CHUNK) {
        let values = (0..chunk.len()).map(|index| {
            let [variant, word] = [1, 2].map(|number| parameter(backend, 2 * index + number));
            format!("({variant}, {word})")
        });
        // `LIMIT` makes PostgreSQL look up each row in the index, whatever its statistics are.
        let sql = format!(
            "WITH wanted ({VARIANT}, {WORD}) AS (VALUES {}) SELECT {VARIANT}, {WORD} FROM wanted WHERE (SELECT 1 \
             FROM {TABLE} WHERE {TABLE}.{VARIANT} = wanted.{VARIANT} AND {TABLE}.{WORD} = wanted.{WORD} LIMIT 1) IS NOT NULL",
            values.collect::<Vec<_>>().join(", ")
        );
        let texts = chunk.iter().flatten().map(|text| text.as_str().into());
        let select = Statement::from_sql_and_values(backend, sql, texts);
        for row in db.query_all_raw(select).await? {
            known.insert([row.try_get("", VARIANT)?, row.try_get("", WORD)?]);
        }
    }
    Ok(known)
}
