//! Batches the typo lookup: one query per request for the words of all searches in it.

use std::collections::HashMap;

use async_graphql::Context;
use futures_util::future::try_join_all;

use super::{Search, Term, Tolerance, lexicon};
use crate::core::error::Result;
use crate::graphql::dataloader::{ContextExt, Load, LoadContext};

/// Loads spelling corrections of words.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CorrectionsOf(pub String);

impl Load<CorrectionsOf> for LoadContext {
    // Each word has up to 32 variants.
    const MAX_KEYS: usize = 500;
    type Value = Vec<String>;

    async fn load(&self, keys: &[CorrectionsOf]) -> Result<HashMap<CorrectionsOf, Vec<String>>> {
        let words = keys.iter().map(|key| key.0.as_str());
        let found = lexicon::corrections(self.state.db.reader(), words).await?;
        Ok(found
            .into_iter()
            .map(|(word, found)| (CorrectionsOf(word), found))
            .collect())
    }
}

/// Parses a search text and adds spelling corrections.
pub async fn parse_with_corrections(
    ctx: &Context<'_>,
    typed: Option<&str>,
) -> Result<Option<Search>> {
    let Some(mut search) = Search::parse(typed.unwrap_or_default(), ctx.state().db.language())
    else {
        return Ok(None);
    };
    // The index covers the words of all products.
    ctx.reads().lists();
    let tolerant = |term: &&Term| term.tolerates == Tolerance::Always;
    let words = search.terms.iter().filter(tolerant);
    let corrections = words.map(|term| ctx.load(CorrectionsOf(term.word.clone())));
    let found = try_join_all(corrections).await?;
    let terms = search.terms.iter_mut();
    let terms = terms.filter(|term| term.tolerates == Tolerance::Always);
    for (term, found) in terms.zip(found) {
        term.corrections.extend(found.unwrap_or_default());
    }
    Ok(Some(search))
}
