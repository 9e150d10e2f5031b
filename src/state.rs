//! What a request may reach. Cheap to clone.

use std::sync::Arc;

use crate::clock::Clock;
use crate::config::Config;
use crate::database::Database;

/// The parts that the whole process shares.
#[derive(Clone, Debug)]
pub struct State {
    pub config: Arc<Config>,
    pub db: Database,
    pub clock: Clock,
}

impl State {
    /// The state of a process with these settings and this database.
    pub fn new(config: Config, db: Database, clock: Clock) -> Self {
        Self {
            config: Arc::new(config),
            db,
            clock,
        }
    }
}
