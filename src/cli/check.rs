//! `wares check`: tests a configuration before a server is started with it, and reports the result of each part.

use std::process::ExitCode;
use std::time::Duration;

use crate::config::Config;
use crate::core::clock::Clock;
use crate::core::error::{Error, error_chain};
use crate::infra::database::{Address, ConnectionOptions, Database, Replicas, currency, migrate};
use crate::infra::http_client;
use crate::infra::keys::Keys;
use crate::infra::mail::Mailer;
use crate::infra::oidc::{Google, OidcError};
use crate::infra::storage::Storage;
use crate::infra::stripe::{Stripe, currency as stripe_currency};
use anyhow::{Context, bail, ensure};
use bytes::Bytes;
use tokio::time::timeout;

use super::print_output;

/// The timeout of each part.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A short description of a valid part, or its error.
type CheckResult = anyhow::Result<String>;

/// Tests all parts, even if one fails, and prints a line for each. Returns an error if any part failed.
pub async fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let parts = [
        ("settings", settings(config)),
        ("folder", folder(config)),
        ("database", Box::pin(with_timeout(database(config))).await),
        ("replicas", Box::pin(with_timeout(replicas(config))).await),
        ("images", with_timeout(images(config)).await),
        ("mail", with_timeout(mail(config)).await),
        ("google", with_timeout(google(config)).await),
        ("stripe", with_timeout(stripe(config)).await),
    ];
    let mut failed = 0;
    for (part, result) in parts {
        if part == "replicas" && config.pooling.database_replicas.is_empty() {
            continue;
        }
        let line = match result {
            Ok(result) => format!("ok     {part:<9} {result}\n"),
            Err(error) => {
                failed += 1;
                format!("FAILED {part:<9} {}\n", error_chain(&error))
            }
        };
        print_output(&line)?;
    }
    ensure!(failed == 0, "{failed} checks failed");
    Ok(ExitCode::SUCCESS)
}

async fn with_timeout(part: impl Future<Output = CheckResult>) -> CheckResult {
    let result = timeout(TIMEOUT, part).await;
    result.context("timed out").flatten()
}

fn settings(config: &Config) -> CheckResult {
    http_client::load()?;
    Keys::load(config)?;
    config.selling.check()?;
    config.payments.check(config)?;
    let kind = if config.is_development() {
        "development"
    } else {
        "production"
    };
    Ok(format!("{kind}; the keys are valid"))
}

fn folder(config: &Config) -> CheckResult {
    config.create_data_folder()?;
    let folder = config.data_dir.display();
    test_write(config).with_context(|| format!("can't write to {folder}"))?;
    Ok(format!("{folder} is writable"))
}

/// Writes a file to the data folder and removes it.
fn test_write(config: &Config) -> std::io::Result<()> {
    let name = format!(".check-{}", std::process::id());
    let file = config.data_dir.join(name);
    let written = std::fs::write(&file, b"wares");
    let removed = std::fs::remove_file(&file);
    written.and(removed)
}

async fn database(config: &Config) -> CheckResult {
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
    let connecting = ConnectionOptions {
        max_connections: 1,
        ..ConnectionOptions::new(config, None)
    };
    let db = Database::connect_with_options(&address, connecting).await?;
    let kind = if db.is_pooled() {
        "PostgreSQL through a connection pooler"
    } else {
        kind
    };
    let migrations = migrate::status(&db).await;
    let pending = migrations.map(|all| all.iter().filter(|migration| !migration.applied).count());
    let currency = describe_currency(&db, config).await;
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

/// Connects to each server of `DATABASE_REPLICAS`. One may be the primary, which is then not used as a replica.
async fn replicas(config: &Config) -> CheckResult {
    let mut count = 0;
    for (index, url) in config.pooling.replicas()?.iter().enumerate() {
        let role = Replicas::is_replica(url).await;
        count += usize::from(role.with_context(|| format!("server {}", index + 1))?);
    }
    ensure!(count > 0, "none of the servers is a replica");
    Ok(match count {
        1 => "1 replica".to_owned(),
        count => format!("{count} replicas"),
    })
}

/// Returns the currency of the prices, or an error if another one is configured.
async fn describe_currency(db: &Database, config: &Config) -> CheckResult {
    currency::require(db, config.shop_currency).await?;
    let stored = currency::stored(db).await?;
    Ok(stored.map_or(String::new(), |stored| format!(" with prices in {stored}")))
}

async fn images(config: &Config) -> CheckResult {
    let storage = Storage::connect(config).await?;
    let key = format!("check/{:032x}", rand::random::<u128>());
    let content = Bytes::from_static(b"wares");
    let round_trip = async {
        storage.put(&key, "text/plain", content.clone()).await?;
        let is_found = storage.get(&key).await?.is_some();
        storage.delete(&key).await?;
        Ok(is_found)
    };
    let is_found = round_trip.await.map_err(Error::into_cause)?;
    ensure!(is_found, "the stored object could not be read back");
    let place = storage.place();
    Ok(if storage.is_embedded() {
        format!("files on this machine, in {place}")
    } else {
        format!("{place}: put, get and delete succeeded")
    })
}

async fn mail(config: &Config) -> CheckResult {
    let mailer = Mailer::new(config)?;
    mailer.check().await?;
    Ok(match mailer.folder() {
        Some(folder) => format!("files in {}: emails are not delivered", folder.display()),
        None => "the server accepts emails".to_owned(),
    })
}

async fn google(config: &Config) -> CheckResult {
    config.google_client()?;
    match Google::new(config, &Clock::System).check().await {
        Ok(()) => Ok("the provider is reachable".to_owned()),
        Err(OidcError::Disabled) => Ok("sign-in with Google is disabled".to_owned()),
        Err(_) => {
            bail!("the provider is unreachable or its response is invalid; the log has the cause")
        }
    }
}

async fn stripe(config: &Config) -> CheckResult {
    config.payments.stripe_keys()?;
    let Some(stripe) = Stripe::new(&config.payments) else {
        return Ok("payments with Stripe are disabled".to_owned());
    };
    let currency = config.shop_currency;
    ensure!(
        stripe_currency::is_charged(currency),
        "Stripe takes no payments in SHOP_CURRENCY={}",
        currency.code()
    );
    let account = stripe.account().await?;
    let mode = match (stripe.is_live(), config.is_development()) {
        (true, false) => "live keys",
        (true, true) => "LIVE keys in development: payments move money",
        (false, true) => "test keys",
        (false, false) => "test keys in production: payments move no money",
    };
    let id = account.id;
    if stripe.is_live() && !account.charges_enabled {
        bail!(
            "{mode}; the account {id} can't take payments yet: complete it in Stripe's dashboard"
        );
    }
    Ok(format!("{mode}; account {id}"))
}
