//! All words of the catalog, indexed for spelling correction.
//!
//! Words are never deleted: a word whose last product is gone matches nothing. Concurrent transactions may insert the
//! same word twice, so that neither waits for the other.

use std::collections::{BTreeSet, HashMap, HashSet};

use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, DbErr};

use super::Document;
use super::typos::{end_variants, is_correction, is_distant_correction, variants, whole_end};

/// Maximum number of words that are compared with a word.
const MAX_CANDIDATES: u64 = 3_000;
/// Maximum number of corrections of a word.
const MAX_CORRECTIONS: usize = 20;
/// Parameters per statement. SQLite allows 32,766.
const CHUNK: usize = 10_000;

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

/// Adds the words of documents to the lexicon, but not those of codes.
pub async fn add_words(db: &impl ConnectionTrait, documents: &[&Document]) -> Result<(), DbErr> {
    let words = documents.iter();
    let words = words.flat_map(|document| document.correctable_words());
    let words: BTreeSet<&str> = words.collect();
    let words: Vec<&str> = words.into_iter().collect();
    let mut rows = Vec::new();
    for chunk in words.chunks(CHUNK) {
        let known = known(db, chunk).await?;
        let is_new =
            |variant: &str, word: &str| !known.contains(&(variant.to_owned(), word.to_owned()));
        for word in chunk {
            let mut new = Vec::new();
            if is_new(word, word) {
                new.extend(variants(word));
            }
            // A previous version did not store these.
            if whole_end(word).is_some_and(|end| is_new(&end, word)) {
                new.extend(end_variants(word));
            }
            rows.extend(new.into_iter().map(|variant| [variant, (*word).to_owned()]));
        }
    }
    // In the order of the index: each of its pages is written once.
    rows.sort_unstable();
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

/// Returns the variants that lack no letter of those of these words that are in the lexicon, with their word.
async fn known(
    db: &impl ConnectionTrait,
    words: &[&str],
) -> Result<HashSet<(String, String)>, DbErr> {
    let whole: HashSet<String> = words
        .iter()
        .flat_map(|word| [Some((*word).to_owned()), whole_end(word)])
        .flatten()
        .collect();
    let mut query = Query::select();
    query
        .columns([VARIANT, WORD])
        .from(TABLE)
        .and_where(Expr::col(VARIANT).is_in(whole));
    let rows = db.query_all(&query).await?;
    rows.iter()
        .map(|row| Ok((row.try_get("", VARIANT)?, row.try_get("", WORD)?)))
        .collect()
}
