//! Formatting and lints, of Rust and TypeScript.

use crate::run::{self, Outcome, answers, cargo, npm};
use crate::setup;

/// All checks that run no test.
pub fn run() -> Outcome {
    setup::run()?;
    setup::build_ui()?;
    lints()
}

/// Formatting, lints and types; set-up is done and the user interface is built.
pub fn lints() -> Outcome {
    run_rust()?;
    run::run(&mut npm(&["run", "lint", "--silent"]))?;
    run::run(&mut npm(&["run", "check", "--silent"]))?;
    if answers("cargo-deny", "--version") {
        run::run(&mut cargo(&["deny", "check"]))?;
    } else {
        println!(
            "cargo-deny is not installed: bans and licences are held by tests/architecture.rs"
        );
    }
    Ok(())
}

fn run_rust() -> Outcome {
    run::run(&mut cargo(&["fmt", "--all", "--check"]))?;
    run::run(&mut cargo(&[
        "clippy",
        "--quiet",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))
}
