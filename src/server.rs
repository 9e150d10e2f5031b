//! The life of the server: make the database ready, listen, serve, stop when asked to.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::pin;
use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use crate::auth::service::FirstAdmin;
use crate::database::{Address, Database, migrate};
use crate::error::Error;
use crate::state::State;
use crate::work::Work;
use crate::{auth, category, demo, http, product};

/// How long requests in flight may take to finish when the server stops.
const GRACE: Duration = Duration::from_secs(10);

/// Serves until SIGTERM or SIGINT; a second one ends it at once.
///
/// # Errors
/// One line for the operator: the address is taken, the database is not ready, ...
pub async fn serve(state: &State) -> anyhow::Result<()> {
    let config = &state.config;
    // First, so that a signal during a long migration is not lost.
    let mut signals = Signals::listen()?;
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("can't listen on {} (WARES_LISTEN)", config.listen))?;
    let admin = make_ready(state).await?;
    let router = http::router(state).into_make_service_with_connect_info::<SocketAddr>();
    let operators = match config.operator_listen {
        Some(address) => Some(
            TcpListener::bind(address)
                .await
                .with_context(|| format!("can't listen on {address} (OPERATOR_LISTEN)"))?,
        ),
        None => None,
    };
    announce(state, listener.local_addr()?, admin.as_ref())?;
    if let Some(listener) = operators {
        tracing::info!(address = %listener.local_addr()?, "listening for operators");
        // Ends with the process: it tells of the server also while that stops.
        let served = axum::serve(listener, http::operator_router(state));
        tokio::spawn(served.into_future());
    }

    let (stop, stopped) = watch::channel(false);
    let work = Work::start(state, &stopped);
    let mut stopped = stopped.clone();
    let served = axum::serve(listener, router).with_graceful_shutdown(async move {
        // Whether it was sent or dropped, it is time.
        _ = stopped.changed().await;
    });
    let mut served = pin!(served.into_future());
    tokio::select! {
        result = &mut served => return result.context("the server failed"),
        () = signals.next() => tracing::info!("stopping"),
    }
    stop.send_replace(true);
    tokio::select! {
        result = async { tokio::join!(served, work.end()).0 } => result.context("the server failed")?,
        () = tokio::time::sleep(GRACE) => tracing::warn!("what was under way was cut"),
        () = signals.next() => tracing::warn!("what was under way was cut"),
    }
    tracing::info!("stopped");
    Ok(())
}

/// Migrates and fills the shop as far as the settings say so; gives the admin that was made for it.
async fn make_ready(state: &State) -> anyhow::Result<Option<FirstAdmin>> {
    let config = &state.config;
    if config.is_on(config.migrate) {
        let applied = migrate::up(&state.db).await?;
        if applied > 0 {
            tracing::info!(applied, "migrated the database");
        }
    } else {
        migrate::require_current(&state.db).await?;
    }
    index_missing(&state.db).await?;
    if config.is_on(config.demo) {
        let filled = demo::service::fill(state)
            .await
            .map_err(Error::into_cause)?;
        if let Some(filled) = filled {
            let (categories, products) = (filled.categories, filled.products);
            tracing::info!(categories, products, "filled the demo shop");
        }
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

/// The signals that ask the process to stop.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> anyhow::Result<Self> {
        let listen = |kind| signal(kind).context("can't listen for signals");
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
