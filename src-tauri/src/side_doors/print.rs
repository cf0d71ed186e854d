//! Printing: never because a page asks the engine; a command asks the policy first, and then this
//! prints. To a printer only: the toolkit's printing into a file would be a second way out.

use gtk::prelude::*;
use tauri::{AppHandle, Manager as _, Runtime};
use webkit2gtk::{PrintOperation, PrintOperationExt as _, WebView, WebViewExt as _};

use crate::window;

/// What the toolkit may print with. Its other parts print into files or into programs.
const PRINTERS: &str = "cups";

pub(super) fn guard(view: &WebView) {
    if let Some(settings) = gtk::Settings::default() {
        settings.set_gtk_print_backends(Some(PRINTERS));
    }
    // Asked for by a script; `true` says that it has been dealt with.
    view.connect_print(|_, _| true);
}

/// Opens the printing dialog on what the window shows.
pub(crate) fn print<R: Runtime>(app: &AppHandle<R>) {
    let Some(window) = app.get_webview_window(window::LABEL) else { return };
    // A window that is closing prints nothing more.
    let _ = window.with_webview(|view| {
        let view = view.inner();
        let parent = view.toplevel().and_then(|widget| widget.downcast::<gtk::Window>().ok());
        let _ = PrintOperation::new(&view).run_dialog(parent.as_ref());
    });
}
