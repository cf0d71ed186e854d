//! The manual's command reference, made from the same words as the help.

use clap::{Command, CommandFactory};

use super::arguments::Arguments;

/// The whole page `docs-offline/commands.md`; a test holds that the committed one is this.
#[must_use]
pub fn page() -> String {
    let mut text = String::from(
        "# Command reference\n\nEvery verb of `vaultmark`. This page is made from the program's own help.\n\n\
         Results go to standard output, progress and errors to standard error. `--json` prints one JSON document. \
         Exit codes: 0 done, 1 refused or check failed, 2 usage, 3 locked or wrong credential, 4 done in part.\n\n",
    );
    let mut root = Arguments::command();
    root.build();
    text.push_str("## Options of every command\n\n");
    for option in root.get_arguments().filter(|a| a.is_global_set()) {
        text.push_str(&line(option));
    }
    for command in root.get_subcommands().filter(|c| !c.is_hide_set() && c.get_name() != "help") {
        describe(command, &format!("vaultmark {}", command.get_name()), &mut text);
    }
    text
}

fn describe(command: &Command, path: &str, text: &mut String) {
    let inner: Vec<&Command> =
        command.get_subcommands().filter(|c| !c.is_hide_set() && c.get_name() != "help").collect();
    if !inner.is_empty() {
        for sub in inner {
            describe(sub, &format!("{path} {}", sub.get_name()), text);
        }
        return;
    }
    text.push_str(&format!("\n## {path}\n\n"));
    if let Some(about) = command.get_about() {
        text.push_str(&format!("{about}.\n\n"));
    }
    for argument in command.get_arguments() {
        if argument.is_global_set() || matches!(argument.get_id().as_str(), "help" | "version") {
            continue;
        }
        text.push_str(&line(argument));
    }
}

fn line(argument: &clap::Arg) -> String {
    let value = argument
        .get_value_names()
        .filter(|_| argument.get_action().takes_values())
        .map(|names| names.iter().map(|n| format!("<{n}>")).collect::<Vec<_>>().join(" "));
    let name = match (argument.get_long(), value) {
        (Some(long), Some(value)) => format!("--{long} {value}"),
        (Some(long), None) => format!("--{long}"),
        (None, value) => {
            value.unwrap_or_else(|| format!("<{}>", argument.get_id().as_str().to_uppercase()))
        }
    };
    let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
    let default: Vec<_> =
        argument.get_default_values().iter().map(|v| v.to_string_lossy().into_owned()).collect();
    let env = argument.get_env().map(|e| format!(" (environment: `{}`)", e.to_string_lossy()));
    let default = if default.is_empty() || !argument.get_action().takes_values() {
        String::new()
    } else {
        format!(" (default: `{}`)", default.join(" "))
    };
    format!("- `{name}`: {help}{default}{}\n", env.unwrap_or_default())
}
