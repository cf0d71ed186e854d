//! Benchmarks: our figure, the same run's baseline, the ratio and its bound.

use crate::run::{self, Outcome, cargo};
use crate::setup;

/// The bench that needs the window.
const WINDOW: &str = "cold-start";

/// Builds in release and prints the table; fails when a ratio is over its bound. `only` names some
/// benches; a wrong name lists them.
pub fn run(only: &[String]) -> Outcome {
    setup::for_demo()?;
    if only.is_empty() || only.iter().any(|name| name == WINDOW) {
        setup::build_ui()?;
        let window = ["build", "--release", "--quiet", "--package", "vaultmark-desktop"];
        run::run(&mut cargo(&[&window[..], &["--bin", "vaultmark-desktop"]].concat()))?;
        // Its baseline.
        run::run(&mut cargo(&[&window[..], &["--example", "empty"]].concat()))?;
    }
    // Builds the command-line program too, which decodes.
    let mut command = cargo(&["bench", "--quiet", "--bench", "ratios", "--"]);
    run::run(command.args(only))
}
