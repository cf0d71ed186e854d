//! Keys and the pointer, moved through the display as a person's: nothing in the window helps.

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

    /// Whether a window with that title can be seen.
    pub fn sees(&self, title: &str) -> bool {
        self.xdotool(&["search", "--onlyvisible", "--name", &format!("^{title}$")]).is_some()
    }

    /// Drags with the pointer from one place of the display to another, in pixels.
    pub fn drag(&self, from: (u32, u32), to: (u32, u32)) {
        let steps = 8;
        let at = |n: u32| {
            let between = |a: u32, b: u32| (a * (steps - n) + b * n) / steps;
            (between(from.0, to.0), between(from.1, to.1))
        };
        let mut words = Vec::new();
        for n in 0..=steps {
            let (x, y) = at(n);
            words.extend(["mousemove".to_owned(), x.to_string(), y.to_string()]);
            // A press is only a drag for whoever sees the pointer move meanwhile.
            let then: &[&str] = if n == 0 { &["mousedown", "1"] } else { &[] };
            words.extend(then.iter().chain(&["sleep", "0.05"]).map(|word| (*word).to_owned()));
        }
        words.extend(["mouseup", "1"].map(str::to_owned));
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        self.xdotool(&words).expect("xdotool drags");
    }

    /// Clicks at a place of the display, in pixels.
    pub fn click(&self, (x, y): (u32, u32)) {
        let (x, y) = (x.to_string(), y.to_string());
        self.xdotool(&["mousemove", &x, &y, "click", "1"]).expect("xdotool clicks");
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
