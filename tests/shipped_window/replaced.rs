//! An update takes the program's file away while it runs: locking starts the running program anew all
//! the same, and leaves nothing.

use crate::desk::{Desk, display};
use crate::marked::Marked;
use crate::remains::nothing_is_left;
use crate::starter::{Starter, shipped};
use crate::window::Keyboard;

#[test]
fn locking_leaves_nothing_where_the_programs_file_is_gone() {
    let (Some(program), Some(display)) = (shipped(), display()) else { return };
    let Some(keyboard) = Keyboard::of(&display) else { return };
    let marked = Marked::prepare();
    let Some(mut secrets) = marked.keys() else { return };
    secrets.extend(Marked::texts());
    let Some(starter) = Starter::unprivileged(&program, &marked.place) else { return };
    let desk = Desk::open(&marked, &display, keyboard, &starter);
    desk.sign_in();
    desk.library();
    desk.annotate();
    starter.takes_the_program_away();
    desk.lock();
    nothing_is_left(&desk, &secrets, "after locking without a file");
    // And it can be used on.
    desk.sign_in();
    desk.library();
    desk.lock();
    desk.kill();
    marked.is_clean("in the end");
}
