//! The doors to other programs of the display: what was copied is there, and is taken off by time and
//! by locking; where the policy opens them, dragging out is recorded, and a print dialog goes with the
//! session.

use std::process::Command;
use std::time::Duration;

use vaultmark::model::policy::SideDoors;

use crate::desk::{Desk, display, until};
use crate::marked::Marked;
use crate::starter::{Starter, shipped};
use crate::window::{Display, Keyboard, process};

/// What is copied.
const TEXT: &str = "copied words";
/// Where on the display the first letters of the palette's field stand, and where nothing does.
const FIELD: (u32, u32) = (350, 120);
const ELSEWHERE: (u32, u32) = (640, 600);

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
        std::thread::sleep(Duration::from_millis(300));
        let there = offered(display, "clipboard").is_some_and(|text| text.contains(TEXT));
        keyboard.press("Escape");
        there.then_some(())
    });
}

/// Drags words in the palette's field to where no other window is.
fn drag(keyboard: Keyboard<'_>) {
    keyboard.press("ctrl+k");
    keyboard.write(TEXT);
    keyboard.press("ctrl+a");
    keyboard.drag(FIELD, ELSEWHERE);
    std::thread::sleep(Duration::from_millis(300));
    keyboard.press("Escape");
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
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(offered(&display, "clipboard"), None);

    desk.sign_in();
    // Dragging is shut: it does not even begin.
    let recorded = desk.recorded();
    drag(keyboard);
    drag(keyboard);
    assert_eq!(desk.recorded(), recorded, "a drag began");
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

#[test]
fn what_is_dragged_out_is_recorded_and_a_print_dialog_ends_with_the_session() {
    let (Some(program), Some(display)) = (shipped(), display()) else { return };
    let Some(keyboard) = Keyboard::of(&display) else { return };
    let open = SideDoors { drag_out: true, print: true, ..SideDoors::default() };
    let marked = Marked::with_doors(open);
    let desk = Desk::open(&marked, &display, keyboard, &Starter::plain(&program));
    desk.sign_in();

    let recorded = desk.recorded();
    until("a record of the drag", || {
        drag(keyboard);
        (desk.recorded() > recorded).then_some(())
    });

    keyboard.press("alt+5");
    until("the print dialog", || {
        keyboard.press("ctrl+p");
        std::thread::sleep(Duration::from_millis(500));
        keyboard.sees("Print").then_some(())
    });
    desk.end_the_page(process::kill);
    until("the end of the dialog", || (!keyboard.sees("Print")).then_some(()));
    desk.is_back();
    desk.kill();
    marked.is_clean("in the end");
}
