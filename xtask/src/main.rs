//! The project's own tool: `cargo xtask setup | demo | test | check | dev | fuzz | soak | bench`.
//!
//! It needs nothing but Rust itself. Everything else that a fresh Debian or Ubuntu machine lacks is
//! installed by `setup`, which every other command runs first; a second run finds it all in place
//! and costs about a second.

mod bench;
mod check;
mod demo;
mod dev;
mod fuzz;
mod paths;
mod programs;
mod run;
mod setup;
mod soak;
mod test;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask COMMAND

  setup   install what this machine lacks: system packages, Node packages, the tests' Python
  demo    the main job on real imagery, step by step; opens the window where there is a display
  test    everything that must pass: formatting, lints, unit tests, journeys, the real window
  check   formatting and lints only, of Rust and TypeScript
  dev     build and open the window for development
  fuzz    [TARGET] [SECONDS]: parsers of foreign bytes, each for 60 s unless said otherwise
  soak    [--minutes N] [--jobs N]: an hour of fuzzing for each target, going on where it stopped;
          the record is tests/soak/fuzz.tsv
  bench   our figures, the same run's baseline, the ratio and its bound
";

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let command = words.next().unwrap_or_default();
    let rest: Vec<String> = words.collect();
    let outcome = match command.as_str() {
        "setup" => setup::run(),
        "demo" => demo::run(&rest),
        "test" => test::run(&rest),
        "check" => check::run(),
        "dev" => dev::run(&rest),
        "fuzz" => fuzz::run(&rest),
        "soak" => soak::run(&rest),
        "bench" => bench::run(&rest),
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nxtask {command}: {failure}");
            ExitCode::FAILURE
        }
    }
}
