//! Database and data folder of a measurement.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use sea_orm::ConnectionTrait;
use tokio::runtime::Runtime;

use crate::accounts::PASSWORD;
use crate::loading;
use crate::server::{Database, Folder, Server, binary};

/// A database that is recreated for each measurement.
pub struct Target {
    pub runtime: Runtime,
    pub url: String,
    /// URL of the server's existing database, on PostgreSQL.
    server: Option<String>,
    file: PathBuf,
    /// Data folder of Wares.
    folder: PathBuf,
    /// Variables of the environment of all commands.
    pub environment: Vec<(&'static str, String)>,
}

/// Name of the database on PostgreSQL.
const NAME: &str = "wares_bench_import";

impl Target {
    pub fn new(database: &Database, folder: &Folder) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let file = folder.path().join("import.db");
        let (url, server) = match database {
            Database::Sqlite => (format!("sqlite://{}", file.display()), None),
            Database::Postgres(url) => {
                let (server, _) = url.rsplit_once('/').context("the URL has no database")?;
                (format!("{server}/{NAME}"), Some(url.clone()))
            }
        };
        Ok(Self {
            runtime,
            url,
            server,
            file,
            folder: folder.path().to_owned(),
            environment: Vec::new(),
        })
    }

    /// Recreates the database, empty.
    pub fn recreate(&self) -> Result<()> {
        match &self.server {
            Some(server) => self.runtime.block_on(async {
                let db = loading::connect(server).await?;
                let drop = format!("DROP DATABASE IF EXISTS {NAME} WITH (FORCE)");
                db.execute_unprepared(&drop).await?;
                db.execute_unprepared(&format!("CREATE DATABASE {NAME}"))
                    .await?;
                db.close().await?;
                anyhow::Ok(())
            })?,
            None => {
                for end in ["", "-wal", "-shm"] {
                    let mut path = self.file.clone().into_os_string();
                    path.push(end);
                    _ = std::fs::remove_file(path);
                }
            }
        }
        let migrated = self.command("migrate").arg("up").status()?;
        ensure!(migrated.success(), "creating the database failed");
        Ok(())
    }

    /// Starts a server on the database.
    pub fn serve(&self, folder: &Folder) -> Result<Server> {
        self.serve_with(folder, &[])
    }

    /// Starts a server with additional flags.
    pub fn serve_with(&self, folder: &Folder, flags: &[&str]) -> Result<Server> {
        let flags = ["--demo=off"].iter().chain(flags);
        let flags: Vec<_> = flags.map(|flag| (*flag).to_owned()).collect();
        Server::start_with_url(folder, Some(&self.url), &flags)
    }

    /// Creates an admin with [`PASSWORD`].
    pub fn create_admin(&self, email: &str) -> Result<()> {
        let mut child = self
            .command("admin")
            .args(["create", "--email", email])
            .stdin(Stdio::piped())
            .spawn()?;
        let mut stdin = child.stdin.take().context("no standard input")?;
        writeln!(stdin, "{PASSWORD}")?;
        drop(stdin);
        ensure!(child.wait()?.success(), "creating the admin failed");
        Ok(())
    }

    pub fn command(&self, name: &str) -> Command {
        let mut command = Command::new(binary().unwrap_or_default());
        command
            .arg(name)
            .current_dir(&self.folder)
            .env_clear()
            .env("DATABASE_URL", &self.url)
            .env("WARES_DATA_DIR", &self.folder)
            .envs(self.environment.clone())
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        command
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        let Some(server) = &self.server else { return };
        let dropped = self.runtime.block_on(async {
            let db = loading::connect(server).await?;
            db.execute_unprepared(&format!("DROP DATABASE IF EXISTS {NAME} WITH (FORCE)"))
                .await?;
            db.close().await?;
            anyhow::Ok(())
        });
        if let Err(error) = dropped {
            eprintln!("deleting the database {NAME} failed: {error}");
        }
    }
}
