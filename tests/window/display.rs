//! A display without a screen.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use super::process::Process;

/// An Xvfb on a number of its own.
pub struct Display {
    _server: Process,
    name: String,
}

impl Display {
    /// Starts one of this size in pixels; none where Xvfb is not installed.
    pub fn start(width: u32, height: u32) -> Option<Self> {
        let mut command = Command::new("Xvfb");
        command
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                &format!("{width}x{height}x24"),
                "-nolisten",
                "tcp",
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        if Command::new("Xvfb")
            .arg("-help")
            .stderr(Stdio::null())
            .stdout(Stdio::null())
            .status()
            .is_err()
        {
            return None;
        }
        let mut server = Process::start(&mut command);
        // It writes its number once it answers.
        let mut number = String::new();
        BufReader::new(server.child().stdout.take().unwrap()).read_line(&mut number).unwrap();
        assert!(!number.trim().is_empty(), "Xvfb gave no display");
        Some(Self { _server: server, name: format!(":{}", number.trim()) })
    }

    /// Its name, `:7`.
    pub fn name(&self) -> &str {
        &self.name
    }
}
