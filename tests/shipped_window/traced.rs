//! A day at the window as the kernel saw it: no socket leads away, every file that is written is
//! known, and none of them, nor any process's environment or command line, holds a mark.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::desk::{Desk, display, until};
use crate::marked::Marked;
use crate::starter::{Starter, shipped};
use crate::support::trace::{Call, calls_in, is_core_table};
use crate::support::{Place, has_tool, is_root, strace};
use crate::window::{Keyboard, Process, process};

/// Calls that make, write, rename or remove files, open sockets, or start programs.
const CALLS: &str = "open,openat,openat2,creat,rename,renameat,renameat2,mkdir,mkdirat,link,linkat,\
                     symlink,symlinkat,mknod,mknodat,truncate,unlink,unlinkat,rmdir,\
                     socket,socketpair,connect,io_uring_setup,execve,execveat";

/// The engine's folder below that for the files of a running session (`src-tauri/src/window.rs`).
const ENGINE: &str = "runtime/org.vaultmark.desktop";
/// What the engine makes in it: folders of caches that stay empty, the salts of their names, the
/// list of hosts that want encryption, which has no entry where there is no network, and the folders in
/// which graphics drivers keep programs for the hardware.
const ENGINES_OWN: &[&str] = &[
    "WebKitCache",
    "Blobs",
    "mediakeys",
    "v1",
    "storage",
    "salt",
    "hsts-storage.sqlite",
    "hsts-storage.sqlite-journal",
    "mesa_shader_cache",
    "index",
    "mesa_shader_cache_db",
    "marker",
    "mesa_cache.db",
    "mesa_cache.idx",
];
/// The same, by how the name begins: the number of the cache's format, a part of a driver's.
const ENGINES_NUMBERED: &[&str] = &["Version ", "part"];

/// What is opened for writing and is no file of a disk: nothing, the display's hardware, memory that
/// processes share, and what the kernel says of a process.
const NO_FILES: &[&str] = &["/dev/null", "/dev/dri/", "/dev/shm/", "/proc/self/"];

/// What the engine's walls are made of: file systems of its processes' own, in memory, that nobody else
/// sees. What it makes them from is looked for in the kernel's memory, in vain.
const WALLS: &[&str] = &["/newroot", "newroot", "oldroot", "/bindfile", "/proc/kcore"];
/// Folders below that for the files of a running session, of what the engine tells of its processes, and
/// of sockets to the buses that let through what it needs.
const ENGINES_SESSION: &[&str] = &["runtime/.flatpak", "runtime/webkitgtk"];

/// Whom the window may talk to: the display, the buses of the session, of assistive programs and of
/// the system, and the daemon that knows accounts.
const PEERS: &[&str] = &[
    "/tmp/.X11-unix/",
    "/tmp/dbus-",
    "/run/dbus/system_bus_socket",
    "/var/run/dbus/system_bus_socket",
    "/var/run/nscd/socket",
];

#[test]
fn a_day_at_the_window_leaves_nothing_and_reaches_nobody() {
    let (Some(program), Some(display)) = (shipped(), display()) else { return };
    let Some(keyboard) = Keyboard::of(&display) else { return };
    if !strace::is_allowed() {
        return;
    }
    if !is_root() {
        eprintln!("skipped: only root sees the names of the files that the program opens");
        return;
    }
    let marked = Marked::prepare();
    let log = tempfile::tempdir().unwrap();
    let mut starter = Starter::traced(&program, CALLS, log.path());
    let bus = Bus::start(&marked.place, display.name());
    if let Some(bus) = &bus {
        starter =
            starter.with(&[("DBUS_SESSION_BUS_ADDRESS", &bus.address), ("NO_AT_BRIDGE", "0")]);
    }
    let desk = Desk::open(&marked, &display, keyboard, &starter);
    let probed = || count(log.path(), "probe-forbidden");
    desk.sign_in();
    desk.library();
    desk.annotate();
    tables_are_clean(&desk);
    let names: BTreeSet<String> = desk.family().into_iter().map(process::program).collect();
    assert!(names.contains("vaultmark") && names.len() >= 3, "a decoder works: {names:?}");
    desk.note();
    let before = until("the probes of signing in", || Some(probed()).filter(|n| *n > 0));
    desk.security();
    until("the probes of the page", || (probed() > before).then_some(()));
    tables_are_clean(&desk);
    desk.lock();
    tables_are_clean(&desk);
    desk.kill();
    drop(bus);

    let calls = calls(log.path());
    sockets_stay_here(&calls, &marked.place);
    for call in calls.iter().filter(|call| call.name.starts_with("exec")) {
        assert_eq!(Marked::mark_in(call.arguments.as_bytes()), None, "{call:?}");
    }
    files_are_known(&calls, &marked.place);
    marked.is_clean("after a day at the window");
}

/// All calls of all threads.
fn calls(log: &Path) -> Vec<Call> {
    let files = fs::read_dir(log).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
    files.flat_map(|text| calls_in(&String::from_utf8_lossy(&text)).collect::<Vec<_>>()).collect()
}

/// Where hardware draws, or what imitates it: on a computer without any, only when a person asks for it.
#[test]
fn graphics_drivers_keep_their_files_in_the_sessions_folder() {
    let (Some(program), Some(display)) = (shipped(), display()) else { return };
    let Some(keyboard) = Keyboard::of(&display) else { return };
    if !strace::is_allowed() || !is_root() {
        return;
    }
    let marked = Marked::prepare();
    let log = tempfile::tempdir().unwrap();
    let starter = Starter::traced(&program, CALLS, log.path())
        .with(&[("WEBKIT_DISABLE_COMPOSITING_MODE", "0"), ("LIBGL_ALWAYS_SOFTWARE", "1")]);
    let desk = Desk::open(&marked, &display, keyboard, &starter);
    desk.sign_in();
    desk.library();
    desk.annotate();
    desk.kill();
    let calls = calls(log.path());
    files_are_known(&calls, &marked.place);
    let drivers = marked.place.folder().join(ENGINE).join("mesa_shader_cache");
    let kept = calls.iter().flat_map(Call::written).filter(|path| path.starts_with(&drivers));
    assert!(kept.count() > 1, "no driver kept anything: nothing was shown");
    marked.is_clean("after drawing through drivers");
}

/// That no process of the window shows a mark to whoever lists processes.
fn tables_are_clean(desk: &Desk) {
    for id in desk.family() {
        let name = process::program(id);
        for table in ["environ", "cmdline"] {
            let text = fs::read(format!("/proc/{id}/{table}")).unwrap_or_default();
            assert_eq!(Marked::mark_in(&text), None, "{table} of {name}");
        }
    }
}

/// How often a word stands in the trace so far.
fn count(log: &Path, word: &str) -> usize {
    let files = fs::read_dir(log).unwrap().flatten();
    files
        .map(|entry| fs::read_to_string(entry.path()).unwrap_or_default().matches(word).count())
        .sum()
}

/// That every socket that was given leads to this computer's kernel or to a local program that is
/// known.
fn sockets_stay_here(calls: &[Call], place: &Place) {
    let is_local =
        |call: &&Call| call.arguments.contains("AF_UNIX") || call.arguments.contains("AF_NETLINK");
    let (given, refused): (Vec<&Call>, Vec<&Call>) = calls
        .iter()
        .filter(|call| call.name.starts_with("socket") || call.name == "io_uring_setup")
        .partition(|call| call.succeeded());
    let strange: Vec<_> = given.iter().filter(|call| !is_local(call)).collect();
    assert!(strange.is_empty(), "{strange:#?}");
    // The tracer sees such calls: the probes' were there, and were refused.
    let inet = refused.iter().filter(|call| call.arguments.contains("AF_INET")).count();
    let rings = refused.iter().filter(|call| call.name == "io_uring_setup").count();
    assert!(inet >= 3 && rings >= 1, "{refused:#?}");

    let runtime = place.folder().join("runtime");
    for call in calls.iter().filter(|call| call.name == "connect") {
        assert!(call.arguments.contains("AF_UNIX"), "{call:?}");
        let peer = call.peer().unwrap_or_default();
        let is_known = PEERS.iter().any(|known| peer.starts_with(known));
        assert!(is_known || Path::new(peer).starts_with(&runtime), "{call:?}");
    }
}

/// That every file that was written, made, renamed or removed lies in the vault or is known, and that
/// the desktop's list of recent files was not even looked at.
fn files_are_known(calls: &[Call], place: &Place) {
    let written: BTreeSet<PathBuf> = calls.iter().flat_map(Call::written).collect();
    let (vault, engine) = (place.vault(), place.folder().join(ENGINE));
    let is_engines = |path: &Path| {
        path.strip_prefix(&engine).is_ok_and(|inner| {
            inner.iter().filter_map(|part| part.to_str()).all(|part| {
                ENGINES_OWN.contains(&part)
                    || ENGINES_NUMBERED.iter().any(|name| part.starts_with(name))
                    || is_digest(part.strip_suffix(".tmp").unwrap_or(part))
            })
        })
    };
    let is_sessions = |path: &Path| {
        ENGINES_SESSION.iter().any(|known| path.starts_with(place.folder().join(known)))
    };
    let is_wall = |path: &Path| {
        WALLS.iter().any(|known| path.to_string_lossy().starts_with(known)) && !path.is_dir()
    };
    let is_no_file = |path: &Path| {
        let known = is_core_table(path) || NO_FILES.iter().any(|known| path.starts_with(known));
        known && (!path.starts_with("/dev/shm") || !path.exists())
    };
    let strange: Vec<_> = written
        .iter()
        .filter(|path| !path.starts_with(vault) && !is_engines(path) && !is_no_file(path))
        .filter(|path| !is_sessions(path) && !is_wall(path))
        .collect();
    assert!(strange.is_empty(), "{strange:#?}");
    // The tracer sees such calls, of the program and of the engine.
    assert!(written.iter().any(|path| path.starts_with(vault)), "{written:?}");
    assert!(written.iter().any(|path| path.ends_with("salt")), "{written:?}");
    let recent = calls.iter().find(|call| call.arguments.contains("recently-used"));
    assert_eq!(recent, None);
    assert!(!place.folder().join("home/.local").exists());
}

/// Whether it is a name of hexadecimal digits, as a driver gives what it made: `b1`, `83dcd602…`.
fn is_digest(name: &str) -> bool {
    matches!(name.len(), 2 | 38 | 40) && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A message bus as a desktop has one, whose services keep their files in the place too.
struct Bus {
    address: String,
    _daemon: Process,
}

impl Bus {
    /// None, after saying so, where there is none: the window then does without.
    fn start(place: &Place, display: &str) -> Option<Self> {
        if !has_tool("dbus-daemon") {
            return None;
        }
        let mut command = Command::new("dbus-daemon");
        place.dress(&mut command);
        command
            .args(["--session", "--nofork", "--nopidfile", "--print-address=1"])
            .env("DISPLAY", display)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut daemon = Process::start(&mut command);
        let mut address = String::new();
        BufReader::new(daemon.child().stdout.take().unwrap()).read_line(&mut address).unwrap();
        assert!(!address.trim().is_empty(), "the message bus gave no address");
        Some(Self { address: address.trim().to_owned(), _daemon: daemon })
    }
}
