//! `/metrics`: the metrics of the process in the Prometheus text format.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType,
};
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use crate::core::error::error_chain;
use crate::infra::concurrency_limit::ConcurrencyLimits;
use crate::infra::server_status::{RefusalReason, ServerStatus};
use crate::infra::telemetry::metrics::{Kind, Name, Outcome, Text, write_process};
use crate::platform::jobs;
use crate::state::State as Parts;

/// Response extension: the response has errors, which occurred during or before execution.
#[derive(Clone, Copy, Debug)]
pub struct Failed(pub Outcome);

/// Response extension for the log: the operation and its outcome.
#[derive(Clone, Debug)]
pub struct Operation {
    pub kind: Kind,
    pub name: Arc<str>,
    pub outcome: Outcome,
}

/// The operation of a request, once known.
#[derive(Clone, Debug)]
pub struct OperationLabels {
    pub kind: Kind,
    pub name: Name,
    /// The name of the operation, if it has no label yet.
    pub new: Option<String>,
}

impl OperationLabels {
    /// The labels of a cached response, which is always one to a query.
    pub const fn cached() -> Self {
        Self {
            kind: Kind::Query,
            name: Name::CACHED,
            new: None,
        }
    }

    /// Returns the metrics labels of an operation.
    pub fn of(
        state: &Parts,
        document: &ExecutableDocument,
        operation: &OperationDefinition,
    ) -> Self {
        let kind = match operation.ty {
            OperationType::Query => Kind::Query,
            OperationType::Mutation => Kind::Mutation,
            OperationType::Subscription => Kind::Subscription,
        };
        let called = match &document.operations {
            DocumentOperations::Single(_) => None,
            DocumentOperations::Multiple(all) => all
                .iter()
                .find(|(_, one)| std::ptr::eq(&raw const one.node, operation))
                .map(|(name, _)| name.as_str()),
        };
        let name = state.metrics.name(called);
        let new = called.filter(|_| name == Name::OTHER);
        Self {
            kind,
            name,
            new: new.map(ToOwned::to_owned),
        }
    }
}

/// Counts a request, and adds the operation to the response for the log.
pub fn count(
    state: &Parts,
    labels: OnceLock<OperationLabels>,
    executed: bool,
    response: &mut Response,
    started: Instant,
) {
    let labels = labels.into_inner().unwrap_or(OperationLabels {
        kind: Kind::Unknown,
        name: Name::NONE,
        new: None,
    });
    let outcome = if !executed || response.status().as_u16() >= 400 {
        Outcome::Refused
    } else {
        let failed = response.extensions().get::<Failed>();
        failed.map_or(Outcome::Ok, |failed| failed.0)
    };
    let (metrics, new) = (&state.metrics, labels.new.as_deref());
    let name = metrics.count(labels.kind, labels.name, new, outcome, started.elapsed());
    let name = metrics.words(name);
    let kind = labels.kind;
    let operation = Operation {
        kind,
        name,
        outcome,
    };
    response.extensions_mut().insert(operation);
}

fn write_concurrency(limits: &ConcurrencyLimits, text: &mut Text) {
    let kinds = [
        ("query", &limits.queries),
        ("mutation", &limits.mutations),
        ("upload", &limits.uploads),
        ("object", &limits.objects),
    ];
    let name = "wares_requests_under_way";
    text.head(name, "gauge", "Requests in flight.");
    for (kind, limit) in kinds {
        text.sample(name, &[("kind", kind)], limit.held());
    }
    let name = "wares_requests_turned_away_total";
    text.head(name, "counter", "Requests refused because of overload.");
    for (kind, limit) in kinds {
        text.sample(name, &[("kind", kind)], limit.refused());
    }
}

fn write_refusals(server: &ServerStatus, text: &mut Text) {
    let name = "wares_refusals_total";
    let help = "Connections and requests that were refused before they were read, by reason.";
    text.head(name, "counter", help);
    for reason in RefusalReason::ALL {
        text.sample(name, &[("reason", reason.name())], server.refused(reason));
    }
}

/// Returns all metrics of this process.
pub async fn metrics(State(state): State<Parts>) -> Response {
    let mut text = Text::default();
    state.metrics.write(&mut text);
    let name = "wares_read_cache_bytes";
    let help = "Memory of cached responses, in bytes.";
    text.gauge(name, help, state.read_cache.weight());
    let name = "wares_password_queue";
    let help = "Requests waiting for a password to be hashed.";
    text.gauge(name, help, state.hasher.waiting());
    write_concurrency(&state.concurrency, &mut text);
    write_refusals(&state.server_status, &mut text);
    let name = "wares_connections";
    text.gauge(
        name,
        "Open client connections.",
        state.server_status.connections(),
    );
    let (all, idle) = ("wares_database_connections", "wares_database_idle");
    let pools = state.db.pools();
    text.head(all, "gauge", "Connections to the database.");
    for pool in &pools {
        text.sample(all, &[("pool", pool.name)], pool.size);
    }
    text.head(idle, "gauge", "Idle connections to the database.");
    for pool in &pools {
        text.sample(idle, &[("pool", pool.name)], pool.idle);
    }
    match state.metrics.outbox(jobs::service::pending(&state)).await {
        Ok(outbox) => {
            let help = "Pending jobs: emails, images.";
            text.gauge("wares_outbox_waiting", help, outbox.waiting);
            let help = "Pending jobs that were started before: running or to be retried.";
            text.gauge("wares_outbox_tried", help, outbox.tried);
        }
        // The other metrics are still returned: they are needed most during an outage of the database.
        Err(error) => {
            let cause = error.into_cause();
            tracing::warn!(cause = error_chain(&cause), "counting pending jobs failed");
        }
    }
    write_process(&mut text);
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(CONTENT_TYPE, kind)], text.into_string()).into_response()
}
