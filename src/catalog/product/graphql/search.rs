//! Pages of a search: all words, or the best partial match; and how the results match the search text.

use std::sync::Arc;

use async_graphql::{Context, Object};

use super::loaders::PageOf;
use super::loaders::search::{BestCountOf, CorrectionsIn, UnmatchedOf};
use crate::catalog::product::list::{List, ListedProduct, Selection};
use crate::catalog::search::graphql::{SearchMatch, correct_unmatched};
use crate::catalog::search::prepare::{Matched, Resolved};
use crate::catalog::search::typed::TypedText;
use crate::catalog::search::{Analyzer, Search};
use crate::core::error::{Error, Result};
use crate::core::pagination::{Page, Ranked};
use crate::graphql::dataloader::ContextExt;

/// A page of products, with the list it belongs to and the search as it was executed.
pub(super) struct FoundPage {
    pub list: List,
    pub page: Page<Ranked<ListedProduct>>,
    pub resolved: Option<Resolved>,
}

/// Loads a page of a list. If it is empty because no product matches all words of the search, it is that of the best
/// partial match.
pub(super) async fn load_page(
    ctx: &Context<'_>,
    typed: &str,
    list: List,
    selection: Selection,
) -> Result<FoundPage> {
    // If no product that the engine has found is in the list, the database may find others, by other forms of the words or by
    // some of them.
    if let Some(found) = ask_engine(ctx, typed, &list).await {
        let page = page_of(ctx, &found, selection).await?;
        if !page.rows.is_empty() || has_first_page(ctx, &found, selection).await? {
            return Ok(FoundPage {
                resolved: found.filter.search.clone().map(Resolved::all),
                list: found,
                page,
            });
        }
    }
    let page = page_of(ctx, &list, selection).await?;
    match list.filter.search.clone() {
        Some(search) if page.rows.is_empty() => resolve(ctx, list, search, page, selection).await,
        // A page with products proves that some match all words.
        search => Ok(FoundPage {
            list,
            page,
            resolved: search.map(Resolved::all),
        }),
    }
}

/// Asks the search engine, if there is one that answers. Returns the list of the products that it has found, if it has found
/// any.
async fn ask_engine(ctx: &Context<'_>, typed: &str, list: &List) -> Option<List> {
    let engine = ctx.state().search_engine.as_ref()?;
    let search = list.filter.search.as_ref()?;
    let products = engine.search(typed).await?;
    if products.is_empty() {
        return None;
    }
    let search = Search {
        hits: Some(products.into()),
        ..search.clone()
    };
    let mut list = list.clone();
    list.filter.search = Some(search);
    Some(list)
}

/// Whether a list whose page is empty has products all the same, before or after the cursors of the page.
async fn has_first_page(ctx: &Context<'_>, list: &List, selection: Selection) -> Result<bool> {
    let mut first = list.clone();
    first.paging.after = None;
    first.paging.before = None;
    Ok(first != *list && !page_of(ctx, &first, selection).await?.rows.is_empty())
}

async fn page_of(
    ctx: &Context<'_>,
    list: &List,
    selection: Selection,
) -> Result<Page<Ranked<ListedProduct>>> {
    let found = ctx.load(PageOf(list.clone(), selection)).await?;
    found.ok_or_else(|| Error::internal(anyhow::anyhow!("page missing from loader result")))
}

/// Loads the page of a search with which products are found, if there is one: with corrections of short words, or with a part
/// of the words. `page` is the empty page of the search as it is. Filters do not matter.
async fn resolve(
    ctx: &Context<'_>,
    mut list: List,
    mut search: Search,
    mut page: Page<Ranked<ListedProduct>>,
    selection: Selection,
) -> Result<FoundPage> {
    let unmatched_of = async |search: &Search| {
        let unmatched = ctx.load(UnmatchedOf(search.clone())).await?;
        Ok::<_, Error>(unmatched.flatten())
    };
    let mut unmatched = unmatched_of(&search).await?;
    if let Some(indexes) = &unmatched
        && let Some(corrected) = correct_unmatched(ctx, &search, Some(indexes)).await?
    {
        search = corrected;
        list.filter.search = Some(search.clone());
        page = page_of(ctx, &list, selection).await?;
        unmatched = if page.rows.is_empty() {
            unmatched_of(&search).await?
        } else {
            None
        };
    }
    let Some(unmatched) = unmatched else {
        let resolved = Some(Resolved::all(search));
        return Ok(FoundPage {
            list,
            page,
            resolved,
        });
    };
    let best = ctx.load(BestCountOf(search.clone(), unmatched.clone()));
    let best = best.await?.unwrap_or_default();
    let resolved = Resolved::partial(search, &unmatched, best);
    if list.filter.search.as_ref() != Some(&resolved.search) {
        list.filter.search = Some(resolved.search.clone());
        page = page_of(ctx, &list, selection).await?;
    }
    let resolved = Some(resolved);
    Ok(FoundPage {
        list,
        page,
        resolved,
    })
}

/// How the results of a search match its text.
#[derive(Clone, Debug)]
pub struct SearchInfo {
    typed: Arc<str>,
    resolved: Resolved,
}

impl SearchInfo {
    pub(super) fn new(typed: &str, resolved: Resolved) -> Self {
        let typed = typed.into();
        Self { typed, resolved }
    }
}

/// How the products of a search match its text. It describes the search alone: if a filter or the category excludes all
/// matching products, the list is empty and `matched` is still `ALL`.
#[Object]
impl SearchInfo {
    /// How much of the search text the results match.
    async fn matched(&self) -> SearchMatch {
        self.resolved.matched.into()
    }

    /// The search text with its misspelled words replaced: "Did you mean ...". A word is replaced if products match only
    /// its correction, or 20 times more products match the correction. The results already include those of
    /// corrections of words from 5 letters on, after those of the words as typed. Null if no word is misspelled.
    async fn corrected(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let search = &self.resolved.search;
        let is_correctable = search.terms.iter().any(|term| !term.corrections.is_empty());
        if !is_correctable || self.resolved.matched == Matched::None {
            return Ok(None);
        }
        let found = ctx.load(CorrectionsIn(search.clone())).await?;
        let found = found.unwrap_or_default();
        if found.is_empty() {
            return Ok(None);
        }
        let replacements = found.iter();
        let replacements = replacements.map(|(word, other)| (word.as_str(), other.as_str()));
        Ok(Some(self.text(ctx).replace(&replacements.collect())))
    }

    /// The words of the search text that no product matches, as they were typed. The results are found by the other
    /// words. With `PARTIAL` it may be empty: then each word matches some product, but no product all of them. Without
    /// stop words, such as `for`: results need not contain them.
    async fn ignored_words(&self, ctx: &Context<'_>) -> Vec<String> {
        let text = self.text(ctx);
        let ignored = self.resolved.ignored.iter();
        ignored.map(|word| text.spelling(word)).collect()
    }
}

impl SearchInfo {
    fn text(&self, ctx: &Context<'_>) -> TypedText<'_> {
        TypedText::new(&self.typed, Analyzer::new(ctx.state().db.language()))
    }
}
