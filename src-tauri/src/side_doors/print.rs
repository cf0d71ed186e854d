//! Printing: never because a page asks the engine; a command asks the policy first, and then this
//! prints what the window shows. To a printer only: the toolkit's printing into a file would be a
//! second way out. Locking closes the dialog (`engine`).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gtk::glib;
use gtk::prelude::*;
use webkit2gtk::{PrintOperation, PrintOperationExt as _, WebView, WebViewExt as _};

use crate::toolkit;

/// What the toolkit may print with. Its other parts print into files or into programs.
const PRINTERS: &str = "cups";

pub(super) fn guard(view: &WebView) {
    if let Some(settings) = gtk::Settings::default() {
        settings.set_gtk_print_backends(Some(PRINTERS));
    }
    // Asked for by a script; `true` says that it has been dealt with.
    view.connect_print(|_, _| true);
}

/// Opens the printing dialog on what the window shows; not once the session that asked is over.
pub(crate) fn print(alive: Arc<AtomicBool>) {
    glib::idle_add_once(move || {
        if alive.load(Ordering::Acquire) {
            toolkit::with_view(|view| {
                PrintOperation::new(view).run_dialog(toolkit::window().as_ref())
            });
        }
    });
}
