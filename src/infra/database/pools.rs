//! How many connections there are.

use sea_orm::DbBackend;

use super::Database;

/// The connections of one pool, as they are just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    /// What they are for.
    pub name: &'static str,
    /// All of them.
    pub size: u32,
    /// Those that nothing uses.
    pub idle: usize,
}

impl Database {
    /// The pools of this process: one on PostgreSQL, two on SQLite.
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
