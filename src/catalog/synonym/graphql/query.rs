//! Root field that reads synonyms.

use async_graphql::{Context, Enum, InputObject, Object};

use super::{SearchSynonym, SearchSynonymConnection};
use crate::catalog::synonym::list::{Filter, List, SortField};
use crate::catalog::synonym::service;
use crate::core::error::Result;
use crate::core::pagination::{Connection, PageArgs};
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};

/// Sort fields of lists of synonyms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "SortField")]
pub enum SearchSynonymSortField {
    /// By the first term, ignoring case and accents.
    Term,
    /// By creation time.
    CreatedAt,
}

crate::sort_input!(SearchSynonymSort, SearchSynonymSortField, SortField);

/// Filter of a list of synonyms. All given conditions must match.
#[derive(Debug, Default, InputObject)]
pub struct SearchSynonymFilter {
    /// Return only one-way (true) or two-way (false) synonyms.
    one_way: Option<bool>,
}

/// Root field that reads synonyms.
#[derive(Debug, Default)]
pub struct SynonymQuery;

#[Object]
impl SynonymQuery {
    /// Lists the synonyms of search words with paging, search, filter and sort order.
    ///
    /// Errors: `BAD_USER_INPUT` for a page size out of bounds, for `first` together with `last`, for a cursor of another
    /// list or order, and for a search text that is too long or contains control characters.
    #[graphql(directive = auth::apply(Access::Admin), cache_control(private))]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn search_synonyms(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Maximum number of items to return from the start of the list, 1 to 100. Default: 20, unless `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Maximum number of items to return from the end of the list, 1 to 100.")]
        last: Option<i32>,
        #[graphql(desc = "Return the items before this cursor.")] before: Option<String>,
        #[graphql(
            desc = "Part of a term, ignoring case. At most 100 characters. Blank text is ignored."
        )]
        search: Option<String>,
        #[graphql(desc = "Filter of the list.")] filter: Option<SearchSynonymFilter>,
        #[graphql(desc = "Sort order. Default: `CREATED_AT`, `ASC`.")] sort: Option<
            SearchSynonymSort,
        >,
    ) -> Result<SearchSynonymConnection> {
        let page = PageArgs::new(first, after, last, before);
        let one_way = filter.unwrap_or_default().one_way;
        let filter = Filter::new(one_way, search.as_deref(), "search")?;
        let query = List::parse(filter, SearchSynonymSort::resolve(sort, false)?, page)?;
        let found = service::list(&ctx.state().db, ctx.viewer().admin()?, &query).await?;
        Ok(Connection::new(found, query, SearchSynonym::from))
    }
}
