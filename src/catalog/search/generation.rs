//! Generations of the index: while it is rebuilt for another analysis of words, the old words answer searches.
//!
//! Searches read the active generation. Each change of a product is written to the active generation and to the one
//! being built, in the transaction of the change. A writer holds a shared lock on the row of `search_generation` until
//! it commits, so that starting a build and switching to it wait for writers that do not know of it: no change is lost.
//!
//! While the old generation answers, the words of searches are analyzed as the process does, by its version.

use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement};

use crate::infra::database::{Catalog, DueCondition, Transaction};

/// The subquery of the active generation.
pub(super) const ACTIVE: &str = "(SELECT active FROM search_generation)";

/// The generations of the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generations {
    /// The number of the generation that answers searches.
    pub active: i32,
    /// The version of the analyzer that built it. Empty if the index was never built.
    pub version: String,
    /// The number and the version of the generation that is being built.
    pub building: Option<(i32, String)>,
    /// The highest number that was used. Numbers are not used again.
    pub latest: i32,
    /// Whether there are no rows of other generations.
    pub is_clean: bool,
    /// Whether changes are recorded for a search engine.
    pub has_engine: bool,
}

const COLUMNS: &str = "SELECT active, version, building, building_version, latest, cleaned, \
     EXISTS (SELECT 1 FROM search_engine) AS has_engine FROM search_generation";

impl Generations {
    /// Reads the generations.
    pub async fn read(db: &impl ConnectionTrait) -> Result<Self, DbErr> {
        let read = Statement::from_string(db.get_database_backend(), COLUMNS);
        Self::of(db.query_one_raw(read).await?.as_ref())
    }

    /// Reads the generations that a transaction has to write. They stay the same until it ends.
    pub async fn lock_shared(transaction: &Transaction) -> Result<Self, DbErr> {
        let backend = transaction.get_database_backend();
        let lock = if backend == DbBackend::Postgres {
            " FOR SHARE"
        } else {
            ""
        };
        let read = Statement::from_string(backend, format!("{COLUMNS}{lock}"));
        Self::of(transaction.query_one_raw(read).await?.as_ref())
    }

    /// Reads the generations to change them. Returns `None` if a transaction that writes the index is running: waiting
    /// for it here would make the next ones wait, which it may wait for.
    pub async fn lock(transaction: &Transaction) -> Result<Option<Self>, DbErr> {
        let backend = transaction.get_database_backend();
        let lock = if backend == DbBackend::Postgres {
            " FOR UPDATE SKIP LOCKED"
        } else {
            ""
        };
        let read = Statement::from_string(backend, format!("{COLUMNS}{lock}"));
        let row = transaction.query_one_raw(read).await?;
        row.map(|row| Self::of(Some(&row))).transpose()
    }

    fn of(row: Option<&QueryResult>) -> Result<Self, DbErr> {
        let row = row.ok_or_else(|| DbErr::RecordNotFound("search_generation".to_owned()))?;
        let building: Option<i32> = row.try_get("", "building")?;
        let version: Option<String> = row.try_get("", "building_version")?;
        Ok(Self {
            active: row.try_get("", "active")?,
            version: row.try_get("", "version")?,
            building: building.zip(version),
            latest: row.try_get("", "latest")?,
            is_clean: row.try_get("", "cleaned")?,
            has_engine: row.try_get("", "has_engine")?,
        })
    }

    /// Returns the condition that a generation is being built, or has to be deleted.
    pub fn unfinished_condition() -> DueCondition {
        let unfinished = Query::select()
            .column("latest")
            .from("search_generation")
            .and_where(
                Expr::col("building")
                    .is_not_null()
                    .or(Expr::col("cleaned").eq(false)),
            )
            .take();
        DueCondition::exists(unfinished)
    }

    /// Returns the generations that a change is written to.
    pub fn written(&self) -> Vec<i32> {
        let building = self.building.as_ref().map(|(number, _)| *number);
        [self.active].into_iter().chain(building).collect()
    }

    /// Returns the version of the newest generation.
    pub fn newest_version(&self) -> &str {
        self.building
            .as_ref()
            .map_or(self.version.as_str(), |(_, version)| version)
    }

    /// Stores them.
    pub async fn store(&self, transaction: &Transaction) -> Result<(), DbErr> {
        // Searches find other rows when the active generation changes.
        transaction.touch(Catalog::All);
        let (building, version) = self.building.clone().unzip();
        let update = Statement::from_sql_and_values(
            transaction.get_database_backend(),
            "UPDATE search_generation SET active = $1, version = $2, building = $3, building_version = $4, \
             latest = $5, cleaned = $6",
            [
                self.active.into(),
                self.version.clone().into(),
                building.into(),
                version.into(),
                self.latest.into(),
                self.is_clean.into(),
            ],
        );
        transaction.execute_raw(update).await?;
        Ok(())
    }
}
