//! `wares jobs`: background jobs that are pending or have failed.

use crate::core::clock::Timestamp;
use crate::core::error::Error;
use crate::core::id::TypedId;
use crate::infra::database::migrate;
use crate::platform::jobs::JobId;
use crate::platform::jobs::entity::Model;
use crate::platform::jobs::list::JobState;
use crate::platform::jobs::service;
use crate::state::State;
use anyhow::Context;
use clap::{Args, Subcommand};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::print_output;

#[derive(Clone, Debug, Args)]
pub struct Jobs {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Clone, Debug, Subcommand)]
enum Command {
    /// Queue failed jobs again.
    Retry(Retry),
}

#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = false)]
struct Retry {
    /// The id of a job, as `wares jobs` prints it.
    id: Option<String>,
    /// All failed jobs.
    #[arg(long)]
    all: bool,
}

/// Lists jobs, or retries failed ones.
pub async fn run(state: &State, jobs: &Jobs) -> anyhow::Result<()> {
    migrate::require_current(&state.db).await?;
    let Some(Command::Retry(retry)) = &jobs.command else {
        return list(state).await;
    };
    let count = match &retry.id {
        None => service::retry_all_for_operator(state).await,
        Some(id) => retry_one(state, id).await.map(|()| 1),
    };
    let count = count.map_err(Error::into_cause)?;
    print_output(&format!("{count} jobs queued again\n"))
}

async fn retry_one(state: &State, id: &str) -> crate::core::error::Result<()> {
    let id = JobId::parse(id, "id")?;
    service::retry_for_operator(state, id).await.map(|_| ())
}

async fn list(state: &State) -> anyhow::Result<()> {
    for (title, of) in [("failed", JobState::Failed), ("pending", JobState::Pending)] {
        let page = service::list_for_operator(&state.db, of).await;
        let page = page.map_err(Error::into_cause)?;
        for job in &page.rows {
            print_output(&line(title, job)?)?;
        }
        if page.has_next {
            print_output(&format!("{title}  and more, queued before these\n"))?;
        }
    }
    Ok(())
}

/// One job: state, id, kind, attempts, when it failed or is attempted next, subject, error.
fn line(state: &str, job: &Model) -> anyhow::Result<String> {
    let id = JobId(job.id).encode();
    let at = time(job.failed_at.unwrap_or(job.due_at))?;
    let subject = service::subject(job).unwrap_or("-");
    let error = job.last_error.as_deref().unwrap_or("-");
    let (kind, attempts) = (&job.kind, job.attempts);
    let error = error.replace(char::is_control, " ");
    Ok(format!(
        "{state:<7}  {id}  {kind}  attempts={attempts}  {at}  {subject}  {error}\n"
    ))
}

fn time(at: Timestamp) -> anyhow::Result<String> {
    let time = OffsetDateTime::from_unix_timestamp(at.seconds());
    let text = time.ok().and_then(|time| time.format(&Rfc3339).ok());
    text.context("the time of a job is out of range")
}
