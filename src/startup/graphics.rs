//! How the window is drawn, and where drivers keep what they make of that.
//!
//! Where there is no graphics hardware the web engine would have it imitated by the processor, which
//! compiles a program for each kind of drawing first and then draws several times slower than the
//! engine does by itself. So it is told to draw by itself there, and no driver is loaded.

use std::ffi::OsStr;
use std::path::Path;

use vaultmark_contain::tell_libraries;

/// Set to anything but 0, it has the engine draw by itself. A person's own choice stands.
const DRAWS_BY_ITSELF: &str = "WEBKIT_DISABLE_COMPOSITING_MODE";

/// Where the nodes lie by which programs reach graphics hardware (drm(7)), and NVIDIA's.
const NODES: (&str, &str) = ("/dev/dri", "renderD");
const NVIDIA: &str = "/dev/nvidiactl";

/// Tells the libraries. Programs for the hardware hold nothing of what is drawn; by themselves the
/// drivers would put them into the home folder. With `folder` they put them there, without one they
/// keep none, and make each one anew as often as it is needed.
pub(super) fn prepare(folder: Option<&Path>) {
    if std::env::var_os(DRAWS_BY_ITSELF).is_none() && !is_hardware_there() {
        tell_libraries(DRAWS_BY_ITSELF, "1".as_ref());
    }
    let tell = |name, value: &str| tell_libraries(name, OsStr::new(value));
    // Mesa's may go there; NVIDIA's driver keeps none.
    tell("__GL_SHADER_DISK_CACHE", "0");
    tell("MESA_SHADER_CACHE_MAX_SIZE", "16M");
    tell("MESA_SHADER_CACHE_DISABLE", if folder.is_some() { "false" } else { "true" });
    if let Some(folder) = folder {
        tell_libraries("MESA_SHADER_CACHE_DIR", folder.as_os_str());
    }
}

/// Whether this account reaches graphics hardware.
fn is_hardware_there() -> bool {
    let nodes = std::fs::read_dir(NODES.0).into_iter().flatten().flatten();
    let mut nodes = nodes.filter(|node| node.file_name().to_string_lossy().starts_with(NODES.1));
    nodes.any(|node| is_ours(&node.path())) || is_ours(Path::new(NVIDIA))
}

#[cfg(unix)]
fn is_ours(node: &Path) -> bool {
    use rustix::fs::{Access, access};

    access(node, Access::READ_OK | Access::WRITE_OK).is_ok()
}

#[cfg(not(unix))]
fn is_ours(node: &Path) -> bool {
    node.exists()
}
