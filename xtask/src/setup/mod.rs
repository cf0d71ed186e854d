//! Set-up: what this machine lacks, installed. Finding it all in place costs about a second.

mod node;
mod python;
mod system;

use crate::run::Outcome;

pub use node::build_ui;

/// System packages, Node packages, the tests' Python environment.
pub fn run() -> Outcome {
    system::install()?;
    node::install()?;
    python::install()?;
    println!("set-up: complete");
    Ok(())
}

/// What building and running the program takes, without the tests' tools.
pub fn for_demo() -> Outcome {
    system::install()?;
    node::install()
}
