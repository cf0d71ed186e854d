//! Benchmarks: our figure, the same run's baseline, the ratio and its bound.

use crate::run::{self, Outcome, cargo};
use crate::setup;

/// The benches that need a window, with the window that each is held against or shows.
const WINDOWS: &[(&str, &str)] = &[("cold-start", "empty"), ("walls", "tiles")];

/// Builds in release and prints the table; fails when a ratio is over its bound. `only` names some
/// benches; a wrong name lists them.
pub fn run(only: &[String]) -> Outcome {
    setup::for_demo()?;
    let mut examples = Vec::new();
    for (bench, window) in WINDOWS {
        if only.is_empty() || only.iter().any(|name| name == bench) {
            examples.extend(["--example", *window]);
        }
    }
    if !examples.is_empty() {
        setup::build_ui()?;
        let window = [
            "build",
            "--release",
            "--quiet",
            "--package",
            "vaultmark-desktop",
            "--bin",
            "vaultmark-desktop",
        ];
        run::run(cargo(&window).args(examples))?;
        // The decoder without walls, which is in no program.
        let bare = [
            "build",
            "--release",
            "--quiet",
            "--package",
            "vaultmark-fuzzed",
            "--bin",
            "bare-decoder",
        ];
        run::run(&mut cargo(&bare))?;
    }
    // Builds the command-line program too, which decodes.
    let mut command = cargo(&["bench", "--quiet", "--bench", "ratios", "--"]);
    run::run(command.args(only))
}
