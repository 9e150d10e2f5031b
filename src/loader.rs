//! What batches the lookups of one request: a hundred products that each want their category cost one statement.
//!
//! There is one [`Loads`] a request, so that nothing is shared between viewers; each feature's `graphql.rs` tells it how
//! to load its kinds of keys.

use async_graphql::Context;
use async_graphql::dataloader::{DataLoader, Loader};

use crate::database::Database;
use crate::error::Result;
use crate::state::State;
use crate::viewer::{Audience, Viewer};

/// What a lookup needs to know of its request.
#[derive(Debug)]
pub struct Loads {
    pub db: Database,
    pub audience: Audience,
}

/// The lookups of one request.
pub type Loaders = DataLoader<Loads>;

/// Makes the lookups of a new request.
pub fn loaders(state: &State, viewer: Viewer) -> Loaders {
    let loads = Loads {
        db: state.db.clone(),
        audience: viewer.audience(),
    };
    DataLoader::new(loads, tokio::spawn)
}

/// What resolvers take out of their context.
pub trait ContextExt {
    /// The process's shared parts.
    fn state(&self) -> &State;
    /// Who asks.
    fn viewer(&self) -> Viewer;
    /// Loads by one key, together with all others that want the like.
    fn load<K>(&self, key: K) -> impl Future<Output = Result<Option<<Loads as Loader<K>>::Value>>>
    where
        K: Send + Sync + std::hash::Hash + Eq + Clone + 'static,
        Loads: Loader<K, Error = crate::error::Error>;
}

impl ContextExt for Context<'_> {
    fn state(&self) -> &State {
        self.data_unchecked()
    }

    fn viewer(&self) -> Viewer {
        *self.data_unchecked()
    }

    async fn load<K>(&self, key: K) -> Result<Option<<Loads as Loader<K>>::Value>>
    where
        K: Send + Sync + std::hash::Hash + Eq + Clone + 'static,
        Loads: Loader<K, Error = crate::error::Error>,
    {
        self.data_unchecked::<Loaders>().load_one(key).await
    }
}
