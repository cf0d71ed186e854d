//! The window for development.

use std::process::Command;

use crate::run::{self, Outcome};
use crate::{paths, programs, setup};

/// Builds in debug and opens the window.
pub fn run(arguments: &[String]) -> Outcome {
    setup::for_demo()?;
    setup::build_ui()?;
    programs::debug(&[])?;
    run::run(Command::new(paths::program("debug", "vaultmark-desktop")).args(arguments))
}
