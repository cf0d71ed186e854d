//! The web engine's own walls: what draws pages has no network, no other process and little of the
//! account's files. They are asked for where they can be put up; where they can't the engine, asked all
//! the same, would draw nothing or end the program. The posture looks at what came of it.

use std::ffi::OsStr;
use std::os::unix::net::UnixStream;
use std::path::Path;

use vaultmark_contain::can_wall_web_engine;

use super::tell;

/// 1 has the engine put up its walls, 0 has it leave them.
const WALLS: &str = "WEBKIT_FORCE_SANDBOX";

/// Where libraries keep what they can make anew (XDG Base Directory Specification): the engine may write
/// there from behind its walls.
const CACHES: &str = "XDG_CACHE_HOME";

/// The sound server, which nothing here needs: the walls have a hole for what this names.
const SOUND: (&str, &str) = ("PULSE_SERVER", "unix:/nonexistent");

/// The session's message bus. One that does not answer would end the engine behind its walls.
const BUS: &str = "DBUS_SESSION_BUS_ADDRESS";
const NO_BUS: &str = "disabled:";

/// The display. Only of `:0` the engine knows that it needs no network for it.
const DISPLAY: &str = "DISPLAY";

/// Asks for the walls, or not. Without a folder in memory they would have a readable one of the account
/// to write in.
pub(super) fn prepare(scratch: Option<&Path>) {
    if let Some(folder) = scratch {
        tell(CACHES, folder.as_os_str());
    }
    let is_walled = scratch.is_some() && can_wall_web_engine().is_ok();
    // The engine leaves them by itself, and complains where it is told to.
    if is_walled || std::env::var_os(WALLS).is_some() {
        tell(WALLS, if is_walled { "1" } else { "0" }.as_ref());
    }
    tell(SOUND.0, SOUND.1.as_ref());
    if let Some(display) = std::env::var_os(DISPLAY).as_deref().and_then(local_display) {
        tell(DISPLAY, display.as_ref());
    }
    if std::env::var_os(BUS).is_some_and(|bus| is_deaf(&bus)) {
        tell(BUS, NO_BUS.as_ref());
    }
}

/// `:0` of `unix:0` and `unix/:0`, which are the same display.
fn local_display(name: &OsStr) -> Option<String> {
    let rest = name.to_str()?.strip_prefix("unix")?;
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    rest.starts_with(':').then(|| rest.to_owned())
}

/// Whether it names a socket at which nobody answers. Addresses of other kinds the engine passes over.
fn is_deaf(bus: &OsStr) -> bool {
    let named = bus.to_str().and_then(|text| text.strip_prefix("unix:"));
    let path = named.and_then(|keys| keys.split(',').find_map(|key| key.strip_prefix("path=")));
    path.is_some_and(|path| UnixStream::connect(path).is_err())
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn a_local_display_is_named_as_the_engine_knows_it() {
        for (given, told) in [
            ("unix:0", Some(":0")),
            ("unix/:1.0", Some(":1.0")),
            (":0", None),
            ("unix", None),
            ("elsewhere:0", None),
        ] {
            assert_eq!(local_display(given.as_ref()).as_deref(), told, "{given}");
        }
    }

    #[test]
    fn a_bus_that_does_not_answer_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bus");
        let address = format!("unix:path={},guid=00", path.display());
        assert!(is_deaf(address.as_ref()));
        let _listener = UnixListener::bind(&path).unwrap();
        assert!(!is_deaf(address.as_ref()));
        assert!(!is_deaf("unix:abstract=/nowhere".as_ref()));
        assert!(!is_deaf("disabled:".as_ref()));
    }
}
