//! Concurrency limits. Work beyond a limit waits in a bounded queue for a bounded time, and is then refused. Refusing
//! early is cheap, while an overloaded server without a limit responds to no client in time.
//!
//! There is one type, [`ConcurrencyLimit`], with these users:
//!
//! | limit | permits are | queue | timeout |
//! |---|---|---|---|
//! | executed requests, by kind: [`ConcurrencyLimits`] | requests | 4,096 | about `QUEUE_TARGET`, see [`Timeout`] |
//! | reads and uploads of embedded objects: [`ConcurrencyLimits::objects`] | requests, at most half for one client | 1,024 | 5 s |
//! | memory for requests that are received: `api/http/memory` | bytes, at most a quarter for one client | 1,024 | 5 s |
//! | connections: `server/connections/slots` | connections, a bounded number for each client | none | none |
//! | password hashes: `infra/password_hasher` | hashes | a setting | 5 s |
//! | parts of uploads in memory: `infra/storage/buffer_pool` | parts | unbounded | 20 s |
//!
//! Permits are shared fairly among clients, so that a client with many concurrent requests delays itself, not others.
//! Work that belongs to no client in particular, such as a password hash, is served in the order of arrival.
//!
//! A plain [`tokio::sync::Semaphore`] is used where there is neither a bounded queue nor a timeout: for the pixels of
//! images, for which background jobs wait without a limit, for requests to payment providers, whose callers have a timeout
//! of their own, and where requests above the limit are refused at once (code
//! exchanges with Google, files shared by several variables, waiting registrations).

mod shares;

use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::time::timeout_at;

use self::shares::{Shares, Ticket};
use crate::core::client_info::ClientKey;
use crate::core::error::{Error, Result};

/// The number of requests for embedded objects at once, and their timeout.
const MAX_OBJECTS: usize = 256;
const OBJECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The number of requests that may wait: as many as there are connections by default.
const MAX_WAITING: usize = 4_096;
/// Longer timeouts would overflow the clock.
const MAX_TIMEOUT: Duration = Duration::from_hours(24);

/// The concurrency limits of requests by kind. A flood of one kind does not affect the others.
#[derive(Debug)]
pub struct ConcurrencyLimits {
    pub queries: ConcurrencyLimit,
    pub mutations: ConcurrencyLimit,
    /// Requests with files, which take as long as their client needs to send them.
    pub uploads: ConcurrencyLimit,
    /// Reads and uploads of embedded objects, which take as long as their client needs.
    pub objects: ConcurrencyLimit,
}

/// A limit on the work that is done at once, shared fairly among clients. Clones share it.
///
/// A free permit goes to the network that holds the fewest, then to the client in it that holds the fewest, then to the
/// one that has waited the longest.
#[derive(Clone, Debug)]
pub struct ConcurrencyLimit(Arc<Inner>);

/// The settings of a [`ConcurrencyLimit`].
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The number of permits.
    pub max: usize,
    /// The number of permits that one network may hold. Does not apply to work of no client in particular.
    pub max_per_client: usize,
    /// The number of acquisitions that may wait. When the queue is full, the newest one of the client with the most
    /// in it is refused.
    pub max_waiting: usize,
    pub timeout: Timeout,
}

/// The timeout of an acquisition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timeout {
    Fixed(Duration),
    /// Nothing is refused while the queue moves. Once acquisitions of a client have waited for longer than the target,
    /// for longer than the target, each of them waits for the target at most, until one is served within half of it.
    /// An acquisition never waits for more than twice the target. The rules are those of `CoDel` (RFC 8289), applied
    /// to each client's queue as `FQ-CoDel` does (RFC 8290).
    Target(Duration),
}

impl Timeout {
    const fn target(self) -> Option<Duration> {
        match self {
            Self::Fixed(_) => None,
            Self::Target(target) => Some(target),
        }
    }
}

/// The limit that was exceeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitExceeded {
    /// [`Settings::max_per_client`].
    Client,
    /// [`Settings::max`].
    Total,
}

/// Permits of a [`ConcurrencyLimit`]. Dropping it returns them.
#[derive(Debug)]
pub struct Permit {
    limit: Arc<Inner>,
    client: Option<ClientKey>,
    amount: usize,
}

#[derive(Debug)]
struct Inner {
    settings: Settings,
    shares: Mutex<Shares<Permit>>,
    refused: AtomicU64,
}

/// Removes an acquisition from the queue when its future is dropped.
struct Queued<'a> {
    limit: &'a Arc<Inner>,
    client: Option<ClientKey>,
    id: u64,
}

impl ConcurrencyLimit {
    /// Creates a limit.
    pub fn new(settings: Settings) -> Self {
        Self(Arc::new(Inner {
            settings,
            shares: Mutex::new(Shares::new(settings)),
            refused: AtomicU64::new(0),
        }))
    }

    /// Creates a limit on the number of requests that are executed at once.
    pub fn of_requests(max: usize, target: Duration) -> Self {
        Self::new(Settings {
            max,
            max_per_client: max,
            max_waiting: MAX_WAITING,
            timeout: Timeout::Target(target),
        })
    }

    /// Creates the limit on the requests for embedded objects. Each buffers up to 256 KiB.
    pub fn of_objects() -> Self {
        Self::new(Settings {
            max: MAX_OBJECTS,
            max_per_client: MAX_OBJECTS / 2,
            max_waiting: 4 * MAX_OBJECTS,
            timeout: Timeout::Fixed(OBJECT_TIMEOUT),
        })
    }

    /// Waits for a permit for this client, or for no client in particular.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE` after the timeout, or when the queue is full.
    pub async fn acquire(&self, client: impl Into<Option<ClientKey>>) -> Result<Permit> {
        self.acquire_many(client, 1).await
    }

    /// Waits for several permits.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE` after the timeout, or when the queue is full.
    pub async fn acquire_many(
        &self,
        client: impl Into<Option<ClientKey>>,
        amount: usize,
    ) -> Result<Permit> {
        let permit = self.wait(client.into(), amount).await;
        permit.ok_or_else(|| {
            self.0.refused.fetch_add(1, Ordering::Relaxed);
            Error::Unavailable
        })
    }

    async fn wait(&self, client: Option<ClientKey>, amount: usize) -> Option<Permit> {
        // In one lock: a permit that is returned between the attempt and the queue would be missed.
        let Ticket { id, receiver } = {
            let mut shares = self.0.lock();
            if shares.take(client, amount).is_ok() {
                return Some(self.0.permit(client, amount));
            }
            shares.enqueue(client, amount)?
        };
        let limit = &self.0;
        let _queued = Queued { limit, client, id };
        let mut receiver = pin!(receiver);
        let (target, timeout) = match limit.settings.timeout {
            Timeout::Fixed(timeout) => (None, timeout.min(MAX_TIMEOUT)),
            Timeout::Target(target) => (Some(target), target),
        };
        let mut deadline = Instant::now() + timeout;
        loop {
            match timeout_at(deadline.into(), &mut receiver).await {
                // An error: it was removed from the queue in favor of another client.
                Ok(served) => return served.ok(),
                Err(_) => deadline = limit.lock().extended_deadline(client, target?)?,
            }
        }
    }

    /// Acquires a permit without waiting.
    ///
    /// # Errors
    /// The limit that is reached.
    pub fn try_acquire(
        &self,
        client: impl Into<Option<ClientKey>>,
    ) -> Result<Permit, LimitExceeded> {
        self.try_acquire_many(client, 1)
    }

    /// Acquires several permits without waiting.
    ///
    /// # Errors
    /// The limit that is reached. Also `Total` if another client waits for permits.
    pub fn try_acquire_many(
        &self,
        client: impl Into<Option<ClientKey>>,
        amount: usize,
    ) -> Result<Permit, LimitExceeded> {
        let client = client.into();
        self.0.lock().take(client, amount)?;
        Ok(self.0.permit(client, amount))
    }

    /// The number of permits that are held.
    pub fn held(&self) -> usize {
        self.0.lock().held()
    }

    /// The number of acquisitions that wait.
    pub fn waiting(&self) -> usize {
        self.0.lock().waiting()
    }

    /// The number of acquisitions that were refused.
    pub fn refused(&self) -> u64 {
        self.0.refused.load(Ordering::Relaxed)
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, Shares<Permit>> {
        self.shares.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn permit(self: &Arc<Self>, client: Option<ClientKey>, amount: usize) -> Permit {
        Permit {
            limit: self.clone(),
            client,
            amount,
        }
    }

    /// Hands available permits to waiters.
    fn serve_waiters(self: &Arc<Self>) {
        loop {
            let next = self.lock().serve_next();
            let Some((client, amount, sender)) = next else {
                return;
            };
            // Outside of the lock: a permit whose receiver is gone is dropped, which takes the lock.
            _ = sender.send(self.permit(client, amount));
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.limit.lock().release(self.client, self.amount);
        self.limit.serve_waiters();
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        let was_waiting = self.limit.lock().remove(self.client, self.id);
        if was_waiting {
            // Others may have waited behind it for fewer permits.
            self.limit.serve_waiters();
        }
    }
}
