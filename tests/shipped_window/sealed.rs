//! The window is sealed however it was started, has no console, and works by keyboard.

use std::collections::HashSet;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;

use vaultmark::contain::can_wall_web_engine;

use crate::desk::{Desk, display};
use crate::marked::{Marked, PASSPHRASE};
use crate::starter::{Starter, shipped};
use crate::window::{Keyboard, process};

fn status(id: u32, line: &str) -> String {
    let text = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let found = text.lines().find_map(|l| l.strip_prefix(line)?.strip_prefix(':'));
    found.unwrap_or_default().trim().to_owned()
}

/// The inodes of TCP sockets that listen, of the whole computer.
fn listening() -> HashSet<String> {
    let lists =
        ["/proc/net/tcp", "/proc/net/tcp6"].map(|l| fs::read_to_string(l).unwrap_or_default());
    let lines = lists.iter().flat_map(|list| list.lines().skip(1));
    lines
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|words| words.get(3) == Some(&"0A"))
        .filter_map(|words| words.get(9).map(|inode| (*inode).to_owned()))
        .collect()
}

/// The sockets that a process has.
fn sockets(id: u32) -> Vec<String> {
    let entries = fs::read_dir(format!("/proc/{id}/fd")).into_iter().flatten().flatten();
    let targets = entries.filter_map(|entry| fs::read_link(entry.path()).ok());
    targets
        .filter_map(|target| {
            Some(target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned())
        })
        .collect()
}

/// That what draws has no network, not even this computer's own, and no folder of the account.
fn is_walled(web_process: u32, place: &Path) {
    if let Err(why) = can_wall_web_engine() {
        eprintln!("skipped: {why}");
        return;
    }
    let network = |id: &str| fs::read_link(format!("/proc/{id}/ns/net")).unwrap();
    assert_ne!(network(&web_process.to_string()), network("self"));
    let behind = |folder: &Path| format!("/proc/{web_process}/root{}", folder.display());
    for folder in ["vault", "home", "tmp"] {
        let folder = place.join(folder);
        assert!(folder.is_dir() && fs::metadata(behind(&folder)).is_err(), "{folder:?}");
    }
    assert!(fs::metadata(behind(Path::new("/usr/share"))).is_ok(), "it is looked at");
}

#[test]
fn the_shipped_window_is_sealed_has_no_console_and_works_by_keyboard() {
    let (Some(program), Some(display)) = (shipped(), display()) else { return };
    let Some(keyboard) = Keyboard::of(&display) else { return };
    let marked = Marked::prepare();
    // What an attacker who starts the program would set.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let console = free.to_string();
    let starter = Starter::plain(&program).with(&[
        ("WEBKIT_INSPECTOR_HTTP_SERVER", &console),
        ("WEBKIT_INSPECTOR_SERVER", &console),
        ("TAURI_WEBVIEW_AUTOMATION", "true"),
        ("GTK_MODULES", "planted"),
    ]);
    let desk = Desk::open(&marked, &display, keyboard, &starter);
    desk.sign_in();

    let listening = listening();
    let all = desk.family();
    assert!(desk.web_process().is_some(), "{all:?}");
    for id in all {
        let name = process::program(id);
        assert_eq!(status(id, "Seccomp"), "2", "{name}");
        assert_eq!(status(id, "NoNewPrivs"), "1", "{name}");
        let environment = fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
        let environment = String::from_utf8_lossy(&environment).into_owned();
        for strange in ["INSPECTOR", "AUTOMATION", "GTK_MODULES", PASSPHRASE] {
            assert!(!environment.contains(strange), "{name}: {environment}");
        }
        assert!(sockets(id).iter().all(|socket| !listening.contains(socket)), "{name} listens");
    }
    assert!(TcpStream::connect(free).is_err(), "a console answers");
    is_walled(desk.web_process().unwrap(), marked.place.folder());

    // Locked by its key, ended, and nothing of it can be read.
    desk.lock();
    desk.kill();
    marked.is_clean("after it was locked and ended");
}
