//! Everything that must pass.

use std::time::Instant;

use crate::run::{self, Outcome, cargo, npm, watched};
use crate::{check, paths, programs, setup};

/// Set-up, lints, the user interface's tests, the Rust tests with the journeys, the browser tests.
pub fn run(only: &[String]) -> Outcome {
    let start = Instant::now();
    setup::run()?;
    setup::build_ui()?;
    if only.is_empty() {
        check::lints()?;
        run::run(&mut npm(&["run", "test", "--silent"]))?;
    }
    // The journeys prove what ships; a WebDriver needs a window that doesn't.
    programs::shipped()?;
    programs::debug(&["--features", "automation"])?;
    let mut tally = Tally::default();
    let mut command = cargo(&["test", "--workspace", "--no-fail-fast"]);
    command.args(only);
    command.env("VAULTMARK_TEST_PYTHON", paths::python().join("bin").join("python"));
    command.env("VAULTMARK_TEST_DESKTOP", paths::program("debug", "vaultmark-desktop"));
    command.env("VAULTMARK_TEST_SHIPPED", paths::program("release", "vaultmark"));
    command.env("VAULTMARK_TEST_SHIPPED_DESKTOP", paths::program("release", "vaultmark-desktop"));
    let rust = watched(&mut command, |line| tally.see(line));
    if only.is_empty() && rust.is_ok() {
        run::run(&mut npm(&["run", "test:browser", "--silent"]))?;
    }
    println!("\nxtask test: {} minutes", start.elapsed().as_secs().div_ceil(60));
    println!("{} passed, {} failed", tally.passed, tally.failed);
    rust
}

/// Counts of the test runner's closing lines.
#[derive(Default)]
struct Tally {
    passed: u64,
    failed: u64,
}

impl Tally {
    /// Reads `test result: ok. 3 passed; 0 failed; …`.
    fn see(&mut self, line: &str) {
        let Some(counts) = line.strip_prefix("test result: ") else {
            return;
        };
        let words: Vec<&str> = counts.split([' ', ';', '.']).filter(|w| !w.is_empty()).collect();
        for pair in words.windows(2) {
            match (pair[0].parse::<u64>(), pair[1]) {
                (Ok(n), "passed") => self.passed += n,
                (Ok(n), "failed") => self.failed += n,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn closing_lines_add_up() {
        let mut tally = Tally::default();
        tally.see("test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out");
        tally.see("test result: FAILED. 2 passed; 4 failed; 0 ignored; 0 measured");
        tally.see("something else");
        assert_eq!((tally.passed, tally.failed), (5, 4));
    }
}
