//! Building the programs: as they ship, and as a WebDriver drives them.

use crate::run::{self, Outcome, cargo};

/// The package of the window's program.
const WINDOW: &[&str] = &["--package", "vaultmark-desktop", "--bin", "vaultmark-desktop"];

/// Both programs as they ship: in release, without automation.
pub fn shipped() -> Outcome {
    println!("building in release (the first time takes about a quarter of an hour)");
    run::quietly(&mut cargo(&["build", "--release", "--quiet", "--bin", "vaultmark"]))?;
    run::quietly(cargo(&["build", "--release", "--quiet"]).args(WINDOW))
}

/// Both programs for development: in debug, the window with these arguments besides.
pub fn debug(more: &[&str]) -> Outcome {
    run::run(&mut cargo(&["build", "--bin", "vaultmark"]))?;
    run::run(cargo(&["build"]).args(WINDOW).args(more))
}
