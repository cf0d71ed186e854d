//! The window as it ships, which no WebDriver can drive: sealed, without the starter's variables,
//! without a console, driven by the keyboard alone; and nothing of it readable on disk afterwards.
//!
//! Skipped, with a line that says so, where Xvfb, xdotool or the program is missing.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)] // a skipped test says why

mod window;

use std::collections::HashSet;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use vaultmark::crypto::{KdfParameters, Passphrase};
use vaultmark::model::Marking;
use vaultmark::model::policy::{ExportPolicy, Policy};
use vaultmark::store::vault::NewVault;
use vaultmark::{DecoderProgram, Session, ambient};
use window::{Display, Process, process};

const OFFICER: &str = "Zweig Quince";
const PASSPHRASE: &str = "plum barrel otter lantern";
/// As long as a slow machine may take for one step.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until there is something.
fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "waited for {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn shipped() -> Option<PathBuf> {
    let named = std::env::var_os("VAULTMARK_TEST_SHIPPED_DESKTOP").map(PathBuf::from);
    let program = named.filter(|path| path.is_file());
    if program.is_none() {
        eprintln!("skipped: the window without automation is not built (`cargo xtask test` does)");
    }
    program
}

/// A process and all below it.
fn family(id: u32) -> Vec<u32> {
    let mut all = vec![id];
    let mut at = 0;
    while let Some(&parent) = all.get(at) {
        all.extend(process::children(parent));
        at += 1;
    }
    all
}

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

struct Keyboard<'a>(&'a Display);

impl Keyboard<'_> {
    fn xdotool(&self, words: &[&str]) -> Option<String> {
        let output =
            Command::new("xdotool").args(words).env("DISPLAY", self.0.name()).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn write(&self, text: &str) {
        self.xdotool(&["type", "--delay", "30", text]).expect("xdotool types");
    }

    fn press(&self, key: &str) {
        self.xdotool(&["key", key]).expect("xdotool presses a key");
    }
}

/// The vault's slots, whose bytes change with each sign-in.
fn slots(vault: &Path) -> Vec<Vec<u8>> {
    let files = walkdir::WalkDir::new(vault).into_iter().flatten();
    let slots = files.filter(|entry| entry.path().extension().is_some_and(|e| e == "slot"));
    slots.filter_map(|entry| fs::read(entry.path()).ok()).collect()
}

#[test]
fn the_shipped_window_is_sealed_has_no_console_and_works_by_keyboard() {
    let Some(program) = shipped() else { return };
    let Some(display) = Display::start(1280, 800) else {
        eprintln!("skipped: Xvfb is not installed");
        return;
    };
    let keyboard = Keyboard(&display);
    if keyboard.xdotool(&["version"]).is_none() {
        eprintln!("skipped: xdotool is not installed");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let vault = folder.path().join("vault");
    let new = NewVault {
        officer: OFFICER.into(),
        passphrase: Passphrase::new(PASSPHRASE.into()),
        policy: Policy::new(Marking::new("UNCLASSIFIED").unwrap(), ExportPolicy::Single),
        kdf: KdfParameters::Argon2id { memory_kib: 16, passes: 1, lanes: 1 },
    };
    let decoder = DecoderProgram { program: program.with_file_name("vaultmark"), workers: 1 };
    let (session, _sheet) = Session::create(&vault, new, ambient::system(), decoder).unwrap();
    drop(session.lock().unwrap());

    // What an attacker who starts the program would set.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let home = folder.path().join("home");
    fs::create_dir_all(home.join("run")).unwrap();
    let mut command = Command::new(&program);
    command
        .arg(&vault)
        .env("DISPLAY", display.name())
        .env("HOME", &home)
        .env("XDG_RUNTIME_DIR", home.join("run"))
        .env("NO_AT_BRIDGE", "1")
        .env("WEBKIT_INSPECTOR_HTTP_SERVER", free.to_string())
        .env("WEBKIT_INSPECTOR_SERVER", free.to_string())
        .env("TAURI_WEBVIEW_AUTOMATION", "true")
        .env("GTK_MODULES", "planted")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    for name in ["WAYLAND_DISPLAY", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"] {
        command.env_remove(name);
    }
    let before = slots(&vault);
    let mut window = Process::start(&mut command);
    let id = until("the window", || {
        keyboard.xdotool(&["search", "--onlyvisible", "--name", "^Vaultmark$"])
    });
    until("the web process", || {
        family(window.id()).into_iter().find(|id| process::program(*id).starts_with("WebKitWeb"))
    });
    let id = id.lines().next().unwrap().to_owned();
    keyboard.xdotool(&["windowfocus", &id]);

    // The page needs a moment; what is typed before it is there is lost, so it is typed again.
    until("a sign-in by keyboard", || {
        keyboard.press("ctrl+a");
        keyboard.write(OFFICER);
        keyboard.press("Tab");
        keyboard.press("ctrl+a");
        keyboard.write(PASSPHRASE);
        keyboard.press("Return");
        std::thread::sleep(Duration::from_secs(2));
        if slots(&vault) != before {
            return Some(());
        }
        // Back to the first field.
        keyboard.press("shift+Tab");
        None
    });

    let listening = listening();
    let all = family(window.id());
    assert!(all.len() >= 2, "{all:?}");
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

    // Locked by its key, ended, and nothing of it can be read.
    keyboard.press("ctrl+l");
    std::thread::sleep(Duration::from_millis(500));
    process::kill(window.id());
    let _ = window.child().wait();
    for entry in walkdir::WalkDir::new(folder.path()).into_iter().flatten() {
        if entry.file_type().is_file() {
            let bytes = fs::read(entry.path()).unwrap();
            for marker in [OFFICER, PASSPHRASE] {
                let wide: Vec<u8> = marker.encode_utf16().flat_map(u16::to_le_bytes).collect();
                let holds = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
                assert!(!holds(marker.as_bytes()) && !holds(&wide), "{}", entry.path().display());
            }
        }
    }
}
