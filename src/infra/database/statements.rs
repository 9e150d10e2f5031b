//! Records executed statements: slow ones in the log, and all of them in traces.

use std::time::Duration;

use sea_orm::{DatabaseConnection, DbBackend, Statement};

use crate::infra::telemetry::{log, traces};

/// The maximum number of recorded characters of a statement, which may have a thousand rows.
const MAX_RECORDED_CHARACTERS: usize = 500;

/// Traces each statement of this handle, and logs those that take longer than `slow_after`. Values are never recorded.
pub fn watch(handle: &mut DatabaseConnection, slow_after: Option<Duration>) {
    handle.set_metric_callback(move |info| {
        let system = match info.statement.db_backend {
            DbBackend::Postgres => "postgresql",
            _ => "sqlite",
        };
        let text = || head(info.statement);
        traces::statement(system, text, info.elapsed, info.failed);
        if slow_after.is_some_and(|slow_after| info.elapsed > slow_after) {
            let duration_ms = log::milliseconds(info.elapsed);
            tracing::warn!(duration_ms, statement = text(), "slow statement");
        }
    });
}

fn head(statement: &Statement) -> &str {
    let end = statement.sql.char_indices().nth(MAX_RECORDED_CHARACTERS);
    end.map_or(&statement.sql, |(end, _)| &statement.sql[..end])
}
