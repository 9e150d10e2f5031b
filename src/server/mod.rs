//! The lifecycle of the server: prepare the database, listen, serve, shut down gracefully.

mod banner;
pub mod connections;
mod signals;
pub mod startup_gate;
mod systemd;
pub mod workers;

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use self::signals::Signals;
use self::startup_gate::StartupGate;
use self::workers::Workers;
use crate::accounts::auth;
use crate::accounts::auth::service::FirstAdmin;
use crate::api::http;
use crate::catalog::search::generation::Generations;
use crate::catalog::{category, product, synonym};
use crate::config::Config;
use crate::core::clock::Clock;
use crate::core::error::Error;
use crate::infra::database::{ConnectionOptions, Database, ReplicaOptions, currency, migrate};
use crate::infra::keys::Keys;
use crate::infra::mail::Mailer;
use crate::infra::server_status::ServerStatus;
use crate::infra::storage::Storage;
use crate::infra::telemetry::traces::Traces;
use crate::sales::demo;
use crate::state::State;

/// The time that in-flight requests have to complete on shutdown.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);
/// The timeout for closing the database connections on shutdown.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// Serves until SIGTERM or SIGINT. A second signal aborts in-flight requests.
///
/// # Errors
/// One line for the operator: the address is in use, the database is not ready, ...
pub async fn serve(mut config: Config) -> anyhow::Result<()> {
    // First, so that a signal during a long migration is not lost.
    let mut signals = Signals::listen()?;
    // Invalid settings are reported before anything is changed.
    let keys = Keys::load(&config)?;
    config.google_client()?;
    config.selling.check()?;
    config.payments.check(&config)?;
    config.database()?;
    config.pooling.replicas()?;
    let mailer = Mailer::new(&config)?;
    let traces = Traces::start(&config)?;
    let (stop, stopped) = watch::channel(false);
    let mut listeners = Listeners::open(&config, stopped.clone()).await?;
    config.listen = listeners.address;
    let started = tokio::select! {
        started = start(config, keys, mailer, &listeners.status) => started,
        () = signals.next() => {
            tracing::info!("stopped");
            return Ok(());
        }
    };
    let (state, admin) = started?;
    listeners.open_gates(&state);
    announce(&state, listeners.address, admin.as_ref())?;
    systemd::notify(systemd::READY);

    let workers = Workers::start(&state, &stopped);
    tokio::select! {
        result = &mut listeners.served => return result.context("the server failed"),
        mismatch = workers.currency_changed(&state) => {
            // All prices that it would return are wrong.
            tracing::error!("{mismatch}");
            bail!("{mismatch}");
        }
        () = signals.next() => tracing::info!("stopping"),
    }
    systemd::notify(systemd::STOPPING);
    state.server_status.stop();
    stop.send_replace(true);
    tokio::select! {
        _ = async { tokio::join!(&mut listeners.served, workers.end()) } => {}
        () = tokio::time::sleep(SHUTDOWN_TIMEOUT) => tracing::warn!("shutdown timed out; aborting in-flight requests"),
        () = signals.next() => tracing::warn!("second signal received; aborting in-flight requests"),
    }
    // A busy connection must not delay the end.
    let (closed, ()) = tokio::join!(timeout(CLOSE_TIMEOUT, state.db.close()), traces.end());
    if let Ok(closed) = closed {
        closed?;
    }
    tracing::info!("stopped");
    Ok(())
}

/// The listeners. They serve health probes from the start, and all other requests once the server is ready.
struct Listeners {
    address: SocketAddr,
    gate: StartupGate,
    served: JoinHandle<()>,
    /// The gate of the operators' listener, and its task until the process ends.
    operators: Option<(StartupGate, watch::Sender<bool>)>,
    status: ServerStatus,
}

impl Listeners {
    async fn open(config: &Config, stopped: watch::Receiver<bool>) -> anyhow::Result<Self> {
        let status = ServerStatus::default();
        let gate = StartupGate::closed(&status);
        let listener = listen(config.listen, "WARES_LISTEN").await?;
        let address = listener.local_addr()?;
        tracing::info!(%address, "starting");
        let settings = &config.connections;
        let served = connections::serve(
            listener,
            gate.clone(),
            status.clone(),
            settings.clone(),
            stopped,
        );
        let served = tokio::spawn(served);
        let operators = match config.operator_listen {
            Some(address) => {
                let listener = listen(address, "OPERATOR_LISTEN").await?;
                tracing::info!(address = %listener.local_addr()?, "listening for operators");
                let gate = StartupGate::closed(&status);
                // Not signalled before the process ends: it serves the server's status during shutdown too.
                let (end, ended) = watch::channel(false);
                let served = connections::serve(
                    listener,
                    gate.clone(),
                    ServerStatus::default(),
                    settings.clone(),
                    ended,
                );
                tokio::spawn(served);
                Some((gate, end))
            }
            None => None,
        };
        Ok(Self {
            address,
            gate,
            served,
            operators,
            status,
        })
    }

    /// Serves all requests from now on.
    fn open_gates(&self, state: &State) {
        if let Some((gate, _)) = &self.operators {
            gate.open(http::operator_router(state));
        }
        self.gate.open(http::router(state));
    }
}

async fn listen(address: SocketAddr, setting: &str) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address).await;
    listener.with_context(|| format!("can't listen on {address} ({setting})"))
}

/// Connects to the object store and the database, waits for the database if necessary, and prepares both. Returns the
/// demo admin if one was created.
async fn start(
    config: Config,
    keys: Keys,
    mailer: Mailer,
    status: &ServerStatus,
) -> anyhow::Result<(State, Option<FirstAdmin>)> {
    let storage = Storage::connect(&config).await?;
    let connecting = ConnectionOptions::new(&config, Some(config.limits.request_timeout));
    let address = config.database()?;
    let replicas = ReplicaOptions::new(&config)?;
    let on_retry = |problem| status.set_startup_problem(problem);
    let db = Database::connect_with_retries(config.database_wait, &address, connecting, on_retry);
    let mut db = db.await?;
    db.add_replicas(&replicas, &connecting).await?;
    db.trace_statements(config.slow_query());
    if let Some(isolation) = db.overridden_isolation() {
        tracing::info!(
            isolation,
            "overriding the default isolation level of the database with read committed"
        );
    }
    let mut state = State::new(config, db, Clock::System, keys, mailer, storage);
    state.server_status = status.clone();
    let admin = prepare(&state).await?;
    Ok((state, admin))
}

/// Migrates the database and imports the demo catalog if configured. Returns the demo admin if one was created.
async fn prepare(state: &State) -> anyhow::Result<Option<FirstAdmin>> {
    let config = &state.config;
    currency::require(&state.db, config.shop_currency).await?;
    if config.is_on(config.migrate) {
        let applied = migrate::up(&state.db).await?;
        if applied > 0 {
            tracing::info!(applied, "migrated the database");
        }
    } else {
        migrate::require_current(&state.db).await?;
    }
    currency::store(&state.db, config.shop_currency).await?;
    let requested = product::service::request_rebuild(state).await;
    requested.map_err(Error::into_cause)?;
    index_missing(&state.db).await?;
    if config.is_on(config.demo) {
        let filled = demo::service::fill(state)
            .await
            .map_err(Error::into_cause)?;
        if let Some(filled) = filled {
            let (categories, products) = (filled.categories, filled.products);
            tracing::info!(categories, products, "imported the demo catalog");
        }
        // Another process may have filled it meanwhile, in another currency.
        currency::require(&state.db, config.shop_currency).await?;
        // Never in production, even if the demo catalog is imported there.
        if config.is_development() {
            let admin = auth::service::create_demo_admin(state).await;
            return admin.map_err(Error::into_cause);
        }
    }
    Ok(None)
}

/// Indexes products and categories that entered the database before, or besides, this version. Returns their number.
/// The first time after an upgrade to a version with other tables of the search index, these are all: nothing else
/// could answer searches, so it is done before the server serves.
pub async fn index_missing(db: &Database) -> anyhow::Result<usize> {
    let generations = Generations::read(db.reader()).await?;
    let categories = category::service::index_missing(db, generations.active).await;
    let products = product::service::index_missing(db).await;
    let count = categories.map_err(Error::into_cause)? + products.map_err(Error::into_cause)?;
    if count > 0 {
        tracing::info!(count, "indexed products and categories for search");
    }
    let synonyms = synonym::service::rebuild_keys(db).await;
    let synonyms = synonyms.map_err(Error::into_cause)?;
    if synonyms > 0 {
        tracing::info!(synonyms, "analyzed synonyms again");
    }
    Ok(count)
}

/// Logs the address; in development prints the banner.
fn announce(state: &State, address: SocketAddr, admin: Option<&FirstAdmin>) -> anyhow::Result<()> {
    let config = &state.config;
    tracing::info!(%address, version = env!("CARGO_PKG_VERSION"), "listening");
    if !config.is_development() {
        if let Some(folder) = state.mailer.folder() {
            let folder = folder.display();
            tracing::warn!(%folder, "emails are written to files and not delivered: set SMTP_URL");
        }
        if state.storage.is_embedded() {
            let folder = state.storage.place();
            tracing::warn!(%folder, "images are files of this machine: with several servers, or without backups of this folder, set S3_BUCKET or S3_ENDPOINT");
        }
        if config.fetching.fetch_private_addresses.is_on() {
            tracing::warn!(
                "FETCH_PRIVATE_ADDRESSES is on: users who may import products can reach the private network of this machine"
            );
        }
        return Ok(());
    }
    banner::print(state, address, admin)
}
