//! The window for development.

use std::process::Command;

use crate::run::{self, Outcome, cargo};
use crate::{paths, setup};

/// Builds in debug and opens the window.
pub fn run(arguments: &[String]) -> Outcome {
    setup::for_demo()?;
    setup::build_ui()?;
    run::run(&mut cargo(&["build", "--bin", "vaultmark"]))?;
    run::run(&mut cargo(&["build", "--package", "vaultmark-desktop"]))?;
    run::run(Command::new(paths::program("debug", "vaultmark-desktop")).args(arguments))
}
