//! What a search box suggests while somebody types.

use async_graphql::{Context, Object, SimpleObject};

use super::Product;
use crate::catalog::category::graphql::Category;
use crate::catalog::product::service::{self, DEFAULT_SUGGESTIONS, Suggestion};
use crate::core::error::Result;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};

/// Something that a shopper may mean: a category or a product.
#[derive(Debug, SimpleObject)]
pub struct SearchSuggestion {
    /// Its name, as it is written.
    text: String,
    /// The product, if it is one. Of several with this name, the one that came into the shop first.
    product: Option<Product>,
    /// The category, if it is one.
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

/// The root field for search boxes.
#[derive(Debug, Default)]
pub struct SuggestionQuery;

#[Object]
impl SuggestionQuery {
    /// What a shopper who has typed so much may mean: names with words that begin so, each name once. Up to three
    /// categories come first, then products; whole words before beginnings. Typos are not forgiven here: `products(search:)`
    /// does that. Empty as long as there is no word in it.
    ///
    /// Errors: `BAD_USER_INPUT` for a prefix that is too long or has control characters, and for `first` out of bounds.
    #[graphql(directive = auth::apply(Access::Anyone), cache_control(max_age = 60))]
    async fn search_suggestions(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "What was typed so far, at most 100 characters. Of several words all must fit; the first 8 are looked at."
        )]
        prefix: String,
        #[graphql(
            desc = "How many to give at the most, from 1 to 20.",
            default_with = "DEFAULT_SUGGESTIONS"
        )]
        first: i32,
    ) -> Result<Vec<SearchSuggestion>> {
        let audience = ctx.viewer().audience();
        let found = service::suggest(&ctx.state().db, audience, &prefix, first).await?;
        Ok(found.into_iter().map(Into::into).collect())
    }
}
