//! Batches the lookups of one request: the categories of a hundred products cost one statement.
//!
//! Lookups run in waves. Resolvers run until all of them wait. Then each key type with queued lookups is loaded once,
//! with all its keys. When the whole wave is complete, the resolvers continue. So the number of statements depends
//! only on the query, never on timing, and no timer delays a response.
//!
//! Each request has its own [`Loaders`], so nothing is shared between viewers. Each feature's API implements [`Load`]
//! for its key types.

use std::any::{Any, TypeId};
use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::mem;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{self, Poll, Wake, Waker, ready};

use async_graphql::Context;
use futures_channel::oneshot;
use futures_util::future::{BoxFuture, poll_fn};
use futures_util::stream::FuturesUnordered;
use futures_util::task::AtomicWaker;
use futures_util::{FutureExt, StreamExt};

use crate::core::error::{Error, Result};
use crate::core::viewer::{Audience, Viewer};
use crate::graphql::catalog_reads::CatalogReads;
use crate::state::State;

/// The inputs of all loaders of a request, and the dependencies that its response has so far.
#[derive(Debug)]
pub struct LoadContext {
    pub state: State,
    pub audience: Audience,
    pub reads: CatalogReads,
}

/// Loads many keys of one type at once.
pub trait Load<K> {
    /// The maximum number of keys of a statement. SQLite's limits are 32,766 values and 500 compound selects.
    const MAX_KEYS: usize = 5_000;

    /// The value of a key.
    type Value: Clone + Send + 'static;

    /// Loads the values of keys; a key without a value is absent from the result.
    fn load(&self, keys: &[K]) -> impl Future<Output = Result<HashMap<K, Self::Value>>> + Send;
}

/// Declares the key type of an entity's id, restricted to visible entities: loaded by `find_many` of the feature's
/// service.
#[macro_export]
macro_rules! load_by_id {
    ($(#[$doc:meta])* $key:ident, $id:ty, $row:ty, $service:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct $key(pub $id);

        impl $crate::graphql::dataloader::Load<$key> for $crate::graphql::dataloader::LoadContext {
            type Value = $row;

            async fn load(
                &self,
                keys: &[$key],
            ) -> $crate::core::error::Result<std::collections::HashMap<$key, $row>> {
                let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
                let found = $service::find_many(&self.state.db, self.audience, &ids).await?;
                Ok(found.into_iter().map(|(id, row)| ($key(id), row)).collect())
            }
        }
    };
}

/// The data loader of one request. Cheap to clone.
#[derive(Clone)]
pub struct Loaders {
    context: Arc<LoadContext>,
    queue: Arc<Mutex<LookupQueue>>,
}

/// Wakes the request, and records whether it can make progress. Lists yield and wake themselves; only a request that
/// is not awake has queued all its lookups.
struct Wakeup {
    awake: AtomicBool,
    task: AtomicWaker,
}

impl Default for Wakeup {
    fn default() -> Self {
        Self {
            awake: AtomicBool::new(true),
            task: AtomicWaker::new(),
        }
    }
}

impl Wakeup {
    fn take(&self) -> bool {
        self.awake.swap(false, Ordering::AcqRel)
    }
}

impl Wake for Wakeup {
    fn wake(self: Arc<Self>) {
        self.awake.store(true, Ordering::Release);
        self.task.wake();
    }
}

/// The queued lookups: the [`Wave`] of each key type.
type LookupQueue = HashMap<TypeId, Box<dyn Batch>>;

/// Keys of one type, each with the sender of its result.
type QueuedKeys<K, V> = Vec<(K, oneshot::Sender<Result<Option<V>>>)>;

/// Keys of one type that are loaded together.
struct Wave<K>(QueuedKeys<K, <LoadContext as Load<K>>::Value>)
where
    LoadContext: Load<K>;

/// A [`Wave`] of any key type.
trait Batch: Any + Send {
    /// Loads the keys and sends the results.
    fn run(self: Box<Self>, context: Arc<LoadContext>) -> BoxFuture<'static, ()>;
}

impl<K> Batch for Wave<K>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    LoadContext: Load<K>,
{
    fn run(self: Box<Self>, context: Arc<LoadContext>) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            let mut seen = HashSet::new();
            let queued = self.0.iter().map(|(key, _)| key);
            let keys: Vec<K> = queued.filter(|key| seen.insert(*key)).cloned().collect();
            let load = AssertUnwindSafe(load_in_chunks(&context, &keys)).catch_unwind();
            // Only the lookups of this key type fail with the panic.
            let found = load.await.unwrap_or(Err(Error::Panicked));
            for (key, sender) in self.0 {
                let value = match &found {
                    Ok(found) => Ok(found.get(&key).cloned()),
                    Err(error) => Err(error.clone()),
                };
                // The receiver may have been dropped.
                _ = sender.send(value);
            }
        })
    }
}

async fn load_in_chunks<K>(
    context: &LoadContext,
    keys: &[K],
) -> Result<HashMap<K, <LoadContext as Load<K>>::Value>>
where
    K: Eq + Hash + Sync,
    LoadContext: Load<K>,
{
    let mut found = HashMap::new();
    for chunk in keys.chunks(<LoadContext as Load<K>>::MAX_KEYS) {
        found.extend(context.load(chunk).await?);
    }
    Ok(found)
}

impl Loaders {
    /// Creates the data loader of a request.
    pub fn new(state: &State, viewer: Viewer) -> Self {
        Self {
            context: Arc::new(LoadContext {
                state: state.clone(),
                audience: viewer.audience(),
                reads: CatalogReads::default(),
            }),
            queue: Arc::default(),
        }
    }

    /// Returns the context of the lookups.
    pub const fn context(&self) -> &Arc<LoadContext> {
        &self.context
    }

    /// Runs a request and its lookups.
    pub async fn drive<F: Future>(&self, request: F) -> F::Output {
        // Tokio's cooperative budget would suspend resolvers before all have queued their lookups.
        let mut request = pin!(tokio::task::unconstrained(request));
        let mut running = FuturesUnordered::new();
        let wakeup = Arc::new(Wakeup::default());
        let waker = Waker::from(wakeup.clone());
        poll_fn(|cx| {
            wakeup.task.register(cx.waker());
            loop {
                while wakeup.take() {
                    let mut cx = task::Context::from_waker(&waker);
                    if let Poll::Ready(output) = request.as_mut().poll(&mut cx) {
                        return Poll::Ready(output);
                    }
                }
                if ready!(running.poll_next_unpin(cx)).is_some() {
                    // It has woken the resolvers that waited for it. Their new lookups wait for the rest of the wave.
                    continue;
                }
                let wave = mem::take(&mut *self.lock());
                if wave.is_empty() {
                    return Poll::Pending;
                }
                let batches = wave.into_values();
                running.extend(batches.map(|batch| batch.run(self.context.clone())));
            }
        })
        .await
    }

    async fn load<K>(&self, key: K) -> Result<Option<<LoadContext as Load<K>>::Value>>
    where
        K: Clone + Eq + Hash + Send + Sync + 'static,
        LoadContext: Load<K>,
    {
        let (sender, receiver) = oneshot::channel();
        self.enqueue(key, sender);
        let dropped = || Error::internal(anyhow::anyhow!("lookup was dropped"));
        receiver.await.unwrap_or_else(|_| Err(dropped()))
    }

    fn enqueue<K>(
        &self,
        key: K,
        sender: oneshot::Sender<Result<Option<<LoadContext as Load<K>>::Value>>>,
    ) where
        K: Clone + Eq + Hash + Send + Sync + 'static,
        LoadContext: Load<K>,
    {
        let mut queue = self.lock();
        let wave = queue
            .entry(TypeId::of::<K>())
            .or_insert_with(|| Box::new(Wave::<K>(Vec::new())));
        let wave: &mut dyn Any = wave.as_mut();
        if let Some(wave) = wave.downcast_mut::<Wave<K>>() {
            wave.0.push((key, sender));
        }
    }

    fn lock(&self) -> MutexGuard<'_, LookupQueue> {
        // No operation under the lock can leave it inconsistent.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Access to the request context of resolvers.
pub trait ContextExt {
    /// Returns the shared application state.
    fn state(&self) -> &State;
    /// Returns the viewer of the request.
    fn viewer(&self) -> Viewer;
    /// Returns the record of what the request reads of the catalog.
    fn reads(&self) -> &CatalogReads;
    /// Loads the value of a key, batched with all other lookups of its type.
    fn load<K>(
        &self,
        key: K,
    ) -> impl Future<Output = Result<Option<<LoadContext as Load<K>>::Value>>> + Send
    where
        K: Clone + Eq + Hash + Send + Sync + 'static,
        LoadContext: Load<K>;
}

impl ContextExt for Context<'_> {
    fn state(&self) -> &State {
        self.data_unchecked()
    }

    fn viewer(&self) -> Viewer {
        *self.data_unchecked()
    }

    fn reads(&self) -> &CatalogReads {
        &self.data_unchecked::<Loaders>().context().reads
    }

    async fn load<K>(&self, key: K) -> Result<Option<<LoadContext as Load<K>>::Value>>
    where
        K: Clone + Eq + Hash + Send + Sync + 'static,
        LoadContext: Load<K>,
    {
        self.data_unchecked::<Loaders>().load(key).await
    }
}
