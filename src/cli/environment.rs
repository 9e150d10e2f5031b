//! Reads settings from environment variables and `.env`, under their current or former names.

use std::ffi::OsStr;
use std::fmt::Write;
use std::fs;
use std::io::ErrorKind;

use anyhow::{Context, bail};
use clap::CommandFactory;
use clap::builder::Resettable;
use clap::error::{ContextKind, ContextValue};
use strsim::osa_distance;

use super::{Cli, help};

/// Settings that are also read from a variable of the former system. The current name has precedence.
const OTHER_NAMES: [(&str, &str); 2] = [
    ("S3_BUCKET", "S3_BUCKET_NAME"),
    ("GOOGLE_REDIRECT_URL", "REDIRECT_URI"),
];

/// The prefix that only variables of Wares have.
const PREFIX: &str = "WARES_";
/// The prefix of variables of the tests, which are no settings.
const TEST_PREFIX: &str = "WARES_TEST_";

/// The variables set by `.env` in the current folder, with their line numbers.
pub struct EnvFile(Vec<(String, usize)>);

impl EnvFile {
    /// Reads `.env` if it exists. Variables of the environment have precedence.
    ///
    /// # Errors
    /// One line for the operator, with the line number of the file and without its content.
    pub fn load() -> anyhow::Result<Self> {
        let bytes = match fs::read(".env") {
            Ok(bytes) => bytes,
            // A folder of this name may be a Python virtual environment.
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::IsADirectory) => {
                return Ok(Self(Vec::new()));
            }
            Err(error) => return Err(error).context("can't read .env"),
        };
        let text = match str::from_utf8(&bytes) {
            Ok(text) => text.strip_prefix('\u{feff}').unwrap_or(text),
            Err(error) => {
                let before = &bytes[..error.valid_up_to()];
                bail!(".env, line {}: this is not UTF-8 text", line_after(before));
            }
        };
        if let Some((before, _)) = text.split_once('\0') {
            let line = line_after(before.as_bytes());
            bail!(".env, line {line}: there is a NUL character");
        }
        let items: Result<Vec<_>, _> = dotenvy::from_read_iter(text.as_bytes()).collect();
        let Ok(items) = items else {
            let line = line_of_error(text);
            bail!(
                ".env, line {line}: not of the form NAME=value; quote a value with spaces, quotes or $ in single quotes"
            );
        };
        let new = items
            .into_iter()
            .map(|(name, _)| name)
            .filter(|name| std::env::var_os(name).is_none());
        let set = new.map(|name| (line_of(text, &name), name));
        let set = set.map(|(line, name)| (name, line)).collect();
        dotenvy::from_read(text.as_bytes()).context("can't read .env")?;
        Ok(Self(set))
    }

    /// Returns the name of a variable for a message, with its line if it came from the file.
    fn locate(&self, variable: &str) -> String {
        match self.0.iter().find(|(name, _)| name == variable) {
            Some((_, line)) => format!("{variable} in .env, line {line}"),
            None => variable.to_owned(),
        }
    }

    /// Logs a warning for each variable that resembles a setting but is none.
    pub fn warn_about_misspelt(&self) {
        let command = Cli::command();
        let arguments = command.get_arguments();
        let ours = arguments.filter_map(|argument| argument.get_env()?.to_str());
        let settings: Vec<_> = ours.chain(OTHER_NAMES.map(|(_, other)| other)).collect();
        for (variable, value) in std::env::vars_os() {
            let Some(variable) = variable.to_str() else {
                continue;
            };
            if is_of_kubernetes(variable, &value) {
                continue;
            }
            let setting = self.locate(variable);
            match find_misspelt(variable, &settings) {
                Some(UnknownSetting {
                    nearest: Some(nearest),
                }) => tracing::warn!(
                    "{setting} is not a setting and has no effect. Did you mean {nearest}?"
                ),
                Some(UnknownSetting { nearest: None }) => tracing::warn!(
                    "{setting} is not a setting and has no effect. `wares serve --help` lists the settings"
                ),
                None => {}
            }
        }
    }
}

/// Returns the line number at the end of these bytes.
fn line_after(before: &[u8]) -> usize {
    before.split(|byte| *byte == b'\n').count()
}

/// Returns the number of the first line that makes the text invalid: the first line after the longest valid
/// beginning, because a quoted value may span several lines.
fn line_of_error(text: &str) -> usize {
    let lines: Vec<_> = text.split_inclusive('\n').collect();
    let is_readable = |count: &usize| {
        let text = lines[..*count].concat();
        dotenvy::from_read_iter(text.as_bytes()).all(|item| item.is_ok())
    };
    let readable = (0..lines.len()).rev().find(is_readable);
    readable.unwrap_or_default() + 1
}

fn line_of(text: &str, name: &str) -> usize {
    let sets = |line: &str| {
        let line = line.trim_start();
        let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
        let rest = line.strip_prefix(name);
        rest.is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    text.lines().position(sets).unwrap_or_default() + 1
}

/// Returns the command line. A variable that is empty counts as one that is not set. Each command takes all settings, and
/// its help shows those that it reads.
pub fn command() -> clap::Command {
    let command = Cli::command();
    let name = std::env::args_os()
        .skip(1)
        .find_map(|argument| Some(command.find_subcommand(&argument)?.get_name().to_owned()));
    let name = name.unwrap_or_default();
    let is_set = |name: &OsStr| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    command.mut_args(|argument| {
        let argument = argument.global(true);
        let Some(ours) = argument.get_env().map(ToOwned::to_owned) else {
            return argument;
        };
        let is_read = ours.to_str().is_some_and(|ours| help::reads(&name, ours));
        let argument = argument.hide(!is_read);
        if is_set(&ours) {
            return argument;
        }
        let other = OTHER_NAMES.iter().find(|(name, _)| ours == *name);
        match other {
            Some((_, other)) if is_set(OsStr::new(other)) => argument.env(other),
            _ if std::env::var_os(&ours).is_some() => argument.env(Resettable::Reset),
            _ => argument,
        }
    })
}

/// Formats a command line error on one line, without other hints than the nearest name, with the variable that the value came from.
pub fn one_line(error: &clap::Error, file: &EnvFile) -> String {
    let text = error.render().to_string();
    // Missing arguments and possible values are on separate lines before the hints.
    let lines = text
        .lines()
        .map(str::trim)
        .take_while(|line| !line.is_empty());
    let line = lines.collect::<Vec<_>>().join(" ");
    let mut line = line.trim_start_matches("error: ").to_owned();
    if let Some(nearest) = suggestion(error) {
        // Writing to memory can't fail.
        _ = write!(line, ". Did you mean `{nearest}`?");
    }
    let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg) else {
        return line;
    };
    let command = command();
    let mut settings = command.get_arguments();
    let flag = |name: &str| argument.starts_with(&format!("--{name} "));
    let variable = settings
        .find(|setting| setting.get_long().is_some_and(flag))
        .and_then(|setting| setting.get_env());
    match variable {
        Some(variable) => format!("{line} ({})", file.locate(&variable.to_string_lossy())),
        None => line,
    }
}

/// Returns the command or flag that resembles an unknown one.
fn suggestion(error: &clap::Error) -> Option<&str> {
    let kinds = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg];
    kinds.into_iter().find_map(|kind| match error.get(kind)? {
        ContextValue::String(nearest) => Some(nearest.as_str()),
        ContextValue::Strings(nearest) => nearest.first().map(String::as_str),
        _ => None,
    })
}

/// A variable that resembles a setting but is none.
struct UnknownSetting<'a> {
    nearest: Option<&'a str>,
}

/// Returns whether a variable resembles a setting but is none, with the nearest setting, if any.
fn find_misspelt<'a>(variable: &str, settings: &[&'a str]) -> Option<UnknownSetting<'a>> {
    let capitals = variable.to_uppercase();
    let is_ours = capitals.starts_with(PREFIX);
    if settings.contains(&variable) || capitals.starts_with(TEST_PREFIX) {
        return None;
    }
    let bare = capitals.strip_prefix(PREFIX).unwrap_or(&capitals);
    let allowed = match bare.len() {
        length if is_ours => (length / 3).max(1),
        ..8 => 1,
        8..12 => 2,
        // A plural, or a missing suffix such as `_ID`.
        _ => 3,
    };
    let distance = |setting: &str| match setting.strip_suffix(bare) {
        // In lower case.
        _ if setting == capitals => 0,
        // With the prefix before it, or instead of another one.
        Some("") if is_ours => 0,
        Some(before) if is_ours && bare.len() > 4 && before.ends_with('_') => 1,
        _ => osa_distance(setting, &capitals),
    };
    let nearest = settings
        .iter()
        .map(|setting| (distance(setting), *setting))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, setting)| setting);
    (is_ours || nearest.is_some()).then_some(UnknownSetting { nearest })
}

/// Returns whether Kubernetes sets this variable for a service named `wares`: `WARES_SERVICE_HOST`,
/// `WARES_PORT=tcp://...`, `WARES_PORT_8000_TCP_ADDR`.
fn is_of_kubernetes(variable: &str, value: &OsStr) -> bool {
    let value = value.to_string_lossy();
    let is_address = value.starts_with("tcp://") || value.starts_with("udp://");
    variable.contains("_SERVICE_HOST")
        || variable.contains("_SERVICE_PORT")
        || variable.ends_with("_PORT") && is_address
        || variable.contains("_PORT_")
            && ["_TCP", "_UDP"].iter().any(|kind| variable.contains(kind))
}
