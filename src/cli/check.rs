//! `wares check`: tries a configuration before a server is started with it, and tells of each part whether it is right.

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

/// How long each part may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is right of a part, in a few words.
type Told = anyhow::Result<String>;

/// Tries all parts, also when one is wrong, and prints a line for each. Fails when one of them is wrong.
pub async fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let parts = [
        ("settings", settings(config)),
        ("folder", folder(config)),
        ("database", Box::pin(bounded(database(config))).await),
        ("pictures", bounded(pictures(config)).await),
        ("mail", bounded(mail(config)).await),
        ("google", bounded(google(config)).await),
    ];
    let mut wrong = 0;
    for (part, told) in parts {
        let line = match told {
            Ok(told) => format!("ok     {part:<9} {told}\n"),
            Err(error) => {
                wrong += 1;
                format!("WRONG  {part:<9} {}\n", story(&error))
            }
        };
        say(&line)?;
    }
    ensure!(wrong == 0, "{wrong} of the parts are wrong");
    Ok(ExitCode::SUCCESS)
}

async fn bounded(part: impl Future<Output = Told>) -> Told {
    let told = timeout(PATIENCE, part).await;
    told.context("it takes too long").flatten()
}

fn settings(config: &Config) -> Told {
    http_client::load()?;
    Keys::load(config)?;
    let kind = if config.is_development() {
        "development"
    } else {
        "production"
    };
    Ok(format!("{kind}; the keys are good"))
}

fn folder(config: &Config) -> Told {
    config.make_data_folder()?;
    let folder = config.data_dir.display();
    try_to_write(config).with_context(|| format!("can't write into {folder}"))?;
    Ok(format!("{folder} can be written into"))
}

/// Writes a file into the data folder and removes it.
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
            return Ok(format!("{} is made at the start", path.display()));
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
            "{kind}; {count} migrations are applied at the start"
        )),
        count => bail!("{kind} lacks {count} migrations: run `wares migrate up`"),
    }
}

/// Tells the currency of the prices, or that the configured one is another.
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
    ensure!(there, "what was stored is not found again");
    let place = storage.place();
    Ok(if storage.is_embedded() {
        format!("files of this machine, in {place}")
    } else {
        format!("{place} stores, gives and deletes")
    })
}

async fn mail(config: &Config) -> Told {
    let mailer = Mailer::new(config)?;
    mailer.check().await?;
    Ok(match mailer.folder() {
        Some(folder) => format!("files in {}: no letter reaches anybody", folder.display()),
        None => "the server lets us send".to_owned(),
    })
}

async fn google(config: &Config) -> Told {
    config.google_client()?;
    match Google::new(config, &Clock::System).check().await {
        Ok(()) => Ok("the provider answers".to_owned()),
        Err(Fault::Off) => Ok("sign-in with Google is off".to_owned()),
        Err(_) => bail!("the provider does not answer as one; the log says why"),
    }
}
