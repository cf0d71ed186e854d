//! What both programs do before anything else, while they hold nothing: give up what the starter's
//! environment could smuggle in, close the memory to others, seal the network. Libraries of the
//! window may have started a thread of their own by then: the seal is put on all threads at once.

mod graphics;
#[cfg(target_os = "linux")]
mod web_engine;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use vaultmark_contain as contain;

/// The hidden argument that makes the command-line program try one call that must end it or be refused.
pub const PROBE: &str = "probe-forbidden";

/// Which program starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// `vaultmark`.
    CommandLine,
    /// `vaultmark-desktop`.
    Window,
}

/// What any of our programs may find in its environment. Everything else is dropped: libraries
/// below us load code (`GTK_MODULES`, `OPENSSL_CONF`), open consoles (`WEBKIT_INSPECTOR_SERVER`) or
/// write files (`G_MESSAGES_DEBUG` with a path) because a variable says so.
const KEPT: &[&str] = &[
    "HOME",
    "USER",
    "LOGNAME",
    "PATH",
    "LANG",
    "LANGUAGE",
    "TZ",
    "TERM",
    "COLUMNS",
    "LINES",
    "NO_COLOR",
    "XDG_RUNTIME_DIR",
    "XDG_CONFIG_HOME",
    "XDG_CACHE_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
    // Where temporary files would go: the person may have chosen a better place.
    "TMPDIR",
];
/// The same, by how the name begins.
const KEPT_FAMILIES: &[&str] = &["LC_", "VAULTMARK_"];

/// What the window needs besides: the display, the theme, input methods by
/// name, the assistive technologies' bus, and three switches for broken graphics drivers.
const KEPT_BY_WINDOW: &[&str] = &[
    "DISPLAY",
    "XAUTHORITY",
    "WAYLAND_DISPLAY",
    "XDG_SESSION_TYPE",
    "XDG_CURRENT_DESKTOP",
    "XDG_DATA_DIRS",
    "DBUS_SESSION_BUS_ADDRESS",
    "NO_AT_BRIDGE",
    "GDK_BACKEND",
    "GDK_SCALE",
    "GDK_DPI_SCALE",
    "GTK_THEME",
    "GTK_IM_MODULE",
    "XMODIFIERS",
    "XCURSOR_THEME",
    "XCURSOR_SIZE",
    "LIBGL_ALWAYS_SOFTWARE",
    "WEBKIT_DISABLE_DMABUF_RENDERER",
    "WEBKIT_DISABLE_COMPOSITING_MODE",
    // What this program tells itself whatever the starter says (`graphics`, `web_engine`).
    "MESA_SHADER_CACHE_DISABLE",
    "MESA_SHADER_CACHE_DIR",
    "MESA_SHADER_CACHE_MAX_SIZE",
    "__GL_SHADER_DISK_CACHE",
    "WEBKIT_FORCE_SANDBOX",
    "PULSE_SERVER",
];

/// What desktops and shells set for programs of other kinds: nothing below us acts upon it. It stays,
/// for to start again without it would cost every start from a desktop the loading of a second web
/// engine.
const IDLE_IN_WINDOW: &[&str] = &[
    "_",
    "PWD",
    "OLDPWD",
    "SHLVL",
    "SHELL",
    "MAIL",
    "EDITOR",
    "VISUAL",
    "PAGER",
    "LS_COLORS",
    "COLORTERM",
    "HOSTNAME",
    "WINDOWID",
    "WINDOWPATH",
    "SSH_AUTH_SOCK",
    "SSH_AGENT_PID",
    "SSH_AGENT_LAUNCHER",
    "GPG_AGENT_INFO",
    "INVOCATION_ID",
    "JOURNAL_STREAM",
    "MANAGERPID",
    "MANAGERPIDFDID",
    "MEMORY_PRESSURE_WATCH",
    "MEMORY_PRESSURE_WRITE",
    "SYSTEMD_EXEC_PID",
    "DEBUGINFOD_URLS",
    "DESKTOP_SESSION",
    "DESKTOP_STARTUP_ID",
    "GDMSESSION",
    "GDM_LANG",
    "GIO_LAUNCHED_DESKTOP_FILE",
    "GIO_LAUNCHED_DESKTOP_FILE_PID",
    "GNOME_DESKTOP_SESSION_ID",
    "GNOME_SETUP_DISPLAY",
    "GNOME_SHELL_SESSION_MODE",
    "QT_ACCESSIBILITY",
    "QT_IM_MODULE",
    "QT_IM_MODULES",
    "CLUTTER_IM_MODULE",
    "IM_CONFIG_CHECK_ENV",
    "IM_CONFIG_PHASE",
    "SESSION_MANAGER",
    "XDG_ACTIVATION_TOKEN",
    "XDG_MENU_PREFIX",
    "XDG_SEAT",
    "XDG_SEAT_PATH",
    "XDG_SESSION_CLASS",
    "XDG_SESSION_DESKTOP",
    "XDG_SESSION_ID",
    "XDG_SESSION_PATH",
    "XDG_VTNR",
];

/// Variables that desktops set and that could name code to load: each stays while every word between
/// its colons is one of these, or begins with one that ends with a slash.
const KEPT_VALUES: &[(&str, &[&str])] = &[
    // Both are part of GTK 3 and not loaded.
    ("GTK_MODULES", &["gail", "atk-bridge"]),
    ("XDG_CONFIG_DIRS", &["/etc/"]),
];

/// Secures this process. Where the environment holds anything but what is kept, the program starts
/// again in its own place without it, so that no library has read it. Whether the network is sealed
/// is [`contain::standing`]'s to tell; [`crate::Session`] opens no vault against its policy.
pub fn secure(program: Program) {
    without_strange_environment(program);
    // What was refused shows in the posture, which looks again.
    let _ = vaultmark_crypto::harden_process();
    // A failure is remembered, shown, and stops at the vault's door.
    let _ = contain::seal_network();
    if program == Program::Window {
        let scratch = scratch();
        graphics::prepare(scratch.as_deref());
        #[cfg(target_os = "linux")]
        web_engine::prepare(scratch.as_deref());
    }
}

/// Tells libraries something by the environment, where they were not told yet: after the program started
/// anew they were.
fn tell(name: &str, value: &OsStr) {
    if std::env::var_os(name).as_deref() != Some(value) {
        contain::tell_libraries(name, value);
    }
}

/// Where files of the web engine and of graphics drivers go that are of no use once the person has
/// logged out: a folder of ours in the session's runtime folder, which lies in memory (XDG Base
/// Directory Specification). None where the session has none.
#[must_use]
pub fn scratch() -> Option<PathBuf> {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from)?;
    // Another account's, as `su` leaves it, is none.
    let is_ours = runtime.is_absolute() && runtime.is_dir() && is_writable(&runtime);
    is_ours.then(|| runtime.join("org.vaultmark.desktop"))
}

#[cfg(unix)]
fn is_writable(folder: &Path) -> bool {
    use rustix::fs::{Access, access};

    access(folder, Access::WRITE_OK | Access::EXEC_OK).is_ok()
}

#[cfg(not(unix))]
fn is_writable(folder: &Path) -> bool {
    folder.is_dir()
}

/// Takes leave of the processes that this one started before it started anew in its own place, so that
/// none stays in the table of processes. Call it after [`secure`], before it starts any other.
#[cfg(target_os = "linux")]
pub fn reap_inherited() {
    use rustix::process::{Pid, WaitOptions, waitpid};

    // Where the kernel does not list them they are taken leave of when the program ends.
    let listed = std::fs::read_to_string("/proc/thread-self/children").unwrap_or_default();
    for id in listed.split_whitespace().filter_map(|id| Pid::from_raw(id.parse().ok()?)) {
        // They end by themselves, for nobody is at the other end of their sockets any more.
        std::thread::spawn(move || waitpid(Some(id), WaitOptions::empty()).is_ok());
    }
}

/// Elsewhere the program does not start anew.
#[cfg(not(target_os = "linux"))]
pub fn reap_inherited() {}

/// The hidden verb behind [`PROBE`].
#[must_use]
pub fn probe_forbidden(mut words: impl Iterator<Item = OsString>) -> ExitCode {
    let name = words.next().and_then(|name| name.into_string().ok()).unwrap_or_default();
    // The network seal is inherited from the program that asks.
    contain::attempt_forbidden(&name).into()
}

/// Whether a variable stays.
fn is_kept(program: Program, name: &OsStr, value: &OsStr) -> bool {
    let Some(name) = name.to_str() else { return false };
    let in_window =
        || KEPT_BY_WINDOW.contains(&name) || IDLE_IN_WINDOW.contains(&name) || is_tame(name, value);
    KEPT.contains(&name)
        || KEPT_FAMILIES.iter().any(|family| name.starts_with(family))
        || (program == Program::Window && in_window())
}

/// Whether a variable that could name code names none.
fn is_tame(name: &str, value: &OsStr) -> bool {
    let known = KEPT_VALUES.iter().find(|(of, _)| *of == name);
    let (Some((_, words)), Some(value)) = (known, value.to_str()) else { return false };
    let is_known = |part: &str| {
        words.iter().any(|word| part == *word || (word.ends_with('/') && part.starts_with(word)))
    };
    !value.contains("..") && value.split(':').all(is_known)
}

#[cfg(unix)]
fn without_strange_environment(program: Program) {
    use std::os::unix::process::CommandExt as _;

    let all: Vec<(OsString, OsString)> = std::env::vars_os().collect();
    let kept: Vec<_> = all.iter().filter(|(name, value)| is_kept(program, name, value)).collect();
    if kept.len() == all.len() {
        return;
    }
    let Ok(this) = std::env::current_exe() else { return };
    let mut words = std::env::args_os();
    let mut again = std::process::Command::new(this);
    if let Some(name) = words.next() {
        again.arg0(name);
    }
    // Returns only where it failed; then the variables are there, and there is nothing to be done
    // that would be safer than to go on as any other program does.
    let _ = again
        .args(words)
        .env_clear()
        .envs(kept.into_iter().map(|(name, value)| (name, value)))
        .exec();
}

#[cfg(not(unix))]
fn without_strange_environment(_program: Program) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_loads_code_or_opens_consoles_goes() {
        for name in [
            "LD_PRELOAD",
            "LD_LIBRARY_PATH",
            "GTK_MODULES",
            "GTK_PATH",
            "GIO_MODULE_DIR",
            "GIO_EXTRA_MODULES",
            "OPENSSL_CONF",
            "OPENSSL_MODULES",
            "SSLKEYLOGFILE",
            "WEBKIT_INSPECTOR_SERVER",
            "WEBKIT_INSPECTOR_HTTP_SERVER",
            "TAURI_WEBVIEW_AUTOMATION",
            "G_MESSAGES_DEBUG",
            "http_proxy",
        ] {
            assert!(!is_kept(Program::Window, name.as_ref(), "x".as_ref()), "{name}");
            assert!(!is_kept(Program::CommandLine, name.as_ref(), "x".as_ref()), "{name}");
        }
        for name in ["HOME", "LC_TIME", "VAULTMARK_VAULT"] {
            assert!(is_kept(Program::CommandLine, name.as_ref(), "x".as_ref()), "{name}");
        }
        assert!(is_kept(Program::Window, "DISPLAY".as_ref(), ":0".as_ref()));
        assert!(!is_kept(Program::CommandLine, "DISPLAY".as_ref(), ":0".as_ref()));
    }

    #[test]
    fn what_every_desktop_sets_does_not_start_the_window_twice() {
        let kept =
            |name: &str, value: &str| is_kept(Program::Window, name.as_ref(), value.as_ref());
        assert!(kept("SHELL", "/bin/sh"));
        assert!(kept("GTK_MODULES", "gail:atk-bridge"));
        assert!(kept("XDG_CONFIG_DIRS", "/etc/xdg/xdg-ubuntu:/etc/xdg"));
        for modules in ["gail:planted", "/tmp/gail", "", "gail:"] {
            assert!(!kept("GTK_MODULES", modules), "{modules}");
        }
        for folders in ["/etc/xdg:/tmp/xdg", "/etc/../tmp", "etc"] {
            assert!(!kept("XDG_CONFIG_DIRS", folders), "{folders}");
        }
        assert!(!is_kept(Program::CommandLine, "GTK_MODULES".as_ref(), "gail".as_ref()));
    }
}
