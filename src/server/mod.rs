//! The server: prepares the database, listens, serves, and stops on a signal.

pub mod connections;
mod signals;
pub mod startup_gate;
pub mod workers;

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use self::signals::Signals;
use self::startup_gate::StartupGate;
use self::workers::Work;
use crate::accounts::auth;
use crate::accounts::auth::service::FirstAdmin;
use crate::api::http;
use crate::catalog::{category, demo, product};
use crate::config::Config;
use crate::core::clock::Clock;
use crate::core::error::Error;
use crate::infra::database::{Address, Connecting, Database, currency, migrate};
use crate::infra::keys::Keys;
use crate::infra::mail::Mailer;
use crate::infra::server_status::ServerStatus;
use crate::infra::storage::Storage;
use crate::infra::telemetry::traces::Traces;
use crate::state::State;

/// How long requests in flight may take to finish when the server stops.
const GRACE: Duration = Duration::from_secs(10);
/// How often a server compares its currency with that of the database.
const CURRENCY_CHECK: Duration = Duration::from_secs(1);
/// How long the end waits for the connections to the database.
const CLOSING: Duration = Duration::from_secs(2);

/// Serves until SIGTERM or SIGINT; a second one ends it at once.
///
/// # Errors
/// One line for the operator: the address is taken, the database is not ready, ...
pub async fn serve(config: Config) -> anyhow::Result<()> {
    // First, so that a signal during a long migration is not lost.
    let mut signals = Signals::listen()?;
    // Before anything is touched: what is wrong with the settings is told first.
    let keys = Keys::load(&config)?;
    config.google_client()?;
    config.database()?;
    let mailer = Mailer::new(&config)?;
    let traces = Traces::start(&config)?;
    let (stop, stopped) = watch::channel(false);
    let mut front = Front::open(&config, stopped.clone()).await?;
    let started = tokio::select! {
        started = start(config, keys, mailer, &front.status) => started,
        () = signals.next() => {
            tracing::info!("stopped");
            return Ok(());
        }
    };
    let (state, admin) = started?;
    front.let_in(&state);
    announce(&state, front.address, admin.as_ref())?;

    let work = Work::start(&state, &stopped);
    tokio::select! {
        result = &mut front.served => return result.context("the server failed"),
        mismatch = other_currency(&state) => {
            // All prices that it would show are wrong.
            tracing::error!("{mismatch}");
            bail!("{mismatch}");
        }
        () = signals.next() => tracing::info!("stopping"),
    }
    state.server_status.stop();
    stop.send_replace(true);
    tokio::select! {
        _ = async { tokio::join!(&mut front.served, work.end()) } => {}
        () = tokio::time::sleep(GRACE) => tracing::warn!("what was under way was cut"),
        () = signals.next() => tracing::warn!("what was under way was cut"),
    }
    // A connection that is still at work must not hold up the end.
    let (closed, ()) = tokio::join!(timeout(CLOSING, state.db.close()), traces.end());
    if let Ok(closed) = closed {
        closed?;
    }
    tracing::info!("stopped");
    Ok(())
}

/// Waits until the database stores another currency than this server has: a shop without products was given another one.
async fn other_currency(state: &State) -> currency::Mismatch {
    let mut rounds = tokio::time::interval(CURRENCY_CHECK);
    loop {
        rounds.tick().await;
        // A database that does not answer is no reason to end.
        let found = currency::find_mismatch(&state.db, state.config.shop_currency).await;
        if let Ok(Some(mismatch)) = found {
            return mismatch;
        }
    }
}

/// The addresses that are listened on. The probes are answered from the first moment, everything else when the rest is ready.
struct Front {
    address: SocketAddr,
    gate: StartupGate,
    served: JoinHandle<()>,
    /// The gate of the operators' listener, and its task until the process ends.
    operators: Option<(StartupGate, watch::Sender<bool>)>,
    status: ServerStatus,
}

impl Front {
    async fn open(config: &Config, stopped: watch::Receiver<bool>) -> anyhow::Result<Self> {
        let (gate, status) = (StartupGate::closed(), ServerStatus::default());
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
                let gate = StartupGate::closed();
                // Not told before the process ends: it tells of the server also while that stops.
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

    /// From here on everything is answered.
    fn let_in(&self, state: &State) {
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

/// Connects to the store and the database, which may come up only now, and makes them ready; gives the admin that was made
/// for the shop too.
async fn start(
    config: Config,
    keys: Keys,
    mailer: Mailer,
    status: &ServerStatus,
) -> anyhow::Result<(State, Option<FirstAdmin>)> {
    let storage = Storage::connect(&config).await?;
    let connecting = Connecting::new(&config, Some(config.limits.request_timeout));
    let address = config.database()?;
    let mut db = Database::connect_within(config.database_wait, &address, connecting).await?;
    db.watch_statements(config.slow_query());
    if let Some(isolation) = db.overridden_isolation() {
        tracing::info!(
            isolation,
            "overriding the default isolation level of the database with read committed"
        );
    }
    let mut state = State::new(config, db, Clock::System, keys, mailer, storage);
    state.server_status = status.clone();
    let admin = make_ready(&state).await?;
    Ok((state, admin))
}

/// Migrates and fills the shop as far as the settings say so; gives the admin that was made for it.
async fn make_ready(state: &State) -> anyhow::Result<Option<FirstAdmin>> {
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
    index_missing(&state.db).await?;
    if config.is_on(config.demo) {
        let filled = demo::service::fill(state)
            .await
            .map_err(Error::into_cause)?;
        if let Some(filled) = filled {
            let (categories, products) = (filled.categories, filled.products);
            tracing::info!(categories, products, "filled the demo shop");
        }
        // Another process may have filled it meanwhile, in a currency of its own.
        currency::require(&state.db, config.shop_currency).await?;
        // Never in production, whatever is filled there.
        if config.is_development() {
            let admin = auth::service::create_demo_admin(state).await;
            return admin.map_err(Error::into_cause);
        }
    }
    Ok(None)
}

/// Writes down what products and categories are found by that came into the database before, or beside, this program. Gives
/// how many those were.
pub async fn index_missing(db: &Database) -> anyhow::Result<usize> {
    let categories = category::service::index_missing(db).await;
    let products = product::service::index_missing(db).await;
    let count = categories.map_err(Error::into_cause)? + products.map_err(Error::into_cause)?;
    if count > 0 {
        tracing::info!(count, "made products and categories ready to be searched");
    }
    Ok(count)
}

/// Says where the server is; in development also what a newcomer wants to open next.
fn announce(state: &State, address: SocketAddr, admin: Option<&FirstAdmin>) -> anyhow::Result<()> {
    let config = &state.config;
    tracing::info!(%address, version = env!("CARGO_PKG_VERSION"), "listening");
    if !config.is_development() {
        if let Some(folder) = state.mailer.folder() {
            let folder = folder.display();
            tracing::warn!(%folder, "no letter reaches anybody: without SMTP_URL they are written to files");
        }
        if state.storage.is_embedded() {
            let folder = state.storage.place();
            tracing::warn!(%folder, "pictures are files of this machine, and their addresses lead nowhere from others: set S3_BUCKET or S3_ENDPOINT, or S3_PUBLIC_URL to a proxy before S3_EMBEDDED_LISTEN");
        }
        if config.fetching.fetch_private_addresses.is_on() {
            tracing::warn!(
                "who may import products reaches the private network of this machine: FETCH_PRIVATE_ADDRESSES is on"
            );
        }
        return Ok(());
    }
    let url = config.public_url(address);
    let data = match config.database()? {
        Address::Sqlite(path) => absolute(path).display().to_string(),
        Address::Postgres(_) => "PostgreSQL (DATABASE_URL)".to_owned(),
    };
    let graphiql = if config.graphiql() {
        format!("  GraphiQL  {url}/graphql, in a browser\n")
    } else {
        String::new()
    };
    let mail = match state.mailer.folder() {
        Some(folder) => absolute(folder.clone()).display().to_string(),
        None => "SMTP (SMTP_URL)".to_owned(),
    };
    let pictures = state.storage.place();
    let admin = admin.map(|admin| {
        let password = admin.password.expose();
        format!(
            "  Admin     {}, password {password} (told this once)\n",
            admin.email
        )
    });
    let text = format!(
        "\n  {} is open.\n\n  API       {url}/graphql\n{graphiql}  Data      {data}\n  Letters   {mail}\n  Pictures  {pictures}\n{}  Stop      Ctrl+C\n\n",
        config.shop_name,
        admin.unwrap_or_default()
    );
    // Nobody may be reading; that is no reason not to serve.
    _ = std::io::stdout().write_all(text.as_bytes());
    Ok(())
}

fn absolute(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}
