//! The life of the server: make the database ready, listen, serve, stop when asked to.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, ensure};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::config::Config;
use crate::database::{Address, migrate};
use crate::error::Error;
use crate::state::State;
use crate::{demo, http};

/// How long requests in flight may take to finish when the server stops.
const GRACE: Duration = Duration::from_secs(10);

/// Serves until SIGTERM or SIGINT.
///
/// # Errors
/// One line for the operator: the address is taken, the database is not ready, ...
pub async fn serve(state: &State) -> anyhow::Result<()> {
    let config = &state.config;
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("can't listen on {} (WARES_LISTEN)", config.listen))?;
    make_ready(state).await?;
    let router = http::router(state);
    announce(config, listener.local_addr()?)?;

    let (stopping, mut stopped) = watch::channel(false);
    let stop = async move {
        asked_to_stop().await;
        tracing::info!("stopping");
        stopping.send_replace(true);
    };
    let served = axum::serve(listener, router).with_graceful_shutdown(stop);
    let cut = async {
        // A closed channel means that the server is gone; then there is nothing to cut.
        if stopped.wait_for(|stopping| *stopping).await.is_ok() {
            tokio::select! {
                () = tokio::time::sleep(GRACE) => {}
                () = asked_to_stop() => {}
            }
        } else {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        result = served.into_future() => result.context("the server failed")?,
        () = cut => tracing::warn!("requests in flight were cut"),
    }
    tracing::info!("stopped");
    Ok(())
}

/// Migrates and fills the shop as far as the settings say so.
async fn make_ready(state: &State) -> anyhow::Result<()> {
    let config = &state.config;
    if config.is_on(config.migrate) {
        let applied = migrate::up(&state.db).await?;
        if applied > 0 {
            tracing::info!(applied, "migrated the database");
        }
    } else {
        let pending = migrate::pending(&state.db).await?;
        ensure!(
            pending == 0,
            "the database lacks {pending} migrations: run `wares migrate up`, or set WARES_MIGRATE=on"
        );
    }
    if config.is_on(config.demo) {
        let filled = demo::service::fill(state)
            .await
            .map_err(Error::into_cause)?;
        if let Some(filled) = filled {
            let (categories, products) = (filled.categories, filled.products);
            tracing::info!(categories, products, "filled the demo shop");
        }
    }
    Ok(())
}

/// Says where the server is; in development also what a newcomer wants to open next.
fn announce(config: &Config, address: SocketAddr) -> anyhow::Result<()> {
    tracing::info!(%address, version = env!("CARGO_PKG_VERSION"), "listening");
    if !config.is_development() {
        return Ok(());
    }
    let url = config.public_url(address);
    println!("\n  {} is open.\n", config.shop_name);
    println!("  API       {url}/graphql");
    if config.graphiql() {
        println!("  GraphiQL  {url}/graphql, in a browser");
    }
    match config.database()? {
        Address::Sqlite(path) => println!("  Data      {}", absolute(path).display()),
        Address::Postgres(_) => println!("  Data      PostgreSQL (DATABASE_URL)"),
    }
    println!("  Stop      Ctrl+C\n");
    Ok(())
}

fn absolute(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}

async fn asked_to_stop() {
    let (Ok(mut terminate), Ok(mut interrupt)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    ) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
