//! Shared application state. Cheap to clone.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::config::Config;
use crate::core::clock::Clock;
use crate::infra::cache::ReadCache;
use crate::infra::concurrency_limit::{ConcurrencyLimit, ConcurrencyLimits};
use crate::infra::database::Database;
use crate::infra::http_client::fetch::Fetcher;
use crate::infra::image::Pool;
use crate::infra::keyed_locks::KeyedLocks;
use crate::infra::keys::Keys;
use crate::infra::mail::Mailer;
use crate::infra::oidc::Google;
use crate::infra::password_hasher::PasswordHasher;
use crate::infra::search_engine::SearchEngine;
use crate::infra::server_status::ServerStatus;
use crate::infra::storage::Storage;
use crate::infra::stripe::Stripe;
use crate::infra::telemetry::metrics::Metrics;

/// Shared application state (copy-on-write: a mutable borrow clones the parts if they are shared).
#[derive(Clone, Debug)]
pub struct State(Arc<Parts>);

/// The fields of [`State`].
#[derive(Clone, Debug)]
pub struct Parts {
    pub config: Arc<Config>,
    pub db: Database,
    pub clock: Clock,
    pub keys: Arc<Keys>,
    pub hasher: PasswordHasher,
    pub mailer: Mailer,
    pub storage: Storage,
    pub image_pool: Pool,
    pub fetcher: Fetcher,
    pub google: Google,
    pub read_cache: ReadCache,
    pub metrics: Metrics,
    pub server_status: ServerStatus,
    /// Absent if the database searches.
    pub search_engine: Option<SearchEngine>,
    pub concurrency: Arc<ConcurrencyLimits>,
    /// Absent if payments with Stripe are disabled.
    pub stripe: Option<Stripe>,
    /// Requests to payment providers.
    pub payment_calls: Arc<Semaphore>,
    /// Registrations with the same email address, one at a time.
    pub registration_locks: Arc<KeyedLocks>,
}

impl State {
    /// Creates the state of a process from its settings, database, clock, keys, email transport and object store.
    pub fn new(
        config: Config,
        db: Database,
        clock: Clock,
        keys: Keys,
        mailer: Mailer,
        storage: Storage,
    ) -> Self {
        let accounts = &config.accounts;
        let hasher =
            PasswordHasher::new(accounts.password_hashes(), accounts.password_queue as usize);
        db.changes().set_low_stock(config.shop_low_stock);
        let payments_at_once = config.payments.payments_at_once as usize;
        let limits = &config.limits;
        let limit = |max: u32| ConcurrencyLimit::of_requests(max as usize, limits.queue_target);
        let concurrency = ConcurrencyLimits {
            queries: limit(limits.queries_at_once()),
            mutations: limit(limits.mutations_at_once),
            uploads: limit(limits.uploads_at_once),
            objects: ConcurrencyLimit::of_objects(),
        };
        Self(Arc::new(Parts {
            fetcher: Fetcher::new(&config),
            google: Google::new(&config, &clock),
            search_engine: SearchEngine::new(&config.search),
            stripe: Stripe::new(&config.payments),
            read_cache: ReadCache::new(
                config.caching.read_cache_bytes,
                config.pooling.stale_for(),
                db.changes(),
                &clock,
            ),
            db: db
                .with_currency(config.shop_currency)
                .with_language(config.search.shop_language),
            config: Arc::new(config),
            clock,
            keys: Arc::new(keys),
            hasher,
            mailer,
            storage,
            image_pool: Pool::new(),
            metrics: Metrics::default(),
            server_status: ServerStatus::default(),
            concurrency: Arc::new(concurrency),
            payment_calls: Arc::new(Semaphore::new(payments_at_once)),
            registration_locks: Arc::default(),
        }))
    }
}

impl Deref for State {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl DerefMut for State {
    fn deref_mut(&mut self) -> &mut Parts {
        Arc::make_mut(&mut self.0)
    }
}
