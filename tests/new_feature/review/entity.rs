//! The rows of `reviews`.

use sea_orm::entity::prelude::*;

use crate::catalog::product::ProductId;
use crate::core::clock::Timestamp;

crate::typed_id!(
    /// The id of a review.
    ReviewId,
    "rev",
    "review"
);

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reviews")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReviewId,
    pub product_id: ProductId,
    pub body: String,
    pub expires_at: Timestamp,
}

crate::no_relations!();
