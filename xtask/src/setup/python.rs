//! The Python environment in which independent readers check what we write.

use std::fs;
use std::process::Command;

use crate::paths;
use crate::run::{Outcome, quietly};

/// Makes the environment and installs `tests/python/requirements.txt` when it changed.
pub fn install() -> Outcome {
    let list = paths::root().join("tests").join("python").join("requirements.txt");
    let wanted = fs::read(&list).map_err(|e| format!("{}: {e}", list.display()))?;
    let home = paths::python();
    let stamp = home.join("installed-requirements.txt");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    println!("set-up: Python environment in {}", home.display());
    fs::create_dir_all(&home).map_err(|e| format!("{}: {e}", home.display()))?;
    // Debian splits `venv` from Python; virtualenv, which the set-up brings, has its own pip. A
    // system without it has `venv`.
    let own =
        quietly(Command::new("/usr/bin/python3").args(["-m", "virtualenv", "--quiet"]).arg(&home));
    if own.is_err() {
        quietly(Command::new("python3").args(["-m", "venv"]).arg(&home))?;
    }
    quietly(
        Command::new(home.join("bin").join("python"))
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"])
            .arg(&list),
    )?;
    fs::write(&stamp, wanted).map_err(|e| format!("{}: {e}", stamp.display()))
}
