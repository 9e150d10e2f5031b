//! `wares admin`: creates admins.

use std::io::IsTerminal;

use crate::accounts::auth;
use crate::config::Secret;
use crate::infra::database::migrate;
use crate::state::State;
use anyhow::Context;

use super::print_output;

/// Creates an admin with a password read from the terminal or standard input.
pub async fn create(state: &State, email: &str, name: Option<&str>) -> anyhow::Result<()> {
    migrate::require_current(&state.db).await?;
    let password = tokio::task::spawn_blocking(read_password).await??;
    let created = auth::service::create_admin(state, email, name, &password).await;
    let is_new = created.map_err(crate::core::error::Error::into_cause)?;
    let done = if is_new {
        "is an admin now"
    } else {
        "had an account and is an admin now, with the new password"
    };
    print_output(&format!("{email} {done}\n"))
}

/// Reads the password twice from the terminal without echo, or once from the first line of standard input.
fn read_password() -> anyhow::Result<Secret> {
    if !std::io::stdin().is_terminal() {
        let mut line = String::new();
        let read = std::io::stdin().read_line(&mut line);
        read.context("can't read the password from standard input")?;
        let password = line.trim_end_matches(['\r', '\n']);
        return Ok(password.to_owned().into());
    }
    let prompt = |what| rpassword::prompt_password(what).context("can't read the password");
    let password = prompt("Password: ")?;
    anyhow::ensure!(
        prompt("Repeat password: ")? == password,
        "the passwords differ"
    );
    Ok(password.into())
}
