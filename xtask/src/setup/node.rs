//! Node packages by lock file, and the built user interface.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use crate::paths;
use crate::run::{Outcome, npm, run};

/// `npm ci` when the lock file is not the one that was last installed.
pub fn install() -> Outcome {
    let lock = paths::ui().join("package-lock.json");
    let wanted = fs::read(&lock).map_err(|e| format!("{}: {e}", lock.display()))?;
    let stamp = paths::ui().join("node_modules").join(".installed-lock");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    run(&mut npm(&["ci", "--no-audit", "--no-fund", "--loglevel=error"]))?;
    fs::write(&stamp, wanted).map_err(|e| format!("{}: {e}", stamp.display()))
}

/// Builds `ui/dist` when a source is newer than it.
pub fn build_ui() -> Outcome {
    let built = modified(&paths::ui().join("dist").join("index.html"));
    let sources = ["src", "index.html", "vite.config.ts", "package-lock.json"];
    let newest = sources
        .iter()
        .filter_map(|name| newest_in(&paths::ui().join(name)))
        .chain(newest_in(&paths::root().join("assets").join("keymaps")))
        .max();
    if built.is_some() && built > newest {
        return Ok(());
    }
    run(&mut npm(&["run", "build", "--silent"]))
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|facts| facts.modified()).ok()
}

/// The newest change at or below `path`.
fn newest_in(path: &Path) -> Option<SystemTime> {
    let below = fs::read_dir(path).into_iter().flatten().flatten();
    below.filter_map(|entry| newest_in(&entry.path())).chain(modified(path)).max()
}
