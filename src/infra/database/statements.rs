//! Records executed statements: slow ones in the log, and all of them in traces.

use std::time::Duration;

use sea_orm::{DatabaseConnection, DbBackend, Statement};

use crate::infra::telemetry::traces;

/// The maximum number of recorded characters of a statement, which may have a thousand rows.
const TOLD: usize = 500;

/// Traces each statement of this handle, and logs those that take longer than `longest`. Values are never recorded.
pub fn watch(handle: &mut DatabaseConnection, longest: Option<Duration>) {
    handle.set_metric_callback(move |info| {
        let system = match info.statement.db_backend {
            DbBackend::Postgres => "postgresql",
            _ => "sqlite",
        };
        let told = || head(info.statement);
        traces::statement(system, told, info.elapsed, info.failed);
        if longest.is_some_and(|longest| info.elapsed > longest) {
            let duration_ms = info.elapsed.as_secs_f64() * 1_000.0;
            tracing::warn!(duration_ms, statement = told(), "slow statement");
        }
    });
}

fn head(statement: &Statement) -> &str {
    let end = statement.sql.char_indices().nth(TOLD);
    end.map_or(&statement.sql, |(end, _)| &statement.sql[..end])
}
