//! Where the program can't start anew, for its file is gone: locking ends what drew the screen all the
//! same, no key is left, and the window can be used on.

use crate::desk::{Desk, display};
use crate::marked::Marked;
use crate::remains::nothing_is_left;
use crate::starter::{Starter, shipped};
use crate::window::Keyboard;

#[test]
fn locking_holds_where_the_programs_file_is_gone() {
    let (Some(program), Some(display)) = (shipped(), display()) else { return };
    let Some(keyboard) = Keyboard::of(&display) else { return };
    let marked = Marked::prepare();
    let Some(keys) = marked.keys() else { return };
    let Some(starter) = Starter::unprivileged(&program, &marked.place) else { return };
    let desk = Desk::open(&marked, &display, keyboard, &starter);
    desk.sign_in();
    desk.library();
    desk.annotate();
    starter.takes_the_program_away();
    desk.lock();
    nothing_is_left(&desk, &keys, "after locking in place");
    // The same process, a page that has seen nothing, and a vault that opens again.
    desk.sign_in();
    desk.library();
    desk.lock();
    desk.kill();
    marked.is_clean("in the end");
}
