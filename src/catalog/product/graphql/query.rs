//! Root fields that read products.

use async_graphql::{Context, ID, Object};

use super::loaders::{CountOf, find};
use super::search::{FoundPage, SearchInfo, load_page};
use super::{Product, ProductConnection, ProductFilter, ProductSort, selection};
use crate::catalog::category::CategoryId;
use crate::catalog::product::list::{CategoryCondition, Filter, List, SortField};
use crate::catalog::search;
use crate::core::error::{Error, Nullable, Result};
use crate::core::pagination::{Connection, Count, PageArgs, Ranked, Total};
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};

impl Count for Filter {
    const TYPE_NAME: Option<&'static str> = Some("ProductPage");

    async fn count(&self, ctx: &Context<'_>) -> Result<Total> {
        let count = ctx.load(CountOf(self.clone())).await?;
        Ok(count.unwrap_or_default())
    }
}

/// Root fields that read products.
#[derive(Debug, Default)]
pub struct ProductQuery;

#[Object]
impl ProductQuery {
    /// Returns a product by id or by slug. A former slug finds it too; `slug` of the result is the current one. Null
    /// if there is no such product, or if you may not see it.
    ///
    /// Errors: `BAD_USER_INPUT` for a malformed id, and unless exactly one of `id` and `slug` is given.
    #[graphql(directive = auth::apply(Access::Anyone), cache_control(max_age = 60))]
    async fn product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of the product: `prod_...`.")] id: Option<ID>,
        #[graphql(desc = "Slug of the product, current or former.")] slug: Option<String>,
    ) -> Nullable<Product> {
        find(ctx, id, slug).await.transpose()
    }

    /// Lists products with paging, search, filter and sort order. Paging neither repeats nor skips a product when
    /// others are created or deleted meanwhile.
    ///
    /// **Search.** A word of the search text matches a word of the name, a SKU, a barcode, the brand, a tag, an option
    /// value, the name of a category of the product, a searchable attribute, or the description. It matches the word
    /// itself, another form of it (singular and plural, by the language of the shop), its synonyms, the beginning of a
    /// word, and from 5 letters on a word that differs by one typo; shorter words with a typo match if nothing else does.
    /// Case, accents and punctuation are ignored. All words must match, except stop words such as `for`.
    ///
    /// If no product matches all words, the list has the products that match as many of them as possible: see
    /// `searchInfo`.
    ///
    /// **Ranking** of `RELEVANCE`, best first: the whole text is the name, a SKU or a barcode; all words as typed; other
    /// forms and synonyms; beginnings; typos. Within each: all words in the name; in the name, codes, brand, tags,
    /// options, categories and attributes; also in the description. Among equals, products that sell and are in stock
    /// come first, then older ones. The weakest match of the words counts.
    ///
    /// Errors: `BAD_USER_INPUT` for a page size out of bounds, for `first` together with `last`, for a cursor of
    /// another list or order, for a malformed id, for a range whose lower bound exceeds the upper, for `RELEVANCE`
    /// without `search`, and for `POSITION`; `TIMED_OUT` if a search takes longer than a second and the viewer is not an
    /// admin.
    #[graphql(directive = auth::apply(Access::Anyone), cache_control(max_age = 60))]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn products(
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
            desc = "Search text. Only its first 100 characters and 8 words are used. Text without a word does not restrict the list."
        )]
        search: Option<String>,
        #[graphql(desc = "Filter of the list.")] filter: Option<ProductFilter>,
        #[graphql(desc = "Sort order. Default: by name, or by relevance with `search`.")]
        sort: Option<ProductSort>,
    ) -> Result<ProductConnection> {
        let page = PageArgs::new(first, after, last, before);
        products_of(ctx, None, search, filter, sort, page).await
    }
}

/// Returns a page of products: of the whole shop, or of a category and, if the flag is set, its descendants.
pub async fn products_of(
    ctx: &Context<'_>,
    within: Option<(CategoryId, bool)>,
    search: Option<String>,
    filter: Option<ProductFilter>,
    sort: Option<ProductSort>,
    page: PageArgs,
) -> Result<ProductConnection> {
    let filter = filter.unwrap_or_default();
    let mut filter = filter.check(ctx.state(), ctx.viewer()).await?;
    filter
        .within
        .extend(within.map(|(category, descendants)| CategoryCondition {
            categories: vec![category],
            descendants,
            is_list: true,
        }));
    let typed = search.unwrap_or_default();
    filter.search = search::graphql::prepare(ctx, Some(&typed)).await?;
    let sort = ProductSort::resolve(sort, filter.search.is_some())?;
    if sort.field == SortField::Position && filter.only_category().is_none() {
        let message =
            "POSITION requires the products of a category with `includeDescendants: false`.";
        return Err(Error::bad_input("sort.field", message));
    }
    let list = List::parse(filter, sort, page)?;
    if list.filter.reads_stock() || list.sort.field.reads_stock() {
        ctx.reads().stock();
    }
    let selection = selection::of_connection(ctx);
    let FoundPage {
        list,
        page,
        resolved,
    } = load_page(ctx, &typed, list, selection).await?;
    let filter = list.filter.clone();
    let columns = selection.columns;
    let node = |Ranked { row, .. }| Product {
        listed: Box::new(row),
        columns,
    };
    let page = Connection::new(page, list, node);
    let info = resolved.map(|resolved| SearchInfo::new(&typed, resolved));
    Ok(ProductConnection::new(page, filter, info))
}
