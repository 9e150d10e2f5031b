//! Prepares search texts: batches the lookups of synonyms and corrections, one query each per request for the words of
//! all searches in it.

use std::collections::HashMap;

use async_graphql::{Context, Enum};
use futures_util::future::{join, try_join_all};

use super::lexicon::Distance;
use super::prepare::{self, Matched};
use super::{Analyzer, Search, Term, Tolerance, lexicon, typos};
use crate::catalog::synonym::graphql::SynonymsOf;
use crate::core::error::Result;
use crate::graphql::dataloader::{ContextExt, Load, LoadContext};

/// Loads spelling corrections of words.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CorrectionsOf(String, Distance);

impl Load<CorrectionsOf> for LoadContext {
    // Each word has up to 32 variants.
    const MAX_KEYS: usize = 500;
    type Value = Vec<String>;

    async fn load(&self, keys: &[CorrectionsOf]) -> Result<HashMap<CorrectionsOf, Vec<String>>> {
        let mut all = HashMap::new();
        for distance in [Distance::One, Distance::Two] {
            let keys = keys.iter().filter(|key| key.1 == distance);
            let words: Vec<_> = keys.map(|key| key.0.as_str()).collect();
            if words.is_empty() {
                continue;
            }
            let found = lexicon::corrections(self.state.db.reader(), words, distance).await?;
            all.extend(
                found
                    .into_iter()
                    .map(|(word, found)| (CorrectionsOf(word, distance), found)),
            );
        }
        Ok(all)
    }
}

/// Parses a search text, and adds synonyms and spelling corrections, without those of short words and of two typos.
pub async fn prepare(ctx: &Context<'_>, typed: Option<&str>) -> Result<Option<Search>> {
    let language = ctx.state().db.language();
    let Some(mut search) = Search::parse(typed.unwrap_or_default(), language) else {
        return Ok(None);
    };
    // The index covers the words of all products.
    ctx.reads().lists();
    let runs = prepare::runs(&search);
    let synonyms = runs.iter().map(|run| ctx.load(SynonymsOf(run.key.clone())));
    let is_tolerant =
        |_, term: &Term| (term.tolerates == Tolerance::Always).then_some(Distance::One);
    // In one wave of lookups.
    let (synonyms, corrections) = join(
        try_join_all(synonyms),
        corrections(ctx, &search, is_tolerant),
    )
    .await;
    for (run, synonyms) in runs.iter().zip(synonyms?) {
        let synonyms = synonyms.unwrap_or_default();
        prepare::add_synonyms(&mut search, run, &synonyms, Analyzer::new(language));
    }
    for (term, corrections) in search.terms.iter_mut().zip(corrections?) {
        term.corrections.extend(corrections);
    }
    Ok(Some(search))
}

/// Adds the corrections of short words, and of two typos in long ones, for a search that finds nothing: of all of them, or
/// of those that match nothing. Returns `None` if there are none.
pub async fn correct_unmatched(
    ctx: &Context<'_>,
    search: &Search,
    unmatched: Option<&[usize]>,
) -> Result<Option<Search>> {
    let is_wanted = |index: usize, term: &Term| {
        let is_unmatched = unmatched.is_none_or(|unmatched| unmatched.contains(&index));
        match term.tolerates {
            _ if !is_unmatched => None,
            Tolerance::IfNothingElse => Some(Distance::One),
            _ => typos::is_long(&term.word).then_some(Distance::Two),
        }
    };
    let found = corrections(ctx, search, is_wanted).await?;
    if found.iter().all(Vec::is_empty) {
        return Ok(None);
    }
    let mut corrected = search.clone();
    for (term, found) in corrected.terms.iter_mut().zip(found) {
        term.corrections.extend(found);
    }
    Ok(Some(corrected))
}

/// Returns the corrections of the words of each term that `is_wanted` selects.
async fn corrections(
    ctx: &Context<'_>,
    search: &Search,
    is_wanted: impl Fn(usize, &Term) -> Option<Distance>,
) -> Result<Vec<Vec<String>>> {
    let of = |(index, term): (usize, &Term)| {
        let distance = is_wanted(index, term);
        let key = distance.map(|distance| CorrectionsOf(term.word.clone(), distance));
        async move {
            match key {
                Some(key) => Ok(ctx.load(key).await?.unwrap_or_default()),
                None => Ok(Vec::new()),
            }
        }
    };
    try_join_all(search.terms.iter().enumerate().map(of)).await
}

/// How much of the search text the results match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Matched")]
pub enum SearchMatch {
    /// The results match all words: by the word itself, its beginning, another form of it, a synonym, or a correction.
    All,
    /// No product matches all words. The results are those that match as many of them as possible.
    Partial,
    /// No product matches any word. The list is empty.
    None,
}
