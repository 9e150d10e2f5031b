//! Reviews in the API.

use async_graphql::{Context, ID, InputObject, Object};
use uuid::Uuid;

use super::entity::{Model, ReviewId};
use super::service;
use crate::catalog::product::ProductId;
use crate::core::error::{Nullable, Result};
use crate::core::id::TypedId;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::graphql::node::NodeType;
use crate::graphql::payload::into_payload;
use crate::payload;

/// A review in the API.
#[derive(Clone, Debug)]
pub struct Review(pub Model);

/// A review of a product.
#[Object]
impl Review {
    /// Opaque, stable id: `rev_...`.
    pub async fn id(&self) -> ID {
        self.0.id.encode().into()
    }

    /// The text. 1 to 1,000 characters.
    async fn body(&self) -> &str {
        &self.0.body
    }
}

impl NodeType for Review {
    const PREFIX: &'static str = ReviewId::PREFIX;

    async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        let found = service::find(&ctx.state().db, id.into()).await?;
        Ok(found.map(Self))
    }
}

/// The root field that reads reviews.
#[derive(Debug, Default)]
pub struct ReviewQuery;

#[Object]
impl ReviewQuery {
    /// Returns a review by its id. Null if it does not exist.
    ///
    /// Errors: `BAD_USER_INPUT` for a malformed id.
    #[graphql(directive = auth::apply(Access::Anyone), cache_control(private))]
    async fn review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of the review: `rev_...`.")] id: ID,
    ) -> Nullable<Review> {
        let id = match ReviewId::parse(&id, "id") {
            Ok(id) => id.into(),
            Err(error) => return Some(Err(error)),
        };
        Review::load(ctx, id).await.transpose()
    }
}

/// The root field that writes reviews.
#[derive(Debug, Default)]
pub struct ReviewMutation;

#[Object]
impl ReviewMutation {
    /// Creates a review.
    ///
    /// User errors: `BAD_USER_INPUT`.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn create_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The review.")] input: CreateReviewInput,
    ) -> Result<CreateReviewPayload> {
        into_payload(create(ctx, input).await)
    }
}

async fn create(ctx: &Context<'_>, input: CreateReviewInput) -> Result<Model> {
    let admin = ctx.viewer().admin()?;
    let product = ProductId::parse(&input.product_id, "productId")?;
    service::create(ctx.state(), admin, product, input.body).await
}

/// A review to create.
#[derive(Debug, InputObject)]
pub struct CreateReviewInput {
    /// The id of the product.
    product_id: ID,
    /// The text. 1 to 1,000 characters.
    body: String,
}

payload! {
    /// Payload of `createReview`.
    CreateReviewPayload,
    (Model as review) {
        /// The new review.
        review: Option<Review> = Some(Review(review)),
    }
}
