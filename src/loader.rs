//! What batches the lookups of one request: a hundred products that each want their category cost one statement.
//!
//! Nothing is loaded while the request can still get on: its resolvers run until all of them wait, and then each kind of
//! key that was asked for is loaded once, with all the keys together. So the number of statements follows from the query
//! alone, never from timing, and no timer delays an answer.
//!
//! There is one [`Loaders`] a request, so that nothing is shared between viewers. Each feature's API tells how its kinds
//! of keys are loaded, by implementing [`Load`].

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::hash::Hash;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{self, Poll, Wake, Waker};

use async_graphql::Context;
use futures_channel::oneshot;
use futures_util::StreamExt;
use futures_util::future::{BoxFuture, poll_fn};
use futures_util::stream::FuturesUnordered;
use futures_util::task::AtomicWaker;

use crate::database::Database;
use crate::error::{Error, Result};
use crate::state::State;
use crate::viewer::{Audience, Viewer};

/// What a lookup needs to know of its request.
#[derive(Debug)]
pub struct Loads {
    pub db: Database,
    pub audience: Audience,
}

/// Loads many keys of one kind at once.
pub trait Load<K> {
    /// What a key finds.
    type Value: Clone + Send + 'static;

    /// What these keys find; a key that finds nothing is absent.
    fn load(&self, keys: &[K]) -> impl Future<Output = Result<HashMap<K, Self::Value>>> + Send;
}

/// The lookups of one request. Cheap to clone.
#[derive(Clone)]
pub struct Loaders {
    loads: Arc<Loads>,
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

/// What was asked for and is not being loaded yet.
#[derive(Default)]
struct Waiting {
    /// For each kind of key its `Vec<Asked<K, V>>`.
    keys: HashMap<TypeId, Box<dyn Any + Send>>,
    /// For each of them the work that loads it.
    batches: Vec<BoxFuture<'static, ()>>,
}

/// A key and who waits for what it finds.
type Asked<K, V> = (K, oneshot::Sender<Result<Option<V>>>);

impl Loaders {
    /// The lookups of a new request.
    pub fn new(state: &State, viewer: Viewer) -> Self {
        Self {
            loads: Arc::new(Loads {
                db: state.db.clone(),
                audience: viewer.audience(),
            }),
            waiting: Arc::default(),
        }
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
                running.extend(self.lock().batches.drain(..));
                // A batch that is done has woken those who waited for it.
                if !matches!(running.poll_next_unpin(cx), Poll::Ready(Some(()))) {
                    return Poll::Pending;
                }
            }
        })
        .await
    }

    async fn load<K>(&self, key: K) -> Result<Option<<Loads as Load<K>>::Value>>
    where
        K: Clone + Eq + Hash + Send + Sync + 'static,
        Loads: Load<K>,
    {
        let (sender, receiver) = oneshot::channel();
        self.ask(key, sender);
        let gone = || Error::internal(anyhow::anyhow!("a lookup was dropped"));
        receiver.await.unwrap_or_else(|_| Err(gone()))
    }

    fn ask<K>(&self, key: K, sender: oneshot::Sender<Result<Option<<Loads as Load<K>>::Value>>>)
    where
        K: Clone + Eq + Hash + Send + Sync + 'static,
        Loads: Load<K>,
    {
        let mut waiting = self.lock();
        let kind = TypeId::of::<K>();
        if !waiting.keys.contains_key(&kind) {
            waiting.batches.push(Box::pin(self.clone().batch::<K>()));
        }
        let none = || Box::new(Vec::<Asked<K, <Loads as Load<K>>::Value>>::new()) as _;
        let asked = waiting.keys.entry(kind).or_insert_with(none);
        if let Some(asked) = asked.downcast_mut::<Vec<Asked<K, _>>>() {
            asked.push((key, sender));
        }
    }

    /// Loads all keys of one kind that wait when this first runs.
    async fn batch<K>(self)
    where
        K: Clone + Eq + Hash + Send + Sync + 'static,
        Loads: Load<K>,
    {
        let asked = self.lock().keys.remove(&TypeId::of::<K>());
        let asked = asked.and_then(|asked| asked.downcast().ok());
        let asked: Vec<Asked<K, <Loads as Load<K>>::Value>> = *asked.unwrap_or_default();
        let mut seen = std::collections::HashSet::new();
        let keys: Vec<K> = asked
            .iter()
            .map(|(key, _)| key)
            .filter(|key| seen.insert(*key))
            .cloned()
            .collect();
        let found = self.loads.load(&keys).await;
        for (key, sender) in asked {
            let value = match &found {
                Ok(found) => Ok(found.get(&key).cloned()),
                Err(error) => Err(error.clone()),
            };
            // Whoever asked may be gone; that is its own affair.
            _ = sender.send(value);
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
    ) -> impl Future<Output = Result<Option<<Loads as Load<K>>::Value>>> + Send
    where
        K: Clone + Eq + Hash + Send + Sync + 'static,
        Loads: Load<K>;
}

impl ContextExt for Context<'_> {
    fn state(&self) -> &State {
        self.data_unchecked()
    }

    fn viewer(&self) -> Viewer {
        *self.data_unchecked()
    }

    async fn load<K>(&self, key: K) -> Result<Option<<Loads as Load<K>>::Value>>
    where
        K: Clone + Eq + Hash + Send + Sync + 'static,
        Loads: Load<K>,
    {
        self.data_unchecked::<Loaders>().load(key).await
    }
}
