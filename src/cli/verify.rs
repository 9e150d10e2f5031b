//! `wares verify`: calculates stored sums again and prints the differences.

use std::process::ExitCode;

use super::print_output;
use crate::infra::database::migrate;
use crate::sales::verify::service::{self, Difference, Outcome};
use crate::state::State;

/// Prints a line for each difference, at most 100 for each check. Fails with exit code 1 if there is one.
pub async fn run(state: &State) -> anyhow::Result<ExitCode> {
    migrate::require_current(&state.db).await?;
    let mut count = 0;
    service::verify(&state.db, |outcome| {
        count += outcome.differences.len();
        print(&outcome)
    })
    .await?;
    if count > 0 {
        return Ok(ExitCode::FAILURE);
    }
    let checks = service::names().count();
    print_output(&format!("ok: {checks} checks found no difference\n"))?;
    Ok(ExitCode::SUCCESS)
}

fn print(outcome: &Outcome) -> anyhow::Result<()> {
    for difference in &outcome.differences {
        print_output(&line(difference))?;
    }
    if outcome.has_more {
        print_output(&format!("{}: there are more differences\n", outcome.check))?;
    }
    Ok(())
}

fn line(difference: &Difference) -> String {
    let Difference {
        check,
        id,
        found,
        expected,
    } = difference;
    let id = id.as_deref().map(|id| format!("{id} "));
    let id = id.unwrap_or_default();
    format!("{check}: {id}is {found}, expected {expected}\n")
}
