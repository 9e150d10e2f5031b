//! All words of the catalog, indexed for spelling correction.
//!
//! Words are never deleted: a word whose last product is gone matches nothing. Concurrent transactions may insert the
//! same word twice, so that neither waits for the other.

use std::collections::{BTreeSet, HashMap, HashSet};

use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, DbErr};

use super::Document;
use super::typos::{is_correction, variants};

/// Maximum number of corrections of a word.
const MAX_CORRECTIONS: usize = 20;
/// Parameters per statement. SQLite allows 32,766.
const CHUNK: usize = 10_000;

const TABLE: &str = "search_variants";
const VARIANT: &str = "variant";
const WORD: &str = "word";

/// Returns the corrections of each word in alphabetical order, those with the same first letter first.
pub async fn corrections(
    db: &impl ConnectionTrait,
    typed: impl IntoIterator<Item = &str>,
) -> Result<HashMap<String, Vec<String>>, DbErr> {
    let typed: Vec<&str> = typed.into_iter().collect();
    let wanted: BTreeSet<String> = typed.iter().flat_map(|word| variants(word)).collect();
    let mut query = Query::select();
    query
        .distinct()
        .column(WORD)
        .from(TABLE)
        .and_where(Expr::col(VARIANT).is_in(wanted));
    let mut known: Vec<String> = Vec::new();
    for row in db.query_all(&query).await? {
        known.push(row.try_get("", WORD)?);
    }
    known.sort_unstable();
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

/// Adds the words of documents to the lexicon, but not those of codes.
pub async fn add_words(db: &impl ConnectionTrait, documents: &[&Document]) -> Result<(), DbErr> {
    let words = documents.iter();
    let words = words.flat_map(|document| document.correctable_words());
    let words: BTreeSet<&str> = words.collect();
    let words: Vec<&str> = words.into_iter().collect();
    let mut rows = Vec::new();
    for chunk in words.chunks(CHUNK) {
        let known = known(db, chunk).await?;
        let new = chunk.iter().filter(|word| !known.contains(**word));
        rows.extend(new.flat_map(|word| {
            let variants = variants(word).into_iter();
            variants.map(|variant| [variant, (*word).to_owned()])
        }));
    }
    for chunk in rows.chunks(CHUNK / 2) {
        let mut insert = Query::insert();
        insert.into_table(TABLE).columns([VARIANT, WORD]);
        for row in chunk {
            insert.values_panic(row.iter().map(|text| text.as_str().into()));
        }
        db.execute(&insert).await?;
    }
    Ok(())
}

/// Returns those of these words that are in the lexicon.
async fn known(db: &impl ConnectionTrait, words: &[&str]) -> Result<HashSet<String>, DbErr> {
    let mut query = Query::select();
    query
        .column(WORD)
        .from(TABLE)
        .and_where(Expr::col(VARIANT).is_in(words.iter().copied()))
        .and_where(Expr::col(VARIANT).equals(WORD));
    let rows = db.query_all(&query).await?;
    rows.iter().map(|row| row.try_get("", WORD)).collect()
}
