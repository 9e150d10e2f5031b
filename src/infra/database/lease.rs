//! Leases: tasks that one server performs at a time.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbErr, Statement};
use uuid::Uuid;

use super::Transaction;
use crate::core::clock::Timestamp;

/// The right to perform a task, until it expires.
#[derive(Clone, Debug)]
pub struct Lease {
    name: &'static str,
    holder: String,
}

impl Lease {
    /// Creates a lease of a task, without taking it.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            holder: Uuid::now_v7().to_string(),
        }
    }

    /// Takes or extends the lease from `now` on. Returns whether it is held: false if another server holds it.
    pub async fn hold(
        &self,
        transaction: &Transaction,
        now: Timestamp,
        duration: Duration,
    ) -> Result<bool, DbErr> {
        let sql = "INSERT INTO leases (name, holder, expires_at) VALUES ($1, $2, $3) ON CONFLICT (name) \
            DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at \
            WHERE leases.holder = excluded.holder OR leases.expires_at <= $4";
        let values = [
            self.name.into(),
            self.holder.clone().into(),
            now.after(duration).0.into(),
            now.0.into(),
        ];
        let hold = Statement::from_sql_and_values(transaction.get_database_backend(), sql, values);
        Ok(transaction.execute_raw(hold).await?.rows_affected() > 0)
    }

    /// Gives the lease back.
    pub async fn release(&self, transaction: &Transaction) -> Result<(), DbErr> {
        let sql = "DELETE FROM leases WHERE name = $1 AND holder = $2";
        let values = [self.name.into(), self.holder.clone().into()];
        let release =
            Statement::from_sql_and_values(transaction.get_database_backend(), sql, values);
        transaction.execute_raw(release).await?;
        Ok(())
    }

    /// Whether a server holds the lease of this name.
    pub async fn is_held(
        db: &impl ConnectionTrait,
        name: &'static str,
        now: Timestamp,
    ) -> Result<bool, DbErr> {
        let sql = "SELECT 1 FROM leases WHERE name = $1 AND expires_at > $2";
        let values = [name.into(), now.0.into()];
        let query = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
        Ok(db.query_one_raw(query).await?.is_some())
    }
}
