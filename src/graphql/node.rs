//! Types that `node` and `nodes` find by their id.

use async_graphql::Context;
use uuid::Uuid;

use crate::core::error::Result;

/// A type of the interface `Node`. The prefix of an id identifies its type.
pub trait NodeType: Sized {
    /// The prefix of its ids.
    const PREFIX: &'static str;

    /// Loads one by its id. None if it does not exist, or if the viewer may not see it.
    fn load(ctx: &Context<'_>, id: Uuid) -> impl Future<Output = Result<Option<Self>>> + Send;
}
