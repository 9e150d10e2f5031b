//! Files of synonyms: CSV with the columns `terms`, `from` and `to`, in which commas separate terms.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use futures_util::Stream;

use super::edit::{MAX_SYNONYMS, lock, rows, too_many};
use super::fields::{SynonymInput, Terms, identity_of};
use super::with_terms;
use crate::catalog::import_export::service::{CsvReader, Record, RowIssue, write_csv};
use crate::catalog::search::Analyzer;
use crate::catalog::synonym::entity::{SynonymId, term};
use crate::catalog::synonym::repository;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::core::id::TypedId;
use crate::core::patch::Patch;
use crate::core::validation::Validator;
use crate::infra::database::Transaction;
use crate::platform::audit::service::{self as audit, Actor, Entry};
use crate::state::State;

/// The columns of a file.
const COLUMNS: [&str; 3] = ["terms", "from", "to"];
/// The maximum number of rows of a file. More than synonyms, because rows may repeat each other.
const MAX_ROWS: u64 = 10_000;
/// The maximum number of errors in a report.
const MAX_ERRORS: usize = 1_000;

/// Import options.
#[derive(Clone, Copy, Debug, Default)]
pub struct ImportOptions {
    /// Report the result without changing anything.
    pub dry_run: bool,
    /// Delete the synonyms that the file does not contain.
    pub replace: bool,
}

/// The result of an import.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub rows: u64,
    pub created: u64,
    pub unchanged: u64,
    pub deleted: u64,
    /// The errors of rows, if there are any. Nothing was changed then.
    pub errors: Vec<RowIssue>,
    pub error_count: u64,
}

/// A synonym of a file, and what identifies it.
type FileSynonym = (Vec<(String, String)>, Terms);

/// Imports a file in one transaction, or nothing if a row is invalid. A synonym with the same terms as a stored one is
/// unchanged.
///
/// # Errors
/// A file that is not CSV or lacks the columns, too many synonyms.
pub async fn import<S>(
    state: &State,
    actor: Actor,
    file: S,
    options: ImportOptions,
) -> Result<Report>
where
    S: Stream<Item = Result<Bytes>> + Send + Unpin,
{
    let analyzer = Analyzer::new(state.db.language());
    let mut report = Report::default();
    let wanted = read(file, analyzer, &mut report).await?;
    if report.error_count > 0 {
        return Ok(report);
    }
    let transaction = state.db.begin().await?;
    lock(&transaction).await?;
    store(&transaction, state, &wanted, options, &mut report).await?;
    if options.dry_run || report.created + report.deleted == 0 {
        transaction.rollback().await?;
        return Ok(report);
    }
    let count = |count: u64| Some(count.to_string()).filter(|_| count > 0);
    let entry = Entry::new("importSearchSynonyms")
        .change("created", None, count(report.created))
        .change("deleted", None, count(report.deleted));
    audit::record(&transaction, actor, [entry], state.clock.now()).await?;
    transaction.commit().await?;
    Ok(report)
}

/// Reads the synonyms of a file. Errors of rows are in the report.
async fn read<S>(file: S, analyzer: Analyzer, report: &mut Report) -> Result<Vec<FileSynonym>>
where
    S: Stream<Item = Result<Bytes>> + Send + Unpin,
{
    let reader = CsvReader::open(file).await?;
    let mut reader = reader.map_err(refuse)?;
    let header = reader.next().await?.ok_or_else(|| refuse("It is empty."))?;
    let columns = columns(&header)?;
    let mut synonyms = Vec::new();
    while let Some(record) = reader.next().await? {
        report.rows += 1;
        if report.rows > MAX_ROWS {
            return Err(refuse("It has more than 10,000 rows."));
        }
        match parse(&record, columns, analyzer) {
            Ok(terms) => synonyms.push((terms.identity(), terms)),
            Err(issues) => {
                report.error_count += issues.len() as u64;
                let free = MAX_ERRORS.saturating_sub(report.errors.len());
                report.errors.extend(issues.into_iter().take(free));
            }
        }
    }
    Ok(synonyms)
}

/// Returns the index of each of [`COLUMNS`] in the file.
fn columns(header: &Record) -> Result<[Option<usize>; 3]> {
    let headings = header.fields().map(|heading| {
        let heading = String::from_utf8_lossy(heading);
        heading.trim().to_lowercase()
    });
    let headings: Vec<_> = headings.collect();
    let columns = COLUMNS.map(|name| headings.iter().position(|heading| heading == name));
    match columns {
        [Some(_), ..] | [None, Some(_), Some(_)] => Ok(columns),
        _ => Err(refuse(
            "It needs the column `terms`, or the columns `from` and `to`.",
        )),
    }
}

fn parse(
    record: &Record,
    columns: [Option<usize>; 3],
    analyzer: Analyzer,
) -> Result<Terms, Vec<RowIssue>> {
    let line = record.line;
    let issue = |column: Option<String>, message: String| RowIssue {
        line,
        column,
        message,
    };
    if let Some(error) = record.error {
        return Err(vec![issue(None, error.message().to_owned())]);
    }
    let fields: Vec<_> = record.fields().map(String::from_utf8_lossy).collect();
    let [terms, from, to] = columns.map(|index| {
        let cell = index.and_then(|index| fields.get(index));
        let terms = cell.map(AsRef::as_ref).unwrap_or_default().split(',');
        let terms = terms.map(str::trim).filter(|term| !term.is_empty());
        terms.map(ToOwned::to_owned).collect::<Vec<_>>()
    });
    let mut validator = Validator::default();
    let input = SynonymInput {
        terms: Patch::Set(terms),
        from: Patch::Set(from),
        to: Patch::Set(to),
    };
    let terms = input.check(None, analyzer, &mut validator);
    match validator.finish() {
        Ok(()) => Ok(terms),
        Err(Error::Refused(errors)) => {
            let errors = errors.into_iter();
            let issues = errors.map(|error| issue(error.field, error.message));
            Err(issues.collect())
        }
        Err(error) => Err(vec![issue(None, error.message().to_owned())]),
    }
}

/// Stores the synonyms of a file and counts the changes.
async fn store(
    transaction: &Transaction,
    state: &State,
    wanted: &[FileSynonym],
    options: ImportOptions,
    report: &mut Report,
) -> Result<()> {
    let (now, analyzer) = (state.clock.now(), Analyzer::new(state.db.language()));
    let stored = stored(transaction).await?;
    let (mut synonyms, mut terms) = (Vec::new(), Vec::new());
    let mut seen = HashSet::new();
    for (identity, new) in wanted {
        if stored.contains_key(identity) || !seen.insert(identity) {
            report.unchanged += 1;
            continue;
        }
        // One microsecond later than the one before, so that they keep the order of the file.
        let created_at = now.0.saturating_add_unsigned(synonyms.len() as u64);
        let created_at = Timestamp(created_at);
        let (row, own) = rows(SynonymId::generate(created_at), new, analyzer, created_at);
        synonyms.push(row);
        terms.extend(own);
    }
    report.created = synonyms.len() as u64;
    let in_file: HashSet<_> = wanted.iter().map(|(identity, _)| identity).collect();
    let obsolete = stored
        .iter()
        .filter(|(identity, _)| !in_file.contains(identity));
    let obsolete: Vec<_> = obsolete
        .flat_map(|(_, ids)| ids)
        .copied()
        .filter(|_| options.replace)
        .collect();
    report.deleted = obsolete.len() as u64;
    let before: usize = stored.values().map(Vec::len).sum();
    if before as u64 - report.deleted + report.created > MAX_SYNONYMS {
        return Err(too_many("file").into());
    }
    if !obsolete.is_empty() {
        repository::delete_many(transaction, &obsolete).await?;
    }
    if !synonyms.is_empty() {
        repository::insert_many(transaction, synonyms, terms).await?;
    }
    Ok(())
}

/// Returns the ids of the stored synonyms by what identifies them.
async fn stored(
    transaction: &Transaction,
) -> Result<HashMap<Vec<(String, String)>, Vec<SynonymId>>> {
    let ids: Vec<_> = repository::all(transaction).await?;
    let ids: Vec<_> = ids.into_iter().map(|row| row.id).collect();
    let mut terms: HashMap<_, Vec<term::Model>> = HashMap::new();
    for term in repository::terms_of(transaction, &ids).await? {
        terms.entry(term.synonym_id).or_default().push(term);
    }
    let mut stored: HashMap<_, Vec<_>> = HashMap::new();
    for (id, terms) in terms {
        stored.entry(identity_of(&terms)).or_default().push(id);
    }
    Ok(stored)
}

fn refuse(why: &str) -> Error {
    let message = format!("The file can't be imported. {why}");
    UserError::new(UserErrorCode::BadUserInput, "file", message).into()
}

/// A consistent snapshot of all synonyms, to be exported.
#[derive(Debug)]
pub struct Export {
    transaction: Transaction,
    is_finished: bool,
    /// The number of synonyms exported so far.
    pub synonyms: u64,
}

impl Export {
    /// Begins the export. It holds a database connection until it is dropped.
    pub async fn begin(state: &State) -> Result<Self> {
        Ok(Self {
            transaction: state.db.begin_snapshot().await?,
            is_finished: false,
            synonyms: 0,
        })
    }

    /// Returns the file, then `None`.
    pub async fn next(&mut self) -> Result<Option<Bytes>> {
        if self.is_finished {
            return Ok(None);
        }
        self.is_finished = true;
        let rows = repository::all(&self.transaction).await?;
        let mut text = Vec::new();
        write_csv(&mut text, COLUMNS);
        for synonym in with_terms(&self.transaction, rows).await? {
            let cells = [&synonym.terms, &synonym.from, &synonym.to].map(|terms| terms.join(", "));
            write_csv(&mut text, cells.iter().map(String::as_str));
            self.synonyms += 1;
        }
        Ok(Some(text.into()))
    }
}
