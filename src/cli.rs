//! What can be typed after `wares`, and how a failure is told: one line on standard error and a code that is not 0.

use std::io::{ErrorKind, Write};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::builder::Resettable;
use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use tokio::time::timeout;
use wares::clock::Clock;
use wares::config::Config;
use wares::database::{Database, migrate};
use wares::error::story;
use wares::state::State;
use wares::{demo, log, schema, server};

/// How long the end of a command waits for its connections to the database.
const CLOSING: Duration = Duration::from_secs(2);

/// A commerce backend in one binary: one GraphQL schema for products, categories and users.
#[derive(Debug, Parser)]
#[command(name = "wares", version, max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    config: Config,
}

#[derive(Clone, Copy, Debug, Default, Subcommand)]
enum Command {
    /// Serve the API. What `wares` alone does.
    #[default]
    Serve,
    /// Change or show the version of the database.
    #[command(subcommand)]
    Migrate(Migrate),
    /// Fill an empty shop with the demo catalogue.
    Demo,
    /// Print the schema in the schema definition language.
    Schema,
}

#[derive(Clone, Copy, Debug, Subcommand)]
enum Migrate {
    /// Apply all pending migrations.
    Up,
    /// Take migrations back, the last first. Deletes the data they made room for.
    Down {
        /// How many.
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
        steps: u32,
    },
    /// List the migrations and say which are applied.
    Status,
}

/// Reads the command line and does what it says.
pub fn main() -> ExitCode {
    match start() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("wares: {}", story(&error));
            ExitCode::FAILURE
        }
    }
}

fn start() -> anyhow::Result<ExitCode> {
    read_env_file()?;
    let matches = command().try_get_matches();
    let cli = match matches.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() => anyhow::bail!("{}", one_line(&error)),
        Err(help) => {
            help.print()?;
            return Ok(ExitCode::SUCCESS);
        }
    };
    let command = cli.command.unwrap_or_default();
    if matches!(command, Command::Schema) {
        say(&schema::sdl())?;
        return Ok(ExitCode::SUCCESS);
    }
    log::start(&cli.config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("can't start the runtime")?;
    let done = runtime.block_on(run(command, cli.config));
    // What is cut is cut; nothing waits for it.
    runtime.shutdown_background();
    done.map(|()| ExitCode::SUCCESS)
}

async fn run(command: Command, config: Config) -> anyhow::Result<()> {
    config.make_data_folder()?;
    let db = Database::connect(&config.database()?, config.database_max_connections).await?;
    let state = State::new(config, db, Clock::System);
    let done = match command {
        Command::Serve => server::serve(&state).await,
        Command::Migrate(command) => run_migrate(command, &state.db).await,
        Command::Demo => fill_demo(&state).await,
        Command::Schema => Ok(()),
    };
    // A connection that is still at work must not hold up the end.
    match timeout(CLOSING, state.db.close()).await {
        Ok(closed) => done.and(closed.map_err(Into::into)),
        Err(_) => done,
    }
}

async fn run_migrate(command: Migrate, db: &Database) -> anyhow::Result<()> {
    match command {
        Migrate::Up => say(&format!("{} migrations applied\n", migrate::up(db).await?)),
        Migrate::Down { steps } => {
            let count = migrate::down(db, steps).await?;
            say(&format!("{count} migrations taken back\n"))
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
            say(&lines.collect::<String>())
        }
    }
}

async fn fill_demo(state: &State) -> anyhow::Result<()> {
    migrate::require_current(&state.db).await?;
    let filled = demo::service::fill(state).await;
    let filled = filled.map_err(wares::error::Error::into_cause)?;
    let filled = filled.context("the shop is not empty")?;
    let (products, categories) = (filled.products, filled.categories);
    say(&format!("{products} products in {categories} categories\n"))
}

/// Prints the result of a command.
fn say(text: &str) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout();
    let said = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
    said.context("can't write to standard output")
}

/// Reads `.env` in the current folder, if there is one. What the environment has already is kept.
fn read_env_file() -> anyhow::Result<()> {
    match dotenvy::from_path(".env") {
        Err(dotenvy::Error::LineParse(_, place)) => {
            anyhow::bail!(".env can't be understood at character {place} of a line")
        }
        Err(dotenvy::Error::Io(error)) if error.kind() != ErrorKind::NotFound => {
            Err(error).context("can't read .env")
        }
        _ => Ok(()),
    }
}

/// The command line. A variable that is set to nothing counts as one that is not set.
fn command() -> clap::Command {
    Cli::command().mut_args(|argument| {
        let value = argument.get_env().and_then(std::env::var_os);
        if value.is_some_and(|value| value.is_empty()) {
            argument.env(Resettable::Reset)
        } else {
            argument
        }
    })
}

/// A refusal of the command line without its hints, naming the variable that the value may have come from.
fn one_line(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let mut lines = text.lines().map(str::trim);
    let line = lines.next().unwrap_or_default();
    let choice = lines.find(|line| line.starts_with("[possible values: "));
    let line = [
        line.trim_start_matches("error: "),
        choice.unwrap_or_default(),
    ]
    .join(" ");
    let line = line.trim_end().to_owned();
    let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg) else {
        return line;
    };
    let command = Cli::command();
    let mut settings = command.get_arguments();
    let flag = |name: &str| argument.starts_with(&format!("--{name} "));
    let variable = settings
        .find(|setting| setting.get_long().is_some_and(flag))
        .and_then(|setting| setting.get_env());
    match variable {
        Some(variable) => format!("{line} ({})", variable.to_string_lossy()),
        None => line,
    }
}
