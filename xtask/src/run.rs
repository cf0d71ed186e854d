//! Running other programs: said before it is done, failing with what was run.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::paths;

/// What can go wrong in xtask: a sentence for the person at the terminal.
pub type Outcome<T = ()> = Result<T, String>;

/// `cargo` in the project's root with the one target directory.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(paths::root()).env("CARGO_TARGET_DIR", paths::target());
    // The environment of the outer cargo must not leak into the inner one's build scripts.
    for name in ["CARGO_MANIFEST_DIR", "CARGO_PKG_NAME", "CARGO_PKG_VERSION"] {
        command.env_remove(name);
    }
    command
}

/// `npm` in the user interface's folder.
pub fn npm(arguments: &[&str]) -> Command {
    let mut command = Command::new("npm");
    command.args(arguments).current_dir(paths::ui());
    command
}

/// The command as one would type it.
pub fn shown(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Runs to the end, showing its output; a failure names the command.
pub fn run(command: &mut Command) -> Outcome {
    println!("\n» {}", shown(command));
    let status = command.status().map_err(|e| format!("{} did not start: {e}", shown(command)))?;
    if status.success() { Ok(()) } else { Err(format!("{} failed ({status})", shown(command))) }
}

/// Runs to the end without a word; its output is shown only when it fails.
pub fn quietly(command: &mut Command) -> Outcome {
    let output = command.output().map_err(|e| format!("{} did not start: {e}", shown(command)))?;
    if output.status.success() {
        return Ok(());
    }
    print!("{}", String::from_utf8_lossy(&output.stdout));
    eprint!("{}", String::from_utf8_lossy(&output.stderr));
    Err(format!("{} failed ({})", shown(command), output.status))
}

/// Runs to the end, showing standard output line by line and handing each line to `see`.
pub fn watched(command: &mut Command, mut see: impl FnMut(&str)) -> Outcome {
    println!("\n» {}", shown(command));
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|e| format!("{} did not start: {e}", shown(command)))?;
    if let Some(out) = child.stdout.take() {
        for line in BufReader::new(out).lines() {
            let line = line.map_err(|e| format!("{}: {e}", shown(command)))?;
            println!("{line}");
            see(&line);
        }
    }
    let status = child.wait().map_err(|e| format!("{}: {e}", shown(command)))?;
    if status.success() { Ok(()) } else { Err(format!("{} failed ({status})", shown(command))) }
}

/// Whether a program answers at all.
pub fn answers(program: &str, argument: &str) -> bool {
    Command::new(program)
        .arg(argument)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok()
}
