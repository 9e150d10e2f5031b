//! The settings of an application in the test process.

use clap::builder::Resettable;
use clap::{CommandFactory, FromArgMatches, Parser};
use wares::config::Config;

#[derive(Debug, Parser)]
struct Settings {
    #[command(flatten)]
    config: Config,
}

/// Parses these flags. Ignores the environment variables of the machine.
pub fn config(flags: &[&str]) -> Config {
    let fixed = ["wares", "--env=development", "--shop-currency=USD"];
    let given = |name: &str| flags.iter().any(|flag| flag.starts_with(name));
    let fixed = fixed.into_iter().filter(|flag| {
        let name = flag.split('=').next().unwrap();
        !given(name)
    });
    let command = Settings::command().mut_args(|setting| setting.env(Resettable::Reset));
    let matches = command.get_matches_from(fixed.chain(flags.iter().copied()));
    Settings::from_arg_matches(&matches).unwrap().config
}
