//! Runs the checks.

use crate::catalog::product;
use crate::catalog::product::service::{SEARCH_CHECKS, SearchDifferences};
use crate::core::error::Result;
use crate::core::id::{self, TypedId};
use crate::infra::database::Database;
use crate::sales::verify::repository::{self, CHECKS, Check};

/// The maximum number of differences of one check that are returned.
const MAX_DIFFERENCES: usize = 100;

/// A stored value that differs from the calculated one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The name of the check.
    pub check: &'static str,
    /// The id of the row. None if the check is about a whole table.
    pub id: Option<String>,
    pub found: i64,
    pub expected: i64,
}

/// The result of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub check: &'static str,
    /// At most 100 differences.
    pub differences: Vec<Difference>,
    /// Whether there are more.
    pub has_more: bool,
}

/// Returns the names of all checks.
pub fn names() -> impl Iterator<Item = &'static str> {
    CHECKS
        .iter()
        .flat_map(|checks| *checks)
        .map(|check| check.name)
        .chain(SEARCH_CHECKS)
}

/// Runs all checks, and calls `report` with the outcome of each. A check reads one snapshot of the database, so that
/// concurrent changes do not appear as differences.
pub async fn verify(
    db: &Database,
    mut report: impl FnMut(Outcome) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    for check in CHECKS.iter().flat_map(|checks| *checks) {
        let outcome = run(db, check).await;
        report(outcome.map_err(crate::core::error::Error::into_cause)?)?;
    }
    let found = product::service::verify_search(db, MAX_DIFFERENCES + 1).await;
    let found = found.map_err(crate::core::error::Error::into_cause)?;
    for (check, differences) in SEARCH_CHECKS.into_iter().zip(found) {
        report(search_outcome(check, differences))?;
    }
    Ok(())
}

fn search_outcome(check: &'static str, mut found: SearchDifferences) -> Outcome {
    let has_more = found.len() > MAX_DIFFERENCES;
    found.truncate(MAX_DIFFERENCES);
    let differences = found.into_iter().map(|(product, count)| Difference {
        check,
        id: product.map(TypedId::encode),
        found: i64::try_from(count).unwrap_or(i64::MAX),
        expected: 0,
    });
    Outcome {
        check,
        differences: differences.collect(),
        has_more,
    }
}

async fn run(db: &Database, check: &Check) -> Result<Outcome> {
    let snapshot = db.begin_snapshot().await?;
    let mut rows = repository::differences(&snapshot, check, MAX_DIFFERENCES + 1).await?;
    snapshot.rollback().await?;
    let has_more = rows.len() > MAX_DIFFERENCES;
    rows.truncate(MAX_DIFFERENCES);
    let differences = rows.into_iter().map(|row| Difference {
        check: check.name,
        id: row.id.map(|row| id::encode(check.prefix, row)),
        found: row.found,
        expected: row.expected,
    });
    Ok(Outcome {
        check: check.name,
        differences: differences.collect(),
        has_more,
    })
}
