//! `wares migrate`: changes or shows the version of the database schema.

use clap::Subcommand;

use super::print_output;
use crate::infra::database::{currency, migrate};
use crate::server;
use crate::state::State;

/// Arguments of `wares migrate`.
#[derive(Clone, Copy, Debug, Subcommand)]
#[command(arg_required_else_help = false)]
pub enum Migrate {
    /// Apply all pending migrations.
    Up,
    /// Roll back migrations, the last first. Deletes the data of their tables and columns.
    Down {
        /// Number of migrations.
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
        steps: u32,
    },
    /// List the migrations and whether they are applied.
    Status,
}

/// Runs the command.
pub async fn run(command: Migrate, state: &State) -> anyhow::Result<()> {
    let db = &state.db;
    match command {
        Migrate::Up => {
            let applied = migrate::up(db).await?;
            currency::store(db, state.config.shop_currency).await?;
            server::index_missing(db).await?;
            print_output(&format!("{applied} migrations applied\n"))
        }
        Migrate::Down { steps } => {
            let count = migrate::down(db, steps).await?;
            print_output(&format!("{count} migrations rolled back\n"))
        }
        Migrate::Status => {
            let lines = migrate::status(db).await?.into_iter().map(|migration| {
                let state = if migration.applied {
                    "applied"
                } else {
                    "pending"
                };
                format!("{state}  {}\n", migration.name)
            });
            print_output(&lines.collect::<String>())
        }
    }
}
