//! Where things lie: the project, its one target directory, what set-up made.

use std::path::{Path, PathBuf};

/// The project's root folder.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// The one target directory. It lies outside the project, so that a fresh clone does not compile
/// OpenSSL, SQLCipher and GTK's bindings again.
pub fn target() -> PathBuf {
    if let Some(dir) = std::env::var_os("CARGO_TARGET_DIR") {
        return dir.into();
    }
    let cache = std::env::var_os("XDG_CACHE_HOME").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").unwrap_or_else(|| "/tmp".into())).join(".cache"),
        PathBuf::from,
    );
    cache.join("vaultmark").join("target")
}

/// The system that this was built on and for, as Rust names it.
pub fn host() -> String {
    format!("{}-unknown-linux-gnu", std::env::consts::ARCH)
}

/// The user interface's folder.
pub fn ui() -> PathBuf {
    root().join("ui")
}

/// The Python environment of the tests.
pub fn python() -> PathBuf {
    target().join("python")
}

/// A built program of the given profile (`debug` or `release`).
pub fn program(profile: &str, name: &str) -> PathBuf {
    target().join(profile).join(name)
}
