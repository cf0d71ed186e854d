//! The clipboard: text that a command was allowed to copy, for as long as the policy says. What the
//! web engine puts there by itself (a page that copies without asking) is taken off again at once.
//!
//! Selecting text also offers it to every program of an X11 display (the primary selection,
//! ICCCM section 2.6.1); the engine can't be told not to. Where copying is shut, that offer is
//! withdrawn at once, which also ends the selecting; else after the same time as a copy.

use std::cell::Cell;
use std::time::Duration;

use gtk::prelude::*;
use gtk::{gdk, glib};
use tauri::{AppHandle, Runtime};
use vaultmark::journeys::side_doors;

use crate::shell::Shell;

thread_local! {
    // GTK lives on one thread.
    /// How many times the clipboard's owner is about to change because of a command.
    static EXPECTED: Cell<u32> = const { Cell::new(0) };
    /// Counts copies, so that a clock knows whether it is still about the last one.
    static COPIES: Cell<u64> = const { Cell::new(0) };
    /// The same for offers of selected text.
    static SELECTIONS: Cell<u64> = const { Cell::new(0) };
}

/// Watches both.
pub(super) fn guard(shell: &Shell) {
    watch(&gdk::SELECTION_CLIPBOARD, |board| {
        if EXPECTED.get() > 0 {
            EXPECTED.set(EXPECTED.get() - 1);
        } else if is_ours(&gdk::SELECTION_CLIPBOARD) {
            board.clear();
        }
    });
    let shell = shell.clone();
    watch(&gdk::SELECTION_PRIMARY, move |board| {
        if !is_ours(&gdk::SELECTION_PRIMARY) {
            return;
        }
        let stays = shell.session().ok().and_then(|session| side_doors::doors(&session).ok());
        match stays.map_or(0, |doors| doors.copy_seconds) {
            0 => board.clear(),
            seconds => clear_after(
                &SELECTIONS,
                gdk::SELECTION_PRIMARY,
                Duration::from_secs(seconds.into()),
            ),
        }
    });
}

/// Puts a text there that the policy allows, and takes it off after a while.
pub(crate) fn copy<R: Runtime>(app: &AppHandle<R>, text: String, stays: Duration) {
    let put = move || {
        EXPECTED.set(EXPECTED.get() + 1);
        gtk::Clipboard::get(&gdk::SELECTION_CLIPBOARD).set_text(&text);
        clear_after(&COPIES, gdk::SELECTION_CLIPBOARD, stays);
    };
    // A program that is ending copies nothing more.
    let _ = app.run_on_main_thread(put);
}

/// Takes off whatever of ours is there.
pub(crate) fn clear<R: Runtime>(app: &AppHandle<R>) {
    let _ = app.run_on_main_thread(|| {
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
