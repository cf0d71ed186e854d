//! From the start of the window's program to its unlock screen; against an empty window of the same
//! framework and size. Both until the picture on the display is the one that stays.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::desk::{Desk, Outcome, median, program};
use crate::screen::{Picture, Process, Screen};
use crate::table::Row;

const WORK: &str = "start to the unlock screen (median of 7)";
const ROUNDS: usize = 7;
/// What a desktop's menu starts programs with, besides the folders; and no bus of assistive
/// technologies, which no display without a screen has.
const SESSION: &[(&str, &str)] = &[
    ("NO_AT_BRIDGE", "1"),
    ("LANG", "C.UTF-8"),
    ("SHELL", "/bin/bash"),
    ("DESKTOP_SESSION", "gnome"),
    ("XDG_CURRENT_DESKTOP", "GNOME"),
    ("XDG_SESSION_TYPE", "x11"),
    ("XDG_SESSION_CLASS", "user"),
    ("XDG_MENU_PREFIX", "gnome-"),
    ("GTK_MODULES", "gail:atk-bridge"),
    ("QT_ACCESSIBILITY", "1"),
];

/// Measures it.
pub fn run(desk: &Desk) -> Outcome<Vec<Row>> {
    let release = program();
    let ours = release.with_file_name("vaultmark-desktop");
    let empty = release.with_file_name("examples").join("empty");
    if let Some(missing) = [&ours, &empty].into_iter().find(|path| !path.is_file()) {
        let why = format!("{} is not built (`cargo xtask bench` does)", missing.display());
        return Ok(vec![Row::LeftOut { work: WORK, why }]);
    }
    let screen = match Screen::start() {
        Ok(screen) => screen,
        Err(error) => return Ok(vec![Row::LeftOut { work: WORK, why: error.to_string() }]),
    };
    drop(desk.vault("window.vault")?.lock()?);
    let vault = desk.path("window.vault");
    let stand = Stand { desk, blank: screen.look()?, screen };
    let ours_shown = stand.settled(&ours, &vault)?;
    let empty_shown = stand.settled(&empty, &vault)?;
    if ours_shown.is_like(&empty_shown) {
        return Err("both windows look the same: nothing was measured".into());
    }
    let (mut times, mut baseline) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        baseline.push(stand.time(&empty, &vault, &empty_shown)?);
        times.push(stand.time(&ours, &vault, &ours_shown)?);
    }
    let (ours, baseline) = (median(times), median(baseline));
    Ok(vec![Row::Ratio { work: WORK, ours, baseline, bound: 1.5 }])
}

/// Where windows are opened.
struct Stand<'a> {
    desk: &'a Desk,
    screen: Screen,
    blank: Picture,
}

impl Stand<'_> {
    /// Starts a program with a home of its own, as after the installation.
    fn start(&self, program: &Path, vault: &Path) -> Outcome<Process> {
        let home = self.desk.path("home");
        if home.exists() {
            std::fs::remove_dir_all(&home)?;
        }
        std::fs::create_dir_all(home.join("run"))?;
        let mut command = Command::new(program);
        command
            .arg(vault)
            .env_clear()
            .envs(SESSION.iter().copied())
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("DISPLAY", &self.screen.name)
            .env("HOME", &home)
            .env("XDG_RUNTIME_DIR", home.join("run"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        Ok(Process(command.spawn()?))
    }

    /// What it shows in the end.
    fn settled(&self, program: &Path, vault: &Path) -> Outcome<Picture> {
        let process = self.start(program, vault)?;
        let shown = self.screen.wait_settled(&self.blank)?;
        drop(process);
        self.screen.wait_for(&self.blank)?;
        Ok(shown)
    }

    /// How long until it shows that.
    fn time(&self, program: &Path, vault: &Path, shown: &Picture) -> Outcome<Duration> {
        let start = Instant::now();
        let process = self.start(program, vault)?;
        self.screen.wait_for(shown)?;
        let time = start.elapsed();
        drop(process);
        self.screen.wait_for(&self.blank)?;
        Ok(time)
    }
}
