//! The command line. Errors are printed on one line of standard error, with a non-zero exit code.

mod admins;
mod check;
mod environment;
mod export;
mod health;
mod help;
mod jobs;
mod migrations;
mod output;
mod products;
mod progress;
mod verify;

use std::io::{ErrorKind, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use crate::api::schema;
use crate::config::Config;
use crate::core::clock::Clock;
use crate::core::error::error_chain;
use crate::infra::database::{ConnectionOptions, Database, currency, migrate};
use crate::infra::http_client;
use crate::infra::keys::Keys;
use crate::infra::mail::Mailer;
use crate::infra::storage::Storage;
use crate::infra::telemetry::log;
use crate::sales::demo;
use crate::server;
use crate::state::State;
use anyhow::Context;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use tokio::time::timeout;

use self::environment::EnvFile;

/// The maximum number of threads for blocking work other than password hashing: file access and name resolution.
const BLOCKING_THREADS: usize = 32;
/// The time after which an idle blocking thread ends.
const THREAD_KEEP_ALIVE: Duration = Duration::from_secs(2);
/// The timeout for closing the database connections at the end of a command.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// A commerce backend in one binary: one GraphQL schema for products, categories and users.
#[derive(Debug, Parser)]
#[command(
    name = "wares",
    version,
    max_term_width = 110,
    after_help = "Settings are environment variables and flags of every command. `wares serve --help` lists all of them, the help of \
                  another command those that it reads."
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    config: Config,
}

#[derive(Clone, Debug, Default, Subcommand)]
enum Command {
    /// Serve the API. The default command.
    #[default]
    Serve,
    /// Change or show the version of the database schema.
    #[command(subcommand)]
    Migrate(migrations::Migrate),
    /// Import the demo catalog into an empty shop.
    Demo,
    /// Create the first admin, or another one.
    #[command(subcommand)]
    Admin(Admin),
    /// Import products from a CSV file in Wares' own format, or from an export of Shopify or another shop; or synonyms.
    Import(products::Import),
    /// Export all products or synonyms as CSV in the format that `import` reads, or all orders.
    Export(export::Export),
    /// List background jobs that have failed or are pending, or retry failed ones.
    Jobs(jobs::Jobs),
    /// Copy a SQLite database to a new file, while servers use it.
    Backup {
        /// The file to create.
        file: PathBuf,
    },
    /// Test this configuration: database, image store, mail server, Google, keys and folders.
    Check,
    /// Recalculate the stored sums of stock, orders and payments, while servers use the database. Prints one line for each
    /// difference, and exits with code 1 if there is one.
    Verify,
    /// Check the health of a server on this machine.
    Health(health::Health),
    /// Print the schema in the schema definition language.
    Schema,
    /// Print a script that completes the commands and flags in a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

#[derive(Clone, Debug, Subcommand)]
#[command(arg_required_else_help = false)]
enum Admin {
    /// Create an admin, or make an existing user an admin. The password is prompted for, or read from standard input.
    Create {
        /// Email address to sign in with.
        #[arg(long)]
        email: String,
        /// Name of the user. Default: the existing name, or `Admin`.
        #[arg(long)]
        name: Option<String>,
    },
}

/// Parses the command line and runs the command. `version` is the output of `wares --version`.
pub fn main(version: &'static str) -> ExitCode {
    match start(version) {
        Ok(code) => code,
        Err(error) => {
            print_error(&error);
            ExitCode::FAILURE
        }
    }
}

fn start(version: &'static str) -> anyhow::Result<ExitCode> {
    let env_file = EnvFile::load()?;
    let matches = environment::command().version(version).try_get_matches();
    let cli = match matches.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() => {
            anyhow::bail!("{}", environment::one_line(&error, &env_file))
        }
        Err(help) => {
            print_output(&render(&help))?;
            return Ok(ExitCode::SUCCESS);
        }
    };
    let command = cli.command.unwrap_or_default();
    if matches!(command, Command::Schema) {
        print_output(&schema::sdl())?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Command::Completions { shell } = command {
        let mut script = Vec::new();
        let mut command = Cli::command().mut_subcommand("serve", Config::augment_args);
        clap_complete::generate(shell, &mut command, "wares", &mut script);
        print_output(&String::from_utf8_lossy(&script))?;
        return Ok(ExitCode::SUCCESS);
    }
    log::start(&cli.config)?;
    env_file.warn_about_misspelt();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        // Each thread retains some freed memory, so idle threads end soon.
        .max_blocking_threads(BLOCKING_THREADS + cli.config.accounts.password_hashes())
        .thread_keep_alive(THREAD_KEEP_ALIVE)
        .build()
        .context("can't start the runtime")?;
    let done = runtime.block_on(run(command, cli.config));
    // Aborts remaining tasks; nothing depends on them.
    runtime.shutdown_background();
    done
}

async fn run(command: Command, config: Config) -> anyhow::Result<ExitCode> {
    if let Command::Health(args) = command {
        return health::check_health(&config, args).await;
    }
    if matches!(command, Command::Check) {
        return Box::pin(check::run(&config)).await;
    }
    http_client::load()?;
    if config.has_database_in_data_folder() {
        config.create_data_folder()?;
    }
    if matches!(command, Command::Serve) {
        let served = Box::pin(server::serve(config)).await;
        return served.map(|()| ExitCode::SUCCESS);
    }
    // Emails are jobs, which servers run.
    let mailer = Mailer::memory(Arc::default());
    let connecting = ConnectionOptions::new(&config, None);
    let db = Database::connect_with_options(&config.database()?, connecting).await?;
    let (keys, storage) = (Keys::random(), Storage::absent());
    let state = State::new(config, db, Clock::System, keys, mailer, storage);
    let done = match currency::require(&state.db, state.config.shop_currency).await {
        Ok(()) => run_command(command, &state).await,
        Err(mismatch) => Err(mismatch),
    };
    // A busy connection must not delay the end.
    match timeout(CLOSE_TIMEOUT, state.db.close()).await {
        Ok(Err(error)) => done.and(Err(error.into())),
        _ => done,
    }
}

async fn run_command(command: Command, state: &State) -> anyhow::Result<ExitCode> {
    let done = match command {
        Command::Import(args) => return products::import(state, &args).await,
        Command::Verify => return verify::run(state).await,
        Command::Export(args) => return export::export(state, &args).await,
        Command::Jobs(jobs) => jobs::run(state, &jobs).await,
        Command::Backup { file } => state.db.back_up(&file).await,
        Command::Migrate(command) => migrations::run(command, state).await,
        Command::Demo => fill_demo(state).await,
        Command::Admin(Admin::Create { email, name }) => {
            admins::create(state, &email, name.as_deref()).await
        }
        // Without a database.
        Command::Serve
        | Command::Check
        | Command::Health(_)
        | Command::Schema
        | Command::Completions { .. } => Ok(()),
    };
    done.map(|()| ExitCode::SUCCESS)
}

async fn fill_demo(state: &State) -> anyhow::Result<()> {
    migrate::require_current(&state.db).await?;
    currency::store(&state.db, state.config.shop_currency).await?;
    let filled = demo::service::fill(state).await;
    let filled = filled.map_err(crate::core::error::Error::into_cause)?;
    let filled = filled.context("the shop is not empty")?;
    let (products, categories) = (filled.products, filled.categories);
    print_output(&format!("{products} products in {categories} categories\n"))
}

/// Renders a help page, with colours on a terminal.
fn render(help: &clap::Error) -> String {
    let text = help.render();
    if std::io::stdout().is_terminal() {
        text.ansi().to_string()
    } else {
        text.to_string()
    }
}

/// Prints the result of a command. A closed pipe, as in `wares --help | head`, is not an error.
fn print_output(text: &str) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout();
    let written = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("can't write to standard output")
        }
        _ => Ok(()),
    }
}

/// Prints an error on one line. Ignores write errors.
fn print_error(error: &anyhow::Error) {
    _ = writeln!(std::io::stderr(), "wares: {}", error_chain(error));
}
