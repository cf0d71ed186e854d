//! The window's side doors: the clipboard, dragging out, printing, the desktop's services. The page
//! asks through commands, the vault's policy answers in Rust, and what the web engine does past the
//! commands is undone or stopped here, where the page has no say.
//!
//! On systems other than Linux the engine can't be held like this: there the page's own refusal is all.

#[cfg(target_os = "linux")]
mod clipboard;
#[cfg(target_os = "linux")]
mod desktop;
#[cfg(target_os = "linux")]
mod drag;
#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod print;

#[cfg(target_os = "linux")]
pub(crate) use clipboard::{clear, copy};
#[cfg(not(target_os = "linux"))]
pub(crate) use elsewhere::{clear, copy, guard, print};
#[cfg(target_os = "linux")]
pub(crate) use print::print;

#[cfg(target_os = "linux")]
use tauri::{Runtime, WebviewWindow};

#[cfg(target_os = "linux")]
use crate::shell::Shell;

/// Stands guard at the doors of a window, before it has shown anything.
///
/// # Errors
/// The framework's.
#[cfg(target_os = "linux")]
pub(crate) fn guard<R: Runtime>(window: &WebviewWindow<R>, shell: &Shell) -> tauri::Result<()> {
    let shell = shell.clone();
    window.with_webview(move |view| {
        let view = view.inner();
        clipboard::guard(&shell);
        desktop::guard(&view);
        drag::guard(&view, &shell);
        print::guard(&view);
    })
}
