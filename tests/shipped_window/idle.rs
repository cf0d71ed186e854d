//! The idle clock: keys keep a vault open, and without any it locks.

use std::time::{Duration, Instant};

use crate::desk::{Desk, display};
use crate::marked::Marked;
use crate::starter::{Starter, shipped};
use crate::window::Keyboard;

/// The shortest time that a policy can ask for, in minutes.
const MINUTES: u32 = 1;
/// Longer than that, with a key now and then.
const BUSY: Duration = Duration::from_secs(75);
const NOW_AND_THEN: Duration = Duration::from_secs(10);

#[test]
fn keys_keep_a_vault_open_and_without_any_it_locks() {
    let (Some(program), Some(display)) = (shipped(), display()) else { return };
    let Some(keyboard) = Keyboard::of(&display) else { return };
    let marked = Marked::with_policy(|policy| policy.idle_lock_minutes = MINUTES);
    let desk = Desk::open(&marked, &display, keyboard, &Starter::plain(&program));
    desk.sign_in();
    let (page, start) = (desk.web_process(), Instant::now());
    while start.elapsed() < BUSY {
        // Means nothing anywhere.
        keyboard.press("F12");
        std::thread::sleep(NOW_AND_THEN);
    }
    assert_eq!(desk.web_process(), page, "it locked under somebody's hands");
    desk.has_the_keys(page);
    desk.is_back();
    desk.kill();
}
