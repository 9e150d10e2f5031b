//! Search suggestions (autocomplete).

use async_graphql::{Context, Object, SimpleObject};

use super::Product;
use crate::catalog::category::graphql::Category;
use crate::catalog::product::service::{self, DEFAULT_SUGGESTIONS, Suggestion};
use crate::core::error::Result;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};

/// A search suggestion: a category or a product.
#[derive(Debug, SimpleObject)]
pub struct SearchSuggestion {
    /// The name of the category or product.
    text: String,
    /// The suggested product. Null for a category. If several products have this name, the oldest of them.
    product: Option<Product>,
    /// The suggested category. Null for a product.
    category: Option<Category>,
}

impl From<Suggestion> for SearchSuggestion {
    fn from(suggestion: Suggestion) -> Self {
        let text = suggestion.text().to_owned();
        let (product, category) = match suggestion {
            Suggestion::Product(product) => (Some(Product::new(product)), None),
            Suggestion::Category(category) => (None, Some(Category(category))),
        };
        Self {
            text,
            product,
            category,
        }
    }
}

/// The root field of search suggestions.
#[derive(Debug, Default)]
pub struct SuggestionQuery;

#[Object]
impl SuggestionQuery {
    /// Suggests categories and products for a partly typed search (autocomplete). A name is suggested if it contains
    /// words that begin with each word of `prefix`; each name appears once. Up to 3 categories come first, then
    /// products; whole words rank before beginnings. Typos are not tolerated, unlike in `products(search:)`. Empty if
    /// `prefix` contains no word.
    ///
    /// Errors: `BAD_USER_INPUT` for a prefix that is too long or contains control characters, and for `first` out of
    /// bounds.
    #[graphql(directive = auth::apply(Access::Anyone), cache_control(max_age = 60))]
    async fn search_suggestions(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Text typed so far, at most 100 characters. All words must match; only the first 8 are used."
        )]
        prefix: String,
        #[graphql(
            desc = "Maximum number of suggestions to return, 1 to 20.",
            default_with = "DEFAULT_SUGGESTIONS"
        )]
        first: i32,
    ) -> Result<Vec<SearchSuggestion>> {
        let audience = ctx.viewer().audience();
        let found = service::suggest(&ctx.state().db, audience, &prefix, first).await?;
        Ok(found.into_iter().map(Into::into).collect())
    }
}
