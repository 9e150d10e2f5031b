//! Kinds of jobs, and the registry in which features list theirs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::legacy;
use crate::core::error::Result;
use crate::core::retry::Failure;
use crate::infra::database::DueCondition;
use crate::infra::mail::DELIVERY_TIMEOUT;
use crate::state::State;

/// Jobs that share the same workers. Jobs of different queues do not wait for each other: an
/// email does not wait for an image, and a stored image does not wait for a slow host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queue {
    pub name: &'static str,
    /// The maximum number of jobs of the queue that one server runs concurrently.
    pub concurrency: usize,
    /// The duration of a claim. Longer than a job can take: the handler is cancelled after nine tenths of it.
    pub lease: Duration,
}

impl Queue {
    /// Emails.
    pub const EMAILS: Self = Self::new(
        "emails",
        8,
        Duration::from_secs(2 * DELIVERY_TIMEOUT.as_secs()),
    );
    /// Work on images that are in the object store.
    pub const IMAGES: Self = Self::new("images", 4, Duration::from_mins(10));
    /// Downloads of images from other hosts.
    pub const FETCHES: Self = Self::new("fetches", 4, Duration::from_mins(10));
    /// Everything else.
    pub const DEFAULT: Self = Self::new("default", 4, Duration::from_mins(10));

    /// A queue. All kinds of jobs that use it must pass the same values.
    pub const fn new(name: &'static str, concurrency: usize, lease: Duration) -> Self {
        Self {
            name,
            concurrency,
            lease,
        }
    }
}

/// The lifetime, the maximum number of attempts and the backoff of a kind of job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The time from when it is first due until a job expires.
    pub lifetime: Duration,
    /// The maximum number of attempts. Unlimited if none.
    pub max_attempts: Option<u32>,
    /// The minimum wait before the next attempt.
    pub min_backoff: Duration,
    /// The maximum wait before the next attempt. In between, the wait equals the age of the job.
    pub max_backoff: Duration,
}

impl RetryPolicy {
    /// Attempts for a day, first after 2 seconds, in the end once a minute.
    pub const DEFAULT: Self = Self {
        lifetime: Duration::from_hours(24),
        max_attempts: None,
        min_backoff: Duration::from_secs(2),
        max_backoff: Duration::from_mins(1),
    };
    /// Attempts without end: for jobs that would otherwise leave an unreferenced object behind.
    pub const UNLIMITED: Self = Self::DEFAULT.for_at_most(Duration::from_hours(100 * 365 * 24));

    /// The same policy with another lifetime.
    #[must_use]
    pub const fn for_at_most(self, lifetime: Duration) -> Self {
        Self { lifetime, ..self }
    }

    /// The same policy with a maximum number of attempts.
    #[must_use]
    pub const fn with_max_attempts(self, max: u32) -> Self {
        Self {
            max_attempts: Some(max),
            ..self
        }
    }
}

/// A kind of background job. The value is the payload: it is stored as JSON when the job is queued, and read by the
/// server that runs it, which may be of the next release. So fields may be added with `#[serde(default)]`, and none
/// may be renamed or removed while jobs of the previous release can be stored.
pub trait Job: Serialize + DeserializeOwned + Send + 'static {
    /// The name of the kind, `<feature>.<verb>`. Stored with each job, shown to admins, and never changed.
    const KIND: &'static str;
    const QUEUE: Queue = Queue::DEFAULT;
    const RETRY: RetryPolicy = RetryPolicy::DEFAULT;

    /// The subject of the job, such as an id. Admins see it, so it must not contain a secret.
    fn subject(&self) -> Option<String> {
        None
    }

    /// Runs the job. It may run more than once, also after it succeeded, if a server dies before it can delete the row.
    ///
    /// # Errors
    /// `Temporary` to retry by [`RETRY`](Self::RETRY), `Permanent` to fail the job. The text is logged and shown to
    /// admins, so it must not hold a secret.
    fn run(self, context: JobContext) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// The context in which a job runs.
#[derive(Clone, Debug)]
pub struct JobContext {
    pub state: State,
    /// The id of the job. The same in each attempt.
    pub id: Uuid,
}

type Handler =
    Arc<dyn Fn(JobContext, &str) -> BoxFuture<'static, Result<(), Failure>> + Send + Sync>;

/// A registered kind of job.
pub struct JobKind {
    pub name: &'static str,
    pub queue: Queue,
    pub retry: RetryPolicy,
    handler: Handler,
}

impl JobKind {
    fn of<J: Job>() -> Self {
        let handler = |context, payload: &str| -> BoxFuture<'static, Result<(), Failure>> {
            match serde_json::from_str::<J>(payload) {
                Ok(job) => Box::pin(job.run(context)),
                // The error of serde_json may quote the payload.
                Err(_) => Box::pin(std::future::ready(Err(Failure::Permanent(
                    "the payload of the job can't be read".to_owned(),
                )))),
            }
        };
        Self {
            name: J::KIND,
            queue: J::QUEUE,
            retry: J::RETRY,
            handler: Arc::new(handler),
        }
    }

    /// Runs a job of this kind.
    pub async fn run(&self, context: JobContext, payload: &str) -> Result<(), Failure> {
        (self.handler)(context, payload).await
    }
}

type CleanUpFunction = Arc<dyn Fn(State) -> BoxFuture<'static, Result<()>> + Send + Sync>;

/// Regular work on rows whose time has come, such as the removal of expired ones.
#[derive(Clone)]
pub struct CleanUp {
    pub name: &'static str,
    pub interval: Duration,
    run: CleanUpFunction,
}

impl CleanUp {
    /// Runs it once.
    pub async fn run(&self, state: &State) -> Result<()> {
        (self.run)(state.clone()).await
    }
}

/// Returns the condition under which there is work.
pub type Due = Arc<dyn Fn(&State) -> DueCondition + Send + Sync>;

/// Work that is done when a condition of the database is true.
#[derive(Clone)]
pub struct Poll {
    pub name: &'static str,
    pub due: Due,
    run: CleanUpFunction,
}

impl Poll {
    /// Does the work.
    pub async fn run(&self, state: &State) -> Result<()> {
        (self.run)(state.clone()).await
    }
}

/// The kinds of jobs, the clean-ups and the polls of all features.
#[derive(Default)]
pub struct Registry {
    kinds: BTreeMap<&'static str, JobKind>,
    clean_ups: Vec<CleanUp>,
    polls: Vec<Poll>,
}

impl Registry {
    /// Adds a kind of job.
    ///
    /// # Panics
    /// If the name of the kind is registered already.
    pub fn job<J: Job>(&mut self) -> &mut Self {
        let before = self.kinds.insert(J::KIND, JobKind::of::<J>());
        assert!(before.is_none(), "two job kinds are called {}", J::KIND);
        self
    }

    /// Adds a clean-up: `run` is called when the server starts and then at this interval, on each server. A failure is
    /// logged with the name.
    pub fn clean_up<F>(
        &mut self,
        name: &'static str,
        interval: Duration,
        run: impl Fn(State) -> F + Send + Sync + 'static,
    ) -> &mut Self
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        let run: CleanUpFunction = Arc::new(move |state| Box::pin(run(state)));
        self.clean_ups.push(CleanUp {
            name,
            interval,
            run,
        });
        self
    }

    /// Adds work that each server does when it starts, and within a second after `due` is true. The conditions of all
    /// features are one statement. A failure is logged with the name.
    pub fn poll<F>(
        &mut self,
        name: &'static str,
        due: impl Fn(&State) -> DueCondition + Send + Sync + 'static,
        run: impl Fn(State) -> F + Send + Sync + 'static,
    ) -> &mut Self
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        self.polls.push(Poll {
            name,
            due: Arc::new(due),
            run: Arc::new(move |state| Box::pin(run(state))),
        });
        self
    }

    /// All polls.
    pub fn polls(&self) -> &[Poll] {
        &self.polls
    }

    /// All clean-ups.
    pub fn clean_ups(&self) -> &[CleanUp] {
        &self.clean_ups
    }

    /// The queues of all kinds, each once.
    pub fn queues(&self) -> Vec<Queue> {
        let mut queues: Vec<Queue> = Vec::new();
        for kind in self.kinds.values() {
            if queues.iter().all(|queue| queue.name != kind.queue.name) {
                queues.push(kind.queue);
            }
        }
        queues
    }

    /// The names of the kinds in a queue, also those under which the previous release stores them.
    pub fn kinds_in(&self, queue: Queue) -> Vec<&'static str> {
        let kinds = self.kinds.values();
        let kinds = kinds.filter(|kind| kind.queue.name == queue.name);
        let names = kinds.map(|kind| kind.name);
        names.chain(legacy::kinds_in(queue)).collect()
    }

    /// The kind of this name.
    pub fn find(&self, name: &str) -> Option<&JobKind> {
        self.kinds.get(name)
    }
}
