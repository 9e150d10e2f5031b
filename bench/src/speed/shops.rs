//! Shops on disk. Building one with a million products takes minutes, so they can be reused.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use tokio::runtime::Runtime;

use super::fill;
use super::search_catalog::Vocabulary;
use crate::loading;
use crate::server::{Database, Folder, Server, binary};

/// The products of a shop.
#[derive(Clone, Copy)]
pub enum Content {
    /// Those of `shop.rs`, inserted by hand-written statements.
    Pages,
    /// Those of a vocabulary, imported by `wares import`.
    Searches(Vocabulary),
}

/// A shop with a given number of products.
pub struct Shop {
    pub url: String,
    pub products: usize,
    content: Content,
    pub runtime: Runtime,
    /// URL of the server's existing database, on PostgreSQL, if the shop is to be deleted on drop.
    existing_url: Option<String>,
    name: String,
}

impl Shop {
    /// Opens a stored shop, or builds it.
    pub fn open(
        database: &Database,
        content: Content,
        products: usize,
        stored: Option<&Path>,
        folder: &Folder,
    ) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let name = match content {
            Content::Pages => format!("wares_bench_{products}"),
            Content::Searches(vocabulary) => {
                format!("wares_bench_{}_{products}", vocabulary.name())
            }
        };
        let (url, server) = match database {
            Database::Sqlite => {
                let place = stored.unwrap_or_else(|| folder.path());
                let file: PathBuf = place.join(format!("{name}.db"));
                (format!("sqlite://{}", file.display()), None)
            }
            Database::Postgres(url) => {
                let (server, _) = url.rsplit_once('/').context("the URL has no database")?;
                (format!("{server}/{name}"), Some(url.clone()))
            }
        };
        if let Some(server) = &server {
            runtime.block_on(create(server, &name, stored.is_some()))?;
        }
        let shop = Self {
            url,
            products,
            content,
            runtime,
            existing_url: server.filter(|_| stored.is_none()),
            name,
        };
        shop.fill(folder)?;
        Ok(shop)
    }

    pub fn is_sqlite(&self) -> bool {
        self.url.starts_with("sqlite:")
    }

    fn fill(&self, folder: &Folder) -> Result<()> {
        self.migrate(folder)?;
        let begun = Instant::now();
        let there = self.with_database(fill::count)?;
        ensure!(
            there == 0 || there == self.products,
            "{} has {there} products",
            self.name
        );
        if there > 0 {
            return Ok(());
        }
        match self.content {
            Content::Pages => {
                self.with_database(async |db| fill::fill(db, self.products).await)?;
                // Migrating again creates the search index of the rows that were inserted directly.
                self.migrate(folder)?;
            }
            Content::Searches(vocabulary) => self.import(folder, vocabulary)?,
        }
        self.with_database(fill::analyse)?;
        let seconds = begun.elapsed().as_secs();
        println!("  {} products inserted in {seconds} s", self.products);
        Ok(())
    }

    fn with_database<T>(
        &self,
        work: impl AsyncFnOnce(&DatabaseConnection) -> Result<T>,
    ) -> Result<T> {
        self.runtime.block_on(async {
            let db = loading::connect(&self.url).await?;
            let done = work(&db).await?;
            db.close().await?;
            Ok(done)
        })
    }

    fn import(&self, folder: &Folder, vocabulary: Vocabulary) -> Result<()> {
        let file = folder.path().join("products.csv");
        vocabulary.write_file(&file, self.products)?;
        let mut import = self.command(folder, &["import"])?;
        let imported = import.arg(&file).stdout(Stdio::null()).status()?;
        ensure!(imported.success(), "the import failed");
        std::fs::remove_file(file)?;
        Ok(())
    }

    fn migrate(&self, folder: &Folder) -> Result<()> {
        let mut migrate = self.command(folder, &["migrate", "up"])?;
        let migrated = migrate.stdout(Stdio::null()).status()?;
        ensure!(migrated.success(), "creating the database failed");
        Ok(())
    }

    /// Returns a command of Wares on the shop.
    pub fn command(&self, folder: &Folder, arguments: &[&str]) -> Result<Command> {
        let mut command = Command::new(binary()?);
        command
            .args(arguments)
            .current_dir(folder.path())
            .env_clear()
            .env("DATABASE_URL", &self.url)
            .env("WARES_DATA_DIR", folder.path())
            .stdin(Stdio::null());
        Ok(command)
    }

    /// Starts a server on the shop, with image URLs on a CDN.
    pub fn serve(&self, folder: &Folder, flags: &[String]) -> Result<Server> {
        let fixed = ["--demo=off", "--s3-public-url=https://pictures.example"];
        let mut all: Vec<_> = fixed.iter().map(|flag| (*flag).to_owned()).collect();
        all.extend_from_slice(flags);
        Server::start_with_url(folder, Some(&self.url), &all)
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        let Some(server) = &self.existing_url else {
            return;
        };
        let name = &self.name;
        let dropped = self.runtime.block_on(async {
            let db = loading::connect(server).await?;
            db.execute_unprepared(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
                .await?;
            db.close().await?;
            anyhow::Ok(())
        });
        if let Err(error) = dropped {
            eprintln!("deleting the database {name} failed: {error}");
        }
    }
}

/// Creates the database. If `keep` is set, an existing one is reused.
async fn create(server: &str, name: &str, keep: bool) -> Result<()> {
    let db = loading::connect(server).await?;
    if !keep {
        db.execute_unprepared(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            .await?;
    }
    let made = db
        .execute_unprepared(&format!("CREATE DATABASE {name}"))
        .await;
    db.close().await?;
    ensure!(made.is_ok() || keep, "creating the database {name} failed");
    Ok(())
}
