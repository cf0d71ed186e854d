//! The clipboard of the display, as other programs see it: what was copied is there, and is taken off
//! by time and by locking.

use std::process::Command;

use crate::desk::{Desk, display, until};
use crate::marked::Marked;
use crate::starter::{Starter, shipped};
use crate::window::{Display, Keyboard};

/// What is copied.
const TEXT: &str = "copied words";

/// What another program of the display finds in a selection; none where there is none.
fn offered(display: &Display, selection: &str) -> Option<String> {
    let output = Command::new("xclip")
        .args(["-o", "-selection", selection])
        .env("DISPLAY", display.name())
        .output()
        .ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Types the text into the palette and copies it; again where the page was not ready.
fn copy(display: &Display, keyboard: Keyboard<'_>) {
    until("the copied text", || {
        keyboard.press("ctrl+k");
        keyboard.write(TEXT);
        keyboard.press("ctrl+a");
        keyboard.press("ctrl+c");
        std::thread::sleep(std::time::Duration::from_millis(300));
        let there = offered(display, "clipboard").is_some_and(|text| text.contains(TEXT));
        keyboard.press("Escape");
        there.then_some(())
    });
}

#[test]
fn copied_text_is_taken_off_by_time_and_by_locking() {
    let (Some(program), Some(display)) = (shipped(), display()) else { return };
    let Some(keyboard) = Keyboard::of(&display) else { return };
    if Command::new("xclip").arg("-version").output().is_err() {
        eprintln!("skipped: xclip is not installed");
        return;
    }
    let marked = Marked::prepare();
    let Some(starter) = Starter::unprivileged(&program, &marked.place) else { return };
    let desk = Desk::open(&marked, &display, keyboard, &starter);

    // Before anybody has signed in nothing is copied.
    keyboard.write(TEXT);
    keyboard.press("ctrl+a");
    keyboard.press("ctrl+c");
    keyboard.press("BackSpace");
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert_eq!(offered(&display, "clipboard"), None);

    desk.sign_in();
    copy(&display, keyboard);
    // By the policy's default of 30 seconds.
    until("the end of its time", || offered(&display, "clipboard").is_none().then_some(()));
    copy(&display, keyboard);
    desk.lock();
    for selection in ["clipboard", "primary"] {
        assert_eq!(offered(&display, selection), None, "{selection} after locking");
    }
    desk.kill();
}
