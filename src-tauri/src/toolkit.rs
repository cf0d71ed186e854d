//! The window's view, for what goes through the toolkit's own loop: that one also turns while a dialog
//! is open, the framework's does not.

use std::cell::RefCell;

use gtk::prelude::*;
use tauri::{Runtime, WebviewWindow};
use webkit2gtk::WebView;

thread_local! {
    // GTK lives on one thread.
    static VIEW: RefCell<Option<WebView>> = const { RefCell::new(None) };
}

/// Remembers the view of a window, before it has shown anything.
///
/// # Errors
/// The framework's.
pub(crate) fn remember<R: Runtime>(window: &WebviewWindow<R>) -> tauri::Result<()> {
    window.with_webview(|view| VIEW.with_borrow_mut(|known| *known = Some(view.inner())))
}

/// Acts on the view; none while the window is being made, and away from the toolkit's thread.
pub(crate) fn with_view<T>(act: impl FnOnce(&WebView) -> T) -> Option<T> {
    // Not borrowed meanwhile: a dialog that runs on its own loop acts on it again.
    VIEW.with_borrow(Clone::clone).map(|view| act(&view))
}

/// The window that the view stands in.
pub(crate) fn window() -> Option<gtk::Window> {
    with_view(|view| view.toplevel()?.downcast::<gtk::Window>().ok()).flatten()
}
