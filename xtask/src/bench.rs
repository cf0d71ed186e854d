//! Benchmarks: our figure, the same run's baseline, the ratio and its bound.

use crate::run::{self, Outcome, cargo};
use crate::setup;

/// Builds in release and prints the table; fails when a ratio is over its bound.
pub fn run(only: &[String]) -> Outcome {
    setup::for_demo()?;
    setup::build_ui()?;
    run::run(&mut cargo(&[
        "build",
        "--release",
        "--quiet",
        "--bin",
        "vaultmark",
    ]))?;
    run::run(&mut cargo(&[
        "build",
        "--release",
        "--quiet",
        "--package",
        "vaultmark-desktop",
    ]))?;
    let mut command = cargo(&["bench", "--quiet", "--bench", "ratios", "--"]);
    run::run(command.args(only))
}
