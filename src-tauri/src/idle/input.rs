//! Keys, buttons, wheels and touches, as the window system delivers them to a widget before anything
//! behind it hears of them. What a page makes up by itself does not come by here.
//!
//! On systems other than Linux nothing is heard, and a vault locks after the policy's time in any case.

#[cfg(target_os = "linux")]
pub(crate) use linux::{hear, hear_widget};

#[cfg(not(target_os = "linux"))]
pub(crate) use elsewhere::hear;

#[cfg(target_os = "linux")]
mod linux {
    use gtk::gdk::EventType;
    use gtk::glib::{IsA, Propagation};
    use gtk::prelude::*;
    use tauri::{Runtime, WebviewWindow};

    use crate::shell::Shell;

    /// What says that somebody is there. A pointer that moves does not: tables shake.
    const INPUT: &[EventType] =
        &[EventType::KeyPress, EventType::ButtonPress, EventType::Scroll, EventType::TouchBegin];

    /// Hears what the window's page is given.
    ///
    /// # Errors
    /// The framework's.
    pub(crate) fn hear<R: Runtime>(window: &WebviewWindow<R>, shell: &Shell) -> tauri::Result<()> {
        let shell = shell.clone();
        window.with_webview(move |view| hear_widget(&view.inner(), &shell))
    }

    /// Hears what a widget is given, on the toolkit's thread.
    pub(crate) fn hear_widget(widget: &impl IsA<gtk::Widget>, shell: &Shell) {
        let shell = shell.clone();
        widget.connect_event(move |_, event| {
            if INPUT.contains(&event.event_type()) {
                shell.touch();
            }
            Propagation::Proceed
        });
    }
}

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use tauri::{Runtime, WebviewWindow};

    use crate::shell::Shell;

    /// Nothing to hear with.
    ///
    /// # Errors
    /// None.
    pub(crate) fn hear<R: Runtime>(_: &WebviewWindow<R>, _: &Shell) -> tauri::Result<()> {
        Ok(())
    }
}
