//! What batches the lookups of one request: a hundred products that each want their category cost one statement.
//!
//! Lookups go in waves. The resolvers run until all of them wait; then each kind of key that was asked for is loaded
//! once, with all the keys together; when the whole wave is done, the resolvers run on. So the number of statements
//! follows from the query alone, never from timing, and no timer delays an answer.
//!
//! There is one [`Loaders`] a request, so that nothing is shared between viewers. Each feature's API tells how its kinds
//! of keys are loaded, by implementing [`Load`].

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
use crate::state::State;

/// What a lookup needs to know of its request.
#[derive(Debug)]
pub struct LoadContext {
    pub state: State,
    pub audience: Audience,
}

/// Loads many keys of one kind at once.
pub trait Load<K> {
    /// How many keys a statement takes. Databases have limits; SQLite's are 32,766 values and 500 united queries.
    const MAX_KEYS: usize = 5_000;

    /// What a key finds.
    type Value: Clone + Send + 'static;

    /// What these keys find; a key that finds nothing is absent.
    fn load(&self, keys: &[K]) -> impl Future<Output = Result<HashMap<K, Self::Value>>> + Send;
}

/// Declares the key that finds an entity by its id, for those who may see it: `find_many` of the feature's service loads
/// it.
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

/// The lookups of one request. Cheap to clone.
#[derive(Clone)]
pub struct Loaders {
    context: Arc<LoadContext>,
    waiting: Arc<Mutex<Waiting>>,
}

/// Tells whether the request can get on. Lists yield and wake themselves half-way, and only one that does not has asked
/// for everything it needs.
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

/// What was asked for and is not being loaded yet: for each kind of key its [`Wave`].
type Waiting = HashMap<TypeId, Box<dyn Batch>>;

/// The keys of one kind, each with who waits for what it finds.
type Asked<K, V> = Vec<(K, oneshot::Sender<Result<Option<V>>>)>;

/// The keys of one kind that are loaded together.
struct Wave<K>(Asked<K, <LoadContext as Load<K>>::Value>)
where
    LoadContext: Load<K>;

/// A [`Wave`] of whatever kind.
trait Batch: Any + Send {
    /// Loads the keys and tells those who wait.
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
            let asked = self.0.iter().map(|(key, _)| key);
            let keys: Vec<K> = asked.filter(|key| seen.insert(*key)).cloned().collect();
            let load = AssertUnwindSafe(load_in_chunks(&context, &keys)).catch_unwind();
            // Only those who wait for it get the error of a panic.
            let found = load.await.unwrap_or(Err(Error::Panicked));
            for (key, sender) in self.0 {
                let value = match &found {
                    Ok(found) => Ok(found.get(&key).cloned()),
                    Err(error) => Err(error.clone()),
                };
                // Whoever asked may be gone; that is its own affair.
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
    /// The lookups of a new request.
    pub fn new(state: &State, viewer: Viewer) -> Self {
        Self {
            context: Arc::new(LoadContext {
                state: state.clone(),
                audience: viewer.audience(),
            }),
            waiting: Arc::default(),
        }
    }

    /// What the lookups know of the request.
    pub const fn context(&self) -> &Arc<LoadContext> {
        &self.context
    }

    /// Runs a request, and the lookups that it asks for.
    pub async fn drive<F: Future>(&self, request: F) -> F::Output {
        // Tokio's budget would stop resolvers half-way, before all have asked for what they need.
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
                    // It has woken those who waited for it. What they ask for waits for the rest of the wave.
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
        self.ask(key, sender);
        let gone = || Error::internal(anyhow::anyhow!("a lookup was dropped"));
        receiver.await.unwrap_or_else(|_| Err(gone()))
    }

    fn ask<K>(
        &self,
        key: K,
        sender: oneshot::Sender<Result<Option<<LoadContext as Load<K>>::Value>>>,
    ) where
        K: Clone + Eq + Hash + Send + Sync + 'static,
        LoadContext: Load<K>,
    {
        let mut waiting = self.lock();
        let wave = waiting
            .entry(TypeId::of::<K>())
            .or_insert_with(|| Box::new(Wave::<K>(Vec::new())));
        let wave: &mut dyn Any = wave.as_mut();
        if let Some(wave) = wave.downcast_mut::<Wave<K>>() {
            wave.0.push((key, sender));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // Nothing is done under the lock that could leave it half done.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What resolvers take out of their context.
pub trait ContextExt {
    /// The process's shared parts.
    fn state(&self) -> &State;
    /// Who asks.
    fn viewer(&self) -> Viewer;
    /// Loads by one key, together with all others that want the like.
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

    async fn load<K>(&self, key: K) -> Result<Option<<LoadContext as Load<K>>::Value>>
    where
        K: Clone + Eq + Hash + Send + Sync + 'static,
        LoadContext: Load<K>,
    {
        self.data_unchecked::<Loaders>().load(key).await
    }
}
