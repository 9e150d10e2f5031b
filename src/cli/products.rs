//! `wares import`: files of products, and of synonyms.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::catalog::import_export::service::{
    ColumnMapping, Counts, Event, Options, Report, RowIssue, import_for_operator,
};
use crate::catalog::synonym::service as synonym;
use crate::core::error::Error;
use crate::infra::database::{currency, migrate};
use crate::platform::audit::service::Actor;
use crate::state::State;
use anyhow::Context;
use bytes::{Bytes, BytesMut};
use clap::{Args, ValueEnum};
use futures_util::{Stream, stream};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::export::SYNONYMS_FILE;
use super::progress::Progress;
use super::{print_error, print_output};

/// The number of bytes read at once.
const CHUNK: usize = 64 * 1024;
/// The maximum number of notices shown.
const MAX_NOTICES: usize = 20;
/// The exit code if some rows were invalid.
const SOME_FAILED: u8 = 2;
/// The exit code if the import was aborted by an error.
const ABORTED: u8 = 3;
/// The exit code after Ctrl+C or SIGTERM.
const STOPPED: u8 = 130;

/// The end of `wares import --help`.
const IMPORT_HELP: &str = "\
Columns: name and price are required; sku, slug, description, stock, categories, status, image_url and others are optional. Consecutive
rows with the same slug and other option1_value to option3_value are the variants of a product.
Product exports of Shopify, WooCommerce, Magento, PrestaShop, BigCommerce, Square and Wix are recognized by their headings.
Encoding: UTF-8, UTF-16 or Windows-1252. Separator: comma, semicolon, tab, or the one named by a first line such as sep=;

Exit codes: 0 all rows were imported, 1 the file was refused, 2 some rows failed, 3 the import was aborted by an error, 130 it was stopped by a signal.";

/// The arguments of `wares import`.
#[derive(Clone, Debug, Args)]
#[command(after_help = IMPORT_HELP)]
pub struct Import {
    /// The file; `-` is standard input.
    file: PathBuf,
    /// Report the result without changing anything.
    #[arg(long)]
    dry_run: bool,
    /// Import nothing if any row is invalid.
    #[arg(long)]
    all_or_nothing: bool,
    /// Read a column of the file as another column, such as `--map 'Regular price=price'`. Can be repeated.
    #[arg(long, value_name = "HEADING=COLUMN", value_parser = mapping)]
    map: Vec<ColumnMapping>,
    /// What to import. Default: synonyms if the file is named synonyms.csv, otherwise products.
    #[arg(long)]
    of: Option<Subject>,
    /// Delete the synonyms that the file does not contain.
    #[arg(long)]
    replace: bool,
}

/// The kind of records in a file to import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Subject {
    /// Products, with their categories and images.
    Products,
    /// Synonyms of search words. Nothing is imported if a row is invalid.
    Synonyms,
}

impl Import {
    fn subject(&self) -> Subject {
        let by_name = || match self.file.file_name() {
            Some(name) if name == SYNONYMS_FILE => Subject::Synonyms,
            _ => Subject::Products,
        };
        self.of.unwrap_or_else(by_name)
    }
}

/// Parses `HEADING=COLUMN`; the heading may contain `=`.
fn mapping(text: &str) -> Result<ColumnMapping, String> {
    let (from, to) = text
        .rsplit_once('=')
        .ok_or("write it as HEADING=COLUMN, such as 'Regular price=price'")?;
    let (from, to) = (from.to_owned(), to.to_owned());
    Ok(ColumnMapping { from, to })
}

/// Imports a file. The exit code reports whether all rows were imported.
pub async fn import(state: &State, args: &Import) -> anyhow::Result<ExitCode> {
    migrate::require_current(&state.db).await?;
    if args.subject() == Subject::Synonyms {
        return import_synonyms(state, args).await;
    }
    anyhow::ensure!(!args.replace, "--replace is for synonyms");
    if !args.dry_run {
        currency::store(&state.db, state.config.shop_currency).await?;
    }
    let (input, size) = open(&args.file).await?;
    let mut progress = Progress::new(size);
    let file = Box::pin(chunks(input, progress.counter()));
    let (stopper, stop) = watch::channel(false);
    let options = Options {
        dry_run: args.dry_run,
        all_or_nothing: args.all_or_nothing,
        columns: args.map.clone(),
    };
    let mut last: Option<Counts> = None;
    let mut observe = |event: Event<'_>| match event {
        Event::Error(issue) => progress.print(&line(issue)),
        Event::Progress(counts) => {
            last = Some(*counts);
            progress.show(counts.rows);
        }
    };
    let watching = tokio::spawn(stop_on_signal(stopper));
    let done = import_for_operator(state, file, options.clone(), stop.clone(), &mut observe).await;
    watching.abort();
    progress.clear();
    let report = match (done, last) {
        (Ok(report), _) => report,
        (Err(error), Some(counts)) => return report_aborted(error, counts, &options),
        (Err(error), None) => return Err(error.into_cause()),
    };
    print_notices(&mut progress, &report);
    let was_stopped = *stop.borrow();
    print_output(&summary(&report, &options, was_stopped))?;
    Ok(match (was_stopped, report.error_count) {
        (true, _) => ExitCode::from(STOPPED),
        (false, 0) => ExitCode::SUCCESS,
        (false, _) => ExitCode::from(SOME_FAILED),
    })
}

/// Imports a file of synonyms.
async fn import_synonyms(state: &State, args: &Import) -> anyhow::Result<ExitCode> {
    let (input, _) = open(&args.file).await?;
    let file = Box::pin(chunks(input, |_| ()));
    let options = synonym::ImportOptions {
        dry_run: args.dry_run,
        replace: args.replace,
    };
    let done = synonym::import(state, Actor::Operator, file, options).await;
    let report = done.map_err(Error::into_cause)?;
    for issue in &report.errors {
        print_output(&format!("{}\n", line(issue)))?;
    }
    let head = match (report.error_count, args.dry_run) {
        (0, true) => "Nothing was changed (dry run). ",
        (0, false) => "",
        _ => "Nothing was imported: all rows must be valid. ",
    };
    let synonym::Report {
        rows,
        created,
        unchanged,
        deleted,
        ..
    } = report;
    print_output(&format!(
        "{head}{rows} rows: {created} synonyms created, {unchanged} unchanged, {deleted} deleted\n"
    ))?;
    Ok(match report.error_count {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::from(SOME_FAILED),
    })
}

/// Reports the rows imported before an error.
fn report_aborted(error: Error, counts: Counts, options: &Options) -> anyhow::Result<ExitCode> {
    if options.dry_run || options.all_or_nothing {
        print_output("Aborted: nothing was changed.\n")?;
    } else {
        print_output(&format!("Aborted: {}", format_counts(&counts)))?;
    }
    print_error(&error.into_cause());
    Ok(ExitCode::from(ABORTED))
}

type Input = Box<dyn AsyncRead + Send + Unpin>;

/// Opens the input; returns its size if known.
async fn open(path: &Path) -> anyhow::Result<(Input, Option<u64>)> {
    if path == Path::new("-") {
        return Ok((Box::new(tokio::io::stdin()), None));
    }
    let file = tokio::fs::File::open(path).await;
    let file = file.with_context(|| format!("can't read {}", path.display()))?;
    let about = file.metadata().await?;
    anyhow::ensure!(!about.is_dir(), "{} is a folder", path.display());
    let size = about.is_file().then_some(about.len());
    Ok((Box::new(file), size))
}

/// Streams the bytes of the input, and reports their number to `count`.
fn chunks(input: Input, count: impl Fn(usize)) -> impl Stream<Item = Result<Bytes, Error>> {
    stream::try_unfold((input, count), async |(mut input, count)| {
        let mut chunk = BytesMut::with_capacity(CHUNK);
        let read = input.read_buf(&mut chunk).await.map_err(Error::internal)?;
        count(read);
        Ok((read > 0).then(|| (chunk.freeze(), (input, count))))
    })
}

/// Stops the import at the first signal, and exits the process at the second.
async fn stop_on_signal(stop: watch::Sender<bool>) -> anyhow::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    stop.send_replace(true);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    std::process::exit(i32::from(STOPPED));
}

/// `line 17, price: ...`
fn line(issue: &RowIssue) -> String {
    let RowIssue { line, message, .. } = issue;
    match &issue.column {
        Some(column) => format!("line {line}, {column}: {message}"),
        None => format!("line {line}: {message}"),
    }
}

fn print_notices(progress: &mut Progress, report: &Report) {
    for notice in report.notices.iter().take(MAX_NOTICES) {
        progress.print(&format!("note: {}", line(notice)));
    }
    let more = report.notice_count.saturating_sub(MAX_NOTICES as u64);
    if more > 0 {
        progress.print(&format!("note: and {more} more notes"));
    }
}

fn summary(report: &Report, options: &Options, was_stopped: bool) -> String {
    let imports_nothing = options.all_or_nothing && (was_stopped || report.error_count > 0);
    let mut head = String::new();
    if was_stopped {
        head.push_str("Stopped. ");
    }
    if report.dry_run {
        head.push_str("Nothing was changed (dry run). ");
    }
    if imports_nothing {
        head.push_str("Nothing was imported: --all-or-nothing requires all rows to succeed. ");
    }
    let counts = Counts {
        rows: report.rows,
        created: report.created,
        updated: report.updated,
        unchanged: report.unchanged,
        failed: report.failed,
        categories_created: report.categories_created,
    };
    head + &format_counts(&counts)
}

fn format_counts(counts: &Counts) -> String {
    let Counts {
        rows,
        created,
        updated,
        unchanged,
        failed,
        categories_created,
    } = counts;
    format!(
        "{rows} rows: {created} products created, {updated} updated, {unchanged} unchanged, {failed} failed; \
         {categories_created} categories created\n"
    )
}
