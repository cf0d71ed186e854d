//! The theme that a person chose stays over locking, though the program starts anew.

use crate::desk::{Desk, display};
use crate::marked::Marked;
use crate::starter::{Starter, shipped};
use crate::window::{Keyboard, Picture};

/// The grounds of panels in the light theme (ui/src/theme/tokens.css).
const LIGHT: [u8; 3] = [0xef, 0xf0, 0xf1];
/// Where the settings show the choice of it, in pixels.
const CHOICE: (u32, u32) = (515, 214);

fn is_light(picture: &Picture) -> bool {
    picture.share(LIGHT) > 50_000
}

#[test]
fn the_theme_stays_when_the_program_starts_anew() {
    let (Some(program), Some(display)) = (shipped(), display()) else { return };
    let Some(keyboard) = Keyboard::of(&display) else { return };
    let marked = Marked::prepare();
    let desk = Desk::open(&marked, &display, keyboard, &Starter::plain(&program));
    desk.sign_in();
    keyboard.press("alt+7");
    desk.sees("the settings in the light theme", |picture| {
        if !is_light(picture) {
            keyboard.click(CHOICE);
        }
        is_light(picture)
    });
    let before = desk.web_process();
    keyboard.press("ctrl+l");
    desk.has_the_keys(before);
    desk.sees("a light first screen", is_light);
    desk.kill();
    marked.is_clean("in the end");
}
