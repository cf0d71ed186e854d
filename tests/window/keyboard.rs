//! Keys pressed through the display, as a keyboard's: nothing in the window helps.

use std::process::Command;

use super::display::Display;

/// Milliseconds between two letters.
const PACE: &str = "30";

/// The keyboard of a display.
#[derive(Clone, Copy)]
pub struct Keyboard<'d>(&'d Display);

impl<'d> Keyboard<'d> {
    /// None, after saying why, where `xdotool` is missing.
    pub fn of(display: &'d Display) -> Option<Self> {
        let keyboard = Self(display);
        if keyboard.xdotool(&["version"]).is_none() {
            eprintln!("skipped: xdotool is not installed");
            return None;
        }
        Some(keyboard)
    }

    fn xdotool(&self, words: &[&str]) -> Option<String> {
        let output =
            Command::new("xdotool").args(words).env("DISPLAY", self.0.name()).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Gives the keys to the window with that title, once there is one.
    pub fn is_given_to(&self, title: &str) -> bool {
        let title = format!("^{title}$");
        let found = self.xdotool(&["search", "--onlyvisible", "--name", &title]);
        let found = found.as_ref().and_then(|list| list.lines().next());
        found.is_some_and(|window| self.xdotool(&["windowfocus", "--sync", window]).is_some())
    }

    /// Types a text.
    pub fn write(&self, text: &str) {
        self.xdotool(&["type", "--delay", PACE, text]).expect("xdotool types");
    }

    /// Presses a key such as `ctrl+k`.
    pub fn press(&self, key: &str) {
        self.xdotool(&["key", key]).expect("xdotool presses a key");
    }
}
