//! Sizes of the connection pools.

use sea_orm::DbBackend;

use super::Database;

/// The current size of a connection pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    /// The name in the metrics: `all`, `reader` or `writer`.
    pub name: &'static str,
    /// The number of connections.
    pub size: u32,
    /// The number of unused connections.
    pub idle: usize,
}

impl Database {
    /// Returns the pools of this process: one on PostgreSQL, two on SQLite.
    pub fn pools(&self) -> Vec<Pool> {
        if self.backend() == DbBackend::Postgres {
            let pool = self.reader.handle.get_postgres_connection_pool();
            return vec![Pool {
                name: "all",
                size: pool.size(),
                idle: pool.num_idle(),
            }];
        }
        let handles = [("reader", &self.reader.handle), ("writer", &self.writer)];
        let pools = handles.into_iter().map(|(name, handle)| {
            let pool = handle.get_sqlite_connection_pool();
            Pool {
                name,
                size: pool.size(),
                idle: pool.num_idle(),
            }
        });
        pools.collect()
    }
}
