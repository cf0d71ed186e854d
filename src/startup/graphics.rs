//! How the window is drawn, and where drivers keep what they make of that.
//!
//! Where there is no graphics hardware the web engine would have it imitated by the processor, which
//! compiles a program for each kind of drawing first and then draws several times slower than the
//! engine does by itself. So it is told to draw by itself there, and no driver is loaded.

use std::ffi::OsStr;
use std::path::Path;

use super::tell;

/// Set to anything but 0, it has the engine draw by itself. A person's own choice stands.
const DRAWS_BY_ITSELF: &str = "WEBKIT_DISABLE_COMPOSITING_MODE";

/// Where the nodes lie by which programs reach graphics hardware (drm(7)), and NVIDIA's.
const NODES: (&str, &str) = ("/dev/dri", "renderD");
const NVIDIA: &str = "/dev/nvidiactl";

/// Tells the libraries.
pub(super) fn prepare(folder: Option<&Path>) {
    let chosen = std::env::var_os(DRAWS_BY_ITSELF).is_some();
    for (name, value) in choices(folder, chosen || is_hardware_there()) {
        tell(name, value);
    }
}

/// What to tell. Programs for the hardware hold nothing of what is drawn; by themselves the drivers
/// would put them into the home folder. With `folder` they put them there, without one they keep none,
/// and make each one anew as often as it is needed. `is_settled`: the engine is told nothing.
fn choices(folder: Option<&Path>, is_settled: bool) -> Vec<(&'static str, &OsStr)> {
    // Mesa's may go there; NVIDIA's driver keeps none.
    let mut all: Vec<(&'static str, &OsStr)> = vec![
        ("__GL_SHADER_DISK_CACHE", "0".as_ref()),
        ("MESA_SHADER_CACHE_MAX_SIZE", "16M".as_ref()),
        ("MESA_SHADER_CACHE_DISABLE", if folder.is_some() { "false" } else { "true" }.as_ref()),
    ];
    all.extend(folder.map(|folder| ("MESA_SHADER_CACHE_DIR", folder.as_os_str())));
    if !is_settled {
        all.push((DRAWS_BY_ITSELF, "1".as_ref()));
    }
    all
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drivers_keep_files_in_the_given_folder_or_nowhere() {
        let told = |folder: Option<&Path>, name: &str| {
            let all = choices(folder, true);
            all.iter().find(|(of, _)| *of == name).map(|(_, value)| value.to_os_string())
        };
        let folder = Path::new("/run/user/1000/ours");
        assert_eq!(told(Some(folder), "MESA_SHADER_CACHE_DIR").unwrap(), folder);
        assert_eq!(told(Some(folder), "MESA_SHADER_CACHE_DISABLE").unwrap(), "false");
        assert_eq!(told(None, "MESA_SHADER_CACHE_DIR"), None);
        assert_eq!(told(None, "MESA_SHADER_CACHE_DISABLE").unwrap(), "true");
        assert_eq!(told(None, "__GL_SHADER_DISK_CACHE").unwrap(), "0");
    }

    #[test]
    fn the_engine_is_told_to_draw_by_itself_unless_that_is_settled() {
        let told =
            |is_settled| choices(None, is_settled).iter().any(|(of, _)| *of == DRAWS_BY_ITSELF);
        assert!(told(false) && !told(true));
    }
}
