//! The generated pages of `docs/reference`.

use std::fmt::Write;
use std::path::Path;

use clap::{Arg, Args, Command};
use wares::config::Config;
use wares::core::error::Code;

/// Compares a page with its generated text, or writes it when `WARES_UPDATE_DOCS` is set.
fn assert_generated(page: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs/reference")
        .join(page);
    if std::env::var_os("WARES_UPDATE_DOCS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let page = std::fs::read_to_string(&path).unwrap();
    assert_eq!(
        page, text,
        "run `WARES_UPDATE_DOCS=1 cargo test --test api reference`"
    );
}

/// The text of one cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "&#124;").replace('\n', " ")
}

fn row(setting: &Arg) -> (&str, String) {
    let variable = setting.get_env().unwrap().to_str().unwrap();
    let defaults = setting.get_default_values();
    let default = defaults.first().map_or_else(String::new, |default| {
        format!("`{}`", default.to_str().unwrap())
    });
    let help = setting
        .get_long_help()
        .or(setting.get_help())
        .unwrap()
        .to_string();
    assert!(help.len() > 20, "{variable}: {help}");
    (
        variable,
        format!("| `{variable}` | {default} | {} |\n", cell(&help)),
    )
}

#[test]
fn the_reference_of_settings_is_generated_and_complete() {
    let command = Config::augment_args(Command::new("wares"));
    let mut groups: Vec<(&str, String)> = Vec::new();
    let mut variables = Vec::new();
    for setting in command
        .get_arguments()
        .filter(|argument| argument.get_env().is_some())
    {
        let group = setting.get_help_heading().unwrap();
        let (variable, row) = row(setting);
        variables.push(variable);
        match groups.iter_mut().find(|(name, _)| *name == group) {
            Some((_, rows)) => rows.push_str(&row),
            None => groups.push((group, row)),
        }
    }
    assert!(variables.len() > 80, "{variables:?}");
    let mut page = "# Settings\n\n\
        Generated from the code by `WARES_UPDATE_DOCS=1 cargo test --test api reference`.\n\n\
        Each setting is an environment variable and a flag (`WARES_DATA_DIR` is `--data-dir`). Flags win over variables, variables \
        over a `.env`\nfile in the current folder ([`.env.example`](../../.env.example)). An empty variable means the default. \
        Durations are written as\n`10s`, `5m`, `1h`, `30d`; rates as `3/1h`: three at once, and one more every 20 minutes.\n\n\
        A variable that looks like a setting and is none (`FRONTEND_URL`, any other `WARES_...`) is a warning at start, with the \
        nearest name.\n"
        .to_owned();
    for (name, rows) in groups {
        write!(
            page,
            "\n## {name}\n\n| variable | default | meaning |\n|---|---|---|\n{rows}"
        )
        .unwrap();
    }
    assert_generated("settings.md", &page);
}

#[test]
fn the_reference_of_errors_is_generated_and_complete() {
    let mut page = "# Error codes\n\n\
        Generated from the code by `WARES_UPDATE_DOCS=1 cargo test --test api reference`.\n\n\
        ## Codes of `errors`\n\n\
        `extensions.code` of an entry in `errors`. Clients must accept unknown codes.\n\n| code | meaning |\n|---|---|\n"
        .to_owned();
    for code in Code::ALL {
        writeln!(page, "| `{}` | {} |", code.as_str(), cell(code.meaning())).unwrap();
    }
    page.push_str(
        "\n## Codes of `userErrors`\n\n\
         `code` of an entry in a payload's `userErrors`: an error that a form can show. Nothing was changed, except in `updateProducts` with `REJECT_FAILED`.\n\n\
         | code | meaning |\n|---|---|\n",
    );
    let sdl = wares::api::schema::sdl();
    let (_, codes) = sdl.split_once("enum UserErrorCode {\n").unwrap();
    let (codes, _) = codes.split_once("\n}").unwrap();
    let mut meaning = String::new();
    let mut count = 0;
    for line in codes.lines().map(str::trim) {
        if line
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
        {
            assert!(!meaning.is_empty(), "{line}");
            writeln!(
                page,
                "| `{line}` | {} |",
                cell(&std::mem::take(&mut meaning))
            )
            .unwrap();
            count += 1;
        } else {
            let text = line.trim_matches('"').trim();
            let space = if meaning.is_empty() || text.is_empty() {
                ""
            } else {
                " "
            };
            meaning.push_str(space);
            meaning.push_str(text);
        }
    }
    assert!(count >= 12, "{count}");
    assert_generated("errors.md", &page);
}
