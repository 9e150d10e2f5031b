//! Search suggestions (autocomplete).

use async_graphql::{Context, Object, SimpleObject};

use super::Product;
use crate::catalog::category::graphql::Category;
use crate::catalog::product::service::{self, DEFAULT_SUGGESTIONS, Suggestion};
use crate::core::error::Result;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};

/// A search suggestion: a completed search text, a category or a product.
#[derive(Debug, SimpleObject)]
pub struct SearchSuggestion {
    /// The completed search text, or the name of the category or product.
    text: String,
    /// The suggested product. Null for a search text and a category. If several products have this name, the first of
    /// them.
    product: Option<Product>,
    /// The suggested category. Null for a search text and a product.
    category: Option<Category>,
    /// The completed search text, for `products(search:)`. Null for a category and a product.
    query: Option<String>,
}

impl From<Suggestion> for SearchSuggestion {
    fn from(suggestion: Suggestion) -> Self {
        let text = suggestion.text().to_owned();
        let mut made = Self {
            text,
            product: None,
            category: None,
            query: None,
        };
        match suggestion {
            Suggestion::Query(text) => made.query = Some(text),
            Suggestion::Product(product) => made.product = Some(Product::new(product)),
            Suggestion::Category(category) => made.category = Some(Category(category)),
        }
        made
    }
}

/// The root field of search suggestions.
#[derive(Debug, Default)]
pub struct SuggestionQuery;

#[Object]
impl SuggestionQuery {
    /// Suggests search texts, categories and products for a partly typed search (autocomplete). A name is suggested if
    /// it contains words that begin with each word of `prefix`; each name appears once. Up to 3 categories come first,
    /// then products; whole words rank before beginnings. Empty if `prefix` contains no word.
    ///
    /// If `query` is selected, up to 3 completed search texts come before them: `prefix` with its last word completed by
    /// a word of those names, most frequent first. If no name matches `prefix`, names are suggested whose words differ
    /// by a typo, as in `products(search:)`.
    ///
    /// Errors: `BAD_USER_INPUT` for `first` out of bounds; `TIMED_OUT` if the search takes longer than a second and the
    /// viewer is not an admin.
    #[graphql(directive = auth::apply(Access::Anyone), cache_control(max_age = 60))]
    async fn search_suggestions(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Text typed so far. All words must match. Only the first 100 characters and 8 words are used."
        )]
        prefix: String,
        #[graphql(
            desc = "Maximum number of suggestions to return, 1 to 20.",
            default_with = "DEFAULT_SUGGESTIONS"
        )]
        first: i32,
    ) -> Result<Vec<SearchSuggestion>> {
        let audience = ctx.viewer().audience();
        let queries = ctx.look_ahead().field("query").exists();
        let found = service::suggest(&ctx.state().db, audience, &prefix, first, queries).await?;
        Ok(found.into_iter().map(Into::into).collect())
    }
}
