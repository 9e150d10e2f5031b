//! The text that a server prints at startup in development: the URLs, paths and commands that a new user needs.

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::accounts::auth::service::FirstAdmin;
use crate::infra::database::Address;
use crate::state::State;

/// The storefront to start from, in a checkout.
const STOREFRONT: &str = "examples/storefront";
/// The address of the repository, or an empty text.
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// Prints the banner. `admin` is the demo admin if this start created one.
pub fn print(state: &State, address: SocketAddr, admin: Option<&FirstAdmin>) -> anyhow::Result<()> {
    let config = &state.config;
    let url = config.public_url(address);
    let data = match config.database()? {
        Address::Sqlite(path) => absolute(path).display().to_string(),
        Address::Postgres(_) => "PostgreSQL (DATABASE_URL)".to_owned(),
    };
    let mail = match state.mailer.folder() {
        Some(folder) => absolute(folder.clone()).display().to_string(),
        None => "SMTP (SMTP_URL)".to_owned(),
    };
    let graphiql = config
        .graphiql()
        .then(|| format!("{url}/graphql, in a browser"));
    let lines = [
        ("API", Some(format!("{url}/graphql"))),
        ("GraphiQL", graphiql),
        ("Admin", Some(describe_admin(admin))),
        ("Storefront", storefront()),
        ("Data", Some(data)),
        ("Emails", Some(mail)),
        ("Images", Some(state.storage.place().to_owned())),
        ("Stop", Some("Ctrl+C".to_owned())),
    ];
    let mut text = format!("\n  {} is running.\n\n", config.shop_name);
    for (label, value) in lines {
        if let Some(value) = value {
            writeln!(text, "  {label:<10}  {value}")?;
        }
    }
    // A write error must not prevent serving.
    _ = writeln!(std::io::stdout(), "{text}");
    Ok(())
}

/// Returns how to sign in as an admin: the password of a new one, or the command that sets one.
fn describe_admin(admin: Option<&FirstAdmin>) -> String {
    if let Some(admin) = admin {
        let password = admin.password.expose();
        return format!("{}, password {password} (shown only once)", admin.email);
    }
    // As it was started, because a program that cargo built is not in the PATH.
    let program = std::env::args().next();
    let program = program.unwrap_or_else(|| "wares".to_owned());
    format!("{program} admin create --email admin@example.com (also sets a new password)")
}

/// Returns the command that starts the storefront of a checkout, or else the address of the storefront guide, if known.
fn storefront() -> Option<String> {
    if Path::new(STOREFRONT).join("package.json").is_file() {
        return Some(format!("cd {STOREFRONT} && npm ci && npm run dev"));
    }
    let repository = Some(REPOSITORY).filter(|address| !address.is_empty());
    repository.map(|address| format!("{address}/blob/main/docs/storefront.md"))
}

fn absolute(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}
