//! The web process ends as a mistake in it would end it: the vault is locked, the first screen comes
//! back and works, and nothing was written down.

use std::fs;

use crate::desk::{Desk, display};
use crate::marked::Marked;
use crate::remains::nothing_is_left;
use crate::starter::{Starter, shipped};
use crate::window::{Keyboard, process};

#[test]
fn a_crash_of_the_web_process_locks_the_vault_and_leaves_nothing() {
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
    cores_are_empty(&desk);
    desk.end_the_page(process::crash);
    desk.is_back();
    nothing_is_left(&desk, &secrets, "after the crash");
    marked.is_clean("after the crash");

    // The window works as before; and once more, ended by another's hand.
    desk.sign_in();
    desk.library();
    desk.annotate();
    desk.end_the_page(process::kill);
    desk.is_back();
    nothing_is_left(&desk, &secrets, "after the second end");
    desk.sign_in();
    desk.lock();
    desk.kill();
    marked.is_clean("in the end");
}

/// That no process's memory would be in a core file. Where the kernel hands crashes to a program, the
/// limit of their size does not hold (core(5)), and only the choice of what goes in does.
fn cores_are_empty(desk: &Desk) {
    let pattern = fs::read_to_string("/proc/sys/kernel/core_pattern").unwrap_or_default();
    for id in desk.family() {
        let read = |table| fs::read_to_string(format!("/proc/{id}/{table}")).unwrap_or_default();
        let (limits, filter) = (read("limits"), read("coredump_filter"));
        let limit = limits.lines().find(|line| line.starts_with("Max core file size"));
        let is_none = limit.is_some_and(|line| line.split_whitespace().nth(4) == Some("0"));
        let is_empty = u64::from_str_radix(filter.trim(), 16) == Ok(0);
        let name = process::program(id);
        assert!(is_none, "{name}: {limit:?}");
        assert!(is_empty || !pattern.starts_with('|'), "{name}: {filter}, {pattern}");
    }
}
