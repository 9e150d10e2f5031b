//! `wares export`: files of products, of orders and of synonyms.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use bytes::Bytes;
use clap::{Args, ValueEnum};
use tokio::signal::unix::{SignalKind, signal};

use super::output::Output;
use super::print_output;
use crate::catalog::import_export::service::{Export as ProductExport, ExportFormat};
use crate::catalog::synonym::service::Export as SynonymExport;
use crate::core::error::{Error, Result};
use crate::infra::database::migrate;
use crate::sales::order::service::export::OrderExport;
use crate::state::State;

/// The exit code after Ctrl+C or SIGTERM.
const STOPPED: u8 = 130;
/// The exit code if the reader of the output has closed the pipe, as in shells.
const BROKEN_PIPE: u8 = 141;
/// The name of a file that orders are exported to by default.
const ORDERS_FILE: &str = "orders.csv";
/// The name of a file of synonyms by default.
pub(super) const SYNONYMS_FILE: &str = "synonyms.csv";

/// The arguments of `wares export`.
#[derive(Clone, Debug, Args)]
pub struct Export {
    /// The file, which is overwritten; `-` is standard output.
    #[arg(default_value = "-")]
    file: PathBuf,
    /// What to export. Default: orders if the file is named orders.csv, synonyms if it is named synonyms.csv, otherwise
    /// products.
    #[arg(long)]
    of: Option<Subject>,
    /// The format of products: `wares` has all fields, `shopify` is that of Shopify's product files.
    #[arg(long, value_name = "FORMAT", default_value = "wares", value_parser = export_format)]
    format: ExportFormat,
}

/// What is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Subject {
    /// All products.
    Products,
    /// All orders, with a row for each of their lines.
    Orders,
    /// All synonyms of search words.
    Synonyms,
}

impl Export {
    fn subject(&self) -> Subject {
        let by_name = || match self.file.file_name() {
            Some(name) if name == ORDERS_FILE => Subject::Orders,
            Some(name) if name == SYNONYMS_FILE => Subject::Synonyms,
            _ => Subject::Products,
        };
        self.of.unwrap_or_else(by_name)
    }
}

fn export_format(name: &str) -> Result<ExportFormat, &'static str> {
    match name {
        "wares" => Ok(ExportFormat::Wares),
        "shopify" => Ok(ExportFormat::Shopify),
        _ => Err("use wares or shopify"),
    }
}

/// The source of a file.
enum Source {
    Products(Box<ProductExport>),
    Orders(OrderExport),
    Synonyms(SynonymExport),
}

impl Source {
    async fn begin(state: &State, args: &Export) -> anyhow::Result<Self> {
        let begun = match args.subject() {
            Subject::Products => {
                let begun = ProductExport::begin(state, args.format).await;
                begun.map(|export| Self::Products(Box::new(export)))
            }
            Subject::Orders | Subject::Synonyms if args.format != ExportFormat::Wares => {
                anyhow::bail!("--format shopify is for products")
            }
            Subject::Orders => OrderExport::begin(state).await.map(Self::Orders),
            Subject::Synonyms => SynonymExport::begin(state).await.map(Self::Synonyms),
        };
        begun.map_err(Error::into_cause)
    }

    async fn next(&mut self) -> Result<Option<Bytes>> {
        match self {
            Self::Products(export) => export.next().await,
            Self::Orders(export) => export.next().await,
            Self::Synonyms(export) => export.next().await,
        }
    }

    fn summary(&self) -> String {
        match self {
            Self::Products(export) => format!("{} products\n", export.products),
            Self::Orders(export) => format!("{} orders\n", export.orders),
            Self::Synonyms(export) => format!("{} synonyms\n", export.synonyms),
        }
    }
}

/// Exports all products, orders or synonyms.
pub async fn export(state: &State, args: &Export) -> anyhow::Result<ExitCode> {
    migrate::require_current(&state.db).await?;
    let source = Source::begin(state, args).await?;
    if args.file == Path::new("-") {
        let written = write(source, &mut std::io::stdout()).await;
        if written.as_ref().is_err_and(is_broken_pipe) {
            return Ok(ExitCode::from(BROKEN_PIPE));
        }
        written.context("can't write to standard output")?;
        return Ok(ExitCode::SUCCESS);
    }
    let summary = match Output::open(&args.file)? {
        Output::Direct(mut file) => match write(source, &mut file).await {
            Err(error) if is_broken_pipe(&error) => return Ok(ExitCode::from(BROKEN_PIPE)),
            written => written?,
        },
        Output::Atomic(mut new_file) => {
            let mut interrupt = signal(SignalKind::interrupt())?;
            let mut terminate = signal(SignalKind::terminate())?;
            // An interrupted export leaves no file behind.
            let summary = tokio::select! {
                written = write(source, &mut new_file.file) => written?,
                _ = interrupt.recv() => return Ok(ExitCode::from(STOPPED)),
                _ = terminate.recv() => return Ok(ExitCode::from(STOPPED)),
            };
            new_file.commit()?;
            summary
        }
    };
    print_output(&summary)?;
    Ok(ExitCode::SUCCESS)
}

/// Returns whether the reader has closed the pipe.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<std::io::Error>();
    error.is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

/// Writes the file, and returns what was written.
async fn write(mut source: Source, to: &mut impl Write) -> anyhow::Result<String> {
    while let Some(piece) = source.next().await.map_err(Error::into_cause)? {
        to.write_all(&piece)?;
    }
    to.flush()?;
    Ok(source.summary())
}
