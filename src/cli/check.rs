//! `wares check`: tests a configuration before a server is started with it, and reports the result of each part.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use bytes::Bytes;
use tokio::time::timeout;
use wares::config::Config;
use wares::core::clock::Clock;
use wares::core::error::{Error, story};
use wares::infra::database::{Address, Connecting, Database, currency, migrate};
use wares::infra::http_client;
use wares::infra::keys::Keys;
use wares::infra::mail::Mailer;
use wares::infra::oidc::{Fault, Google};
use wares::infra::storage::Storage;

use super::say;

/// The timeout of each part.
const PATIENCE: Duration = Duration::from_secs(20);

/// A short description of a valid part, or its error.
type Told = anyhow::Result<String>;

/// Tests all parts, even if one fails, and prints a line for each. Returns an error if any part failed.
pub async fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let parts = [
        ("settings", settings(config)),
        ("folder", folder(config)),
        ("database", Box::pin(bounded(database(config))).await),
        ("images", bounded(pictures(config)).await),
        ("mail", bounded(mail(config)).await),
        ("google", bounded(google(config)).await),
    ];
    let mut wrong = 0;
    for (part, told) in parts {
        let line = match told {
            Ok(told) => format!("ok     {part:<9} {told}\n"),
            Err(error) => {
                wrong += 1;
                format!("FAILED {part:<9} {}\n", story(&error))
            }
        };
        say(&line)?;
    }
    ensure!(wrong == 0, "{wrong} checks failed");
    Ok(ExitCode::SUCCESS)
}

async fn bounded(part: impl Future<Output = Told>) -> Told {
    let told = timeout(PATIENCE, part).await;
    told.context("timed out").flatten()
}

fn settings(config: &Config) -> Told {
    http_client::load()?;
    Keys::load(config)?;
    let kind = if config.is_development() {
        "development"
    } else {
        "production"
    };
    Ok(format!("{kind}; the keys are valid"))
}

fn folder(config: &Config) -> Told {
    config.make_data_folder()?;
    let folder = config.data_dir.display();
    try_to_write(config).with_context(|| format!("can't write to {folder}"))?;
    Ok(format!("{folder} is writable"))
}

/// Writes a file to the data folder and removes it.
fn try_to_write(config: &Config) -> std::io::Result<()> {
    let name = format!(".check-{}", std::process::id());
    let file = config.data_dir.join(name);
    let written = std::fs::write(&file, b"wares");
    let removed = std::fs::remove_file(&file);
    written.and(removed)
}

async fn database(config: &Config) -> Told {
    let address = config.database()?;
    let kind = match &address {
        Address::Sqlite(path) if !path.exists() => {
            ensure!(
                config.is_on(config.migrate),
                "there is no {}: run `wares migrate up`",
                path.display()
            );
            return Ok(format!("{} will be created at startup", path.display()));
        }
        Address::Sqlite(_) => "SQLite",
        Address::Postgres(_) => "PostgreSQL",
    };
    let connecting = Connecting {
        max_connections: 1,
        ..Connecting::new(config, None)
    };
    let db = Database::connect_as(&address, connecting).await?;
    let kind = if db.is_pooled() {
        "PostgreSQL through a connection pooler"
    } else {
        kind
    };
    let migrations = migrate::status(&db).await;
    let pending = migrations.map(|all| all.iter().filter(|migration| !migration.applied).count());
    let currency = currency_of(&db, config).await;
    let isolation = db
        .overridden_isolation()
        .map_or(String::new(), |isolation| {
            format!(" with the default isolation level {isolation}, which is overridden,")
        });
    db.close().await?;
    let (pending, currency) = (pending?, currency?);
    let kind = format!("{kind}{isolation}{currency}");
    match pending {
        0 => Ok(format!("{kind}, with all migrations")),
        count if config.is_on(config.migrate) => Ok(format!(
            "{kind}; {count} migrations will be applied at startup"
        )),
        count => bail!("{kind} lacks {count} migrations: run `wares migrate up`"),
    }
}

/// Returns the currency of the prices, or an error if another one is configured.
async fn currency_of(db: &Database, config: &Config) -> Told {
    currency::require(db, config.shop_currency).await?;
    let stored = currency::stored(db).await?;
    Ok(stored.map_or(String::new(), |stored| format!(" with prices in {stored}")))
}

async fn pictures(config: &Config) -> Told {
    let storage = Storage::connect(config).await?;
    let key = format!("check/{:032x}", rand::random::<u128>());
    let sent = Bytes::from_static(b"wares");
    let round = async {
        storage.put(&key, "text/plain", sent.clone()).await?;
        let there = storage.get(&key).await?.is_some();
        storage.delete(&key).await?;
        Ok(there)
    };
    let there = round.await.map_err(Error::into_cause)?;
    ensure!(there, "the stored object could not be read back");
    let place = storage.place();
    Ok(if storage.is_embedded() {
        format!("files on this machine, in {place}")
    } else {
        format!("{place}: put, get and delete succeeded")
    })
}

async fn mail(config: &Config) -> Told {
    let mailer = Mailer::new(config)?;
    mailer.check().await?;
    Ok(match mailer.folder() {
        Some(folder) => format!("files in {}: emails are not delivered", folder.display()),
        None => "the server accepts emails".to_owned(),
    })
}

async fn google(config: &Config) -> Told {
    config.google_client()?;
    match Google::new(config, &Clock::System).check().await {
        Ok(()) => Ok("the provider is reachable".to_owned()),
        Err(Fault::Off) => Ok("sign-in with Google is disabled".to_owned()),
        Err(_) => {
            bail!("the provider is unreachable or its response is invalid; the log has the cause")
        }
    }
}
