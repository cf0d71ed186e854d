//! The command line: words, prompts, progress, results. Every verb goes through the same journeys
//! and the same door as the window.

pub mod arguments;
mod commands;
mod interrupt;
pub mod output;
pub mod reference;
mod secrets;
mod sign_in;
mod verbose;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

use crate::AppError;
use arguments::{Arguments, Command};
use output::Output;

/// How a verb ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Everything was done.
    Done,
    /// A check found something.
    Failed,
    /// Some of it was done; the report names the rest.
    Partly,
}

/// Runs one command line and gives the exit code.
#[must_use]
pub fn run(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(words) {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    if arguments.common.verbose {
        verbose::listen();
    }
    let mut output = Output::new(arguments.common.json, arguments.common.quiet);
    let ending = dispatch(&arguments, &mut output);
    match ending.and_then(|ending| output.finish().map(|()| ending)) {
        Ok(Ending::Done) => ExitCode::SUCCESS,
        Ok(Ending::Failed) => ExitCode::from(1),
        Ok(Ending::Partly) => ExitCode::from(4),
        Err(error) => {
            output.error(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

fn dispatch(arguments: &Arguments, output: &mut Output) -> Result<Ending, AppError> {
    let common = &arguments.common;
    match &arguments.command {
        Command::Init(init) => commands::init::run(common, init, output),
        Command::Project(command) => commands::project::run(common, command, output),
        Command::Import(import) => commands::import::run(common, import, output),
        Command::Items(command) => commands::items::run(common, command, output),
        Command::Labels(command) => commands::labels::run(common, command, output),
        Command::Annotations(command) => commands::annotations::run(common, command, output),
        Command::Bundle(command) => commands::bundle::run(common, command, output),
        Command::Check => commands::check::run(common, output),
        Command::Posture(wish) => commands::posture::run(common, wish, output),
        Command::Manual(manual) => commands::manual::run(manual, output),
        Command::Completions(completions) => commands::documents::completions(completions, output),
        Command::Man(man) => commands::documents::man(man, output),
    }
}
