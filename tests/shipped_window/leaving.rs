//! What leaves through the window: asked about in a window of the toolkit's, which goes with the session.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::desk::{Desk, display, until};
use crate::marked::{Marked, PASSPHRASE};
use crate::starter::{Starter, shipped};
use crate::window::{Keyboard, process};

/// The title of the window that asks.
const ASKS: &str = "Sign in again";
/// Less than locking waits for what does not let go of the session.
const AT_ONCE: Duration = Duration::from_secs(8);
/// Where the first step's button and the fourth one's file name stand on the display, in pixels.
const NEXT: (u32, u32) = (768, 420);
const FILE: (u32, u32) = (400, 465);

/// Fills in the steps of an export, to the window that asks.
fn fill_in(desk: &Desk<'_>, keyboard: Keyboard<'_>) {
    let before = desk.sees("a page", |_| true);
    keyboard.press("alt+4");
    let what = desk.sees("the first step", |picture| !picture.is_like(&before));
    keyboard.click(NEXT);
    let reason = desk.sees("the second step", |picture| !picture.is_like(&what));
    keyboard.write("a delivery");
    for key in ["Tab", "Tab", "Tab", "Return"] {
        keyboard.press(key);
    }
    let plan = desk.sees("the plan", |picture| picture.difference(&reason) > 200);
    keyboard.press("Return");
    desk.sees("the place", |picture| picture.difference(&plan) > 200);
    keyboard.click(FILE);
    keyboard.press("Return");
    until("the window that asks", || keyboard.is_given_to(ASKS).then_some(()));
}

/// The bundles in the person's folder, where the window puts them when nothing else is chosen.
fn bundles(marked: &Marked) -> Vec<PathBuf> {
    let home = std::fs::read_dir(marked.place.folder().join("home")).unwrap();
    let paths = home.map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "zip")).collect()
}

#[test]
fn nothing_leaves_but_by_a_passphrase_that_no_page_is_given() {
    let (Some(program), Some(display)) = (shipped(), display()) else { return };
    let Some(keyboard) = Keyboard::of(&display) else { return };
    let marked = Marked::prepare();
    let desk = Desk::open(&marked, &display, keyboard, &Starter::plain(&program));
    desk.sign_in();
    fill_in(&desk, keyboard);

    // The window that asks goes with the session, whatever stands in it, and locking does not wait for
    // an answer.
    keyboard.write(PASSPHRASE);
    desk.end_the_page(process::kill);
    let ended = Instant::now();
    until("the end of the window that asks", || (!keyboard.sees(ASKS)).then_some(()));
    assert!(ended.elapsed() < AT_ONCE, "it stayed for {:?}", ended.elapsed());
    desk.is_back();
    assert!(bundles(&marked).is_empty());

    desk.sign_in();
    fill_in(&desk, keyboard);
    // What is typed to the page stays there: the toolkit would give it to the window that asks, and the
    // web engine hands back what a page has kept.
    let asked = desk.sees("the window that asks", |_| true);
    assert!(keyboard.is_given_to("Vaultmark"));
    keyboard.write(PASSPHRASE);
    keyboard.press("Return");
    desk.sees("the same", |picture| picture.difference(&asked) < 20);
    assert!(keyboard.is_given_to(ASKS) && bundles(&marked).is_empty());
    let recorded = desk.recorded();
    keyboard.press("Escape");
    until("its end", || (!keyboard.sees(ASKS)).then_some(()));
    until("its record", || (desk.recorded() > recorded).then_some(()));
    assert!(bundles(&marked).is_empty(), "declined");

    until("the window", || keyboard.is_given_to("Vaultmark").then_some(()));
    keyboard.click(FILE);
    keyboard.press("Return");
    until("the window that asks again", || keyboard.is_given_to(ASKS).then_some(()));
    keyboard.write(PASSPHRASE);
    keyboard.press("Return");
    let bundle = until("the bundle", || bundles(&marked).pop());
    desk.kill();
    let (bundle, signers) = (bundle.to_str().unwrap(), marked.place.signers());
    let signers = signers.to_str().unwrap();
    marked.place.run(["bundle", "verify", bundle, "--signers", signers]).ok();
}
