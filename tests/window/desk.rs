//! A desk to work at: a display, folders of one's own, and the program opened on it as often as
//! the journey asks.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::client::{Client, free_port};
use super::display::Display;
use super::keyboard::Keyboard;
use super::page::Page;
use super::process::{self, Process};

/// A display and a home of one's own.
pub struct Desk {
    folder: TempDir,
    display: Display,
    program: PathBuf,
    open: Option<Open>,
}

struct Open {
    // Dropped first: closing asks the driver.
    page: Page,
    driver: Process,
    program: u32,
}

impl Desk {
    /// None, after saying why, where something that it needs is missing.
    pub fn new() -> Option<Self> {
        let program = desktop()?;
        let display = match Display::start(1440, 900) {
            Some(display) => display,
            None => {
                eprintln!("skipped: Xvfb is not installed");
                return None;
            }
        };
        Some(Self { folder: tempfile::tempdir().unwrap(), display, program, open: None })
    }

    /// The desk's folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Opens the program on the vault at `vault`.
    pub fn open(&mut self, vault: &Path) {
        assert!(self.open.is_none(), "the window is already open");
        let home = self.folder.path().join("home");
        std::fs::create_dir_all(home.join("run")).unwrap();
        let port = free_port();
        let mut command = Command::new("WebKitWebDriver");
        command
            .args(["--host=127.0.0.1", &format!("--port={port}")])
            .env("DISPLAY", self.display.name())
            .env("TAURI_AUTOMATION", "true")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("HOME", &home)
            .env("XDG_RUNTIME_DIR", home.join("run"))
            .env("NO_AT_BRIDGE", "1")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("XDG_CACHE_HOME")
            .env_remove("XDG_DATA_HOME")
            .env_remove("VAULTMARK_VAULT")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let driver = Process::start(&mut command);
        let vault = vault.to_str().unwrap();
        let client = Client::start(port, self.program.to_str().unwrap(), &[vault]);
        let name: String =
            self.program.file_name().unwrap().to_string_lossy().chars().take(15).collect();
        let program = process::children(driver.id())
            .into_iter()
            .find(|id| process::program(*id) == name)
            .expect("the driver started the program");
        self.open = Some(Open { page: Page::new(client), driver, program });
    }

    /// The page of the open window.
    pub fn page(&self) -> &Page {
        &self.open.as_ref().expect("the window is open").page
    }

    /// Types the passphrase into the window that asks for it, which no driver reaches.
    pub fn signs_in_again(&self, passphrase: &str) {
        let keyboard = Keyboard::of(&self.display).expect("xdotool");
        let start = Instant::now();
        while !keyboard.is_given_to("Sign in again") {
            assert!(start.elapsed() < Duration::from_secs(60), "nobody asks");
            std::thread::sleep(Duration::from_millis(50));
        }
        keyboard.write(passphrase);
        keyboard.press("Return");
    }

    /// Closes the window the ordinary way.
    pub fn close(&mut self) {
        if let Some(open) = self.open.take() {
            open.page.close();
            wait_for_end(open.program);
        }
    }

    /// Ends the program as a power failure would.
    pub fn kill(&mut self) {
        let open = self.open.take().expect("the window is open");
        process::kill(open.program);
        wait_for_end(open.program);
        drop(open.driver);
    }

    /// The command-line program beside the window's.
    pub fn command_line(&self) -> Command {
        Command::new(self.program.with_file_name("vaultmark"))
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.close();
    }
}

fn wait_for_end(id: u32) {
    let start = Instant::now();
    while process::is_running(id) {
        if start.elapsed() > Duration::from_secs(20) {
            process::kill(id);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The window's program, built with the feature `automation`: `VAULTMARK_TEST_DESKTOP`, or the one
/// beside this test.
fn desktop() -> Option<PathBuf> {
    let named = std::env::var_os("VAULTMARK_TEST_DESKTOP").map(PathBuf::from);
    let beside = || {
        let test = std::env::current_exe().unwrap();
        Some(test.parent()?.parent()?.join("vaultmark-desktop"))
    };
    let Some(program) = named.or_else(beside).filter(|path| path.is_file()) else {
        eprintln!(
            "skipped: vaultmark-desktop is not built (`cargo build -p vaultmark-desktop --features automation`)"
        );
        return None;
    };
    if Command::new("WebKitWebDriver")
        .arg("--help")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_err()
    {
        eprintln!("skipped: WebKitWebDriver is not installed");
        return None;
    }
    Some(program)
}
