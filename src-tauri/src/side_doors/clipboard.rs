//! The clipboard: text that a command was allowed to copy, for as long as the policy says. What the
//! web engine puts there by itself (a page that copies without asking) is taken off again at once.
//!
//! Selecting text also offers it to every program of an X11 display (the primary selection,
//! ICCCM section 2.6.1); the engine can't be told not to. That offer is withdrawn after the same time as
//! a copy, and where copying is shut after two seconds; which also ends the selecting.
//!
//! Everything here goes through the toolkit's own loop, which also turns while a dialog is open.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use gtk::prelude::*;
use gtk::{TargetEntry, TargetFlags, gdk, glib};
use vaultmark::journeys::side_doors;

use crate::events::Copied;
use crate::shell::Shell;

/// How text is asked for.
const TEXT: &[&str] = &["UTF8_STRING", "text/plain;charset=utf-8", "text/plain", "STRING"];
/// How long selected text stays selected where nothing can be copied: long enough to type over it.
const SELECTED: Duration = Duration::from_secs(2);
/// Copies of the engine's own are recorded no more often.
const RECORDED_EVERY: Duration = Duration::from_secs(60);

thread_local! {
    // GTK lives on one thread.
    /// Whether what is on the clipboard was put there by a command.
    static ALLOWED: Cell<bool> = const { Cell::new(false) };
    /// Counts copies, so that a clock knows whether it is still about the last one.
    static COPIES: Cell<u64> = const { Cell::new(0) };
    /// The same for offers of selected text.
    static SELECTIONS: Cell<u64> = const { Cell::new(0) };
    /// When a copy of the engine's own was recorded.
    static RECORDED: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Ends with the copy that it belongs to, whoever took its place.
struct Held;

impl Drop for Held {
    fn drop(&mut self) {
        ALLOWED.set(false);
    }
}

/// Watches both.
pub(super) fn guard(shell: &Shell) {
    let known = shell.clone();
    watch(&gdk::SELECTION_CLIPBOARD, move |board| {
        if !ALLOWED.get() && is_ours(&gdk::SELECTION_CLIPBOARD) {
            board.clear();
            record(&known);
        }
    });
    let shell = shell.clone();
    watch(&gdk::SELECTION_PRIMARY, move |_| {
        if !is_ours(&gdk::SELECTION_PRIMARY) {
            return;
        }
        // Before anybody has signed in there is nothing on the screen to guard.
        let Ok(session) = shell.session() else { return };
        let seconds = side_doors::doors(&session).map_or(0, |doors| doors.copy_seconds);
        let stays = Duration::from_secs(seconds.into()).max(SELECTED);
        clear_after(&SELECTIONS, gdk::SELECTION_PRIMARY, stays);
    });
}

/// Puts a text there that the policy allows, and takes it off after a while; not once the session that
/// asked is over.
pub(crate) fn copy(copied: Copied, alive: Arc<AtomicBool>) {
    glib::idle_add_once(move || {
        if !alive.load(Ordering::Acquire) {
            return;
        }
        let Copied { text, stays } = copied;
        let targets: Vec<_> =
            TEXT.iter().map(|name| TargetEntry::new(name, TargetFlags::empty(), 0)).collect();
        let held = Held;
        let answer = move |_: &gtk::Clipboard, asked: &gtk::SelectionData, _| {
            let _with_it = &held;
            asked.set_text(&text);
        };
        // What was there before ends first, and says that nothing is allowed.
        let board = gtk::Clipboard::get(&gdk::SELECTION_CLIPBOARD);
        if board.set_with_data(&targets, answer) {
            ALLOWED.set(true);
            clear_after(&COPIES, gdk::SELECTION_CLIPBOARD, stays);
        }
    });
}

/// Takes off whatever of ours is there.
pub(crate) fn clear() {
    glib::idle_add_once(|| {
        for selection in [gdk::SELECTION_CLIPBOARD, gdk::SELECTION_PRIMARY] {
            clear_ours(&selection);
        }
    });
}

fn watch(selection: &gdk::Atom, changed: impl Fn(&gtk::Clipboard) + 'static) {
    gtk::Clipboard::get(selection).connect_local("owner-change", false, move |values| {
        if let Some(Ok(board)) = values.first().map(glib::Value::get::<gtk::Clipboard>) {
            changed(&board);
        }
        None
    });
}

/// Writes down, now and then, that the engine copied by itself. Away from the window's thread.
fn record(shell: &Shell) {
    if RECORDED.get().is_some_and(|at| at.elapsed() < RECORDED_EVERY) {
        return;
    }
    RECORDED.set(Some(Instant::now()));
    if let Ok(session) = shell.session() {
        std::thread::spawn(move || side_doors::copy_undone(&session));
    }
}

fn clear_after(
    counter: &'static std::thread::LocalKey<Cell<u64>>,
    selection: gdk::Atom,
    stays: Duration,
) {
    let number = counter.get() + 1;
    counter.set(number);
    glib::timeout_add_local_once(stays, move || {
        if counter.get() == number {
            clear_ours(&selection);
        }
    });
}

fn clear_ours(selection: &gdk::Atom) {
    if is_ours(selection) {
        gtk::Clipboard::get(selection).clear();
    }
}

/// Whether it was this program that filled it last.
fn is_ours(selection: &gdk::Atom) -> bool {
    gdk::selection_owner_get(selection).is_some()
}
