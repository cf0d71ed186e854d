//! Keys, buttons, wheels and touches, as the window system delivers them to a widget before anything
//! behind it hears of them. What a page makes up by itself does not come by here; what it was given it
//! can have delivered again, as late as it likes (WebKitGTK hands keys that a page has left alone back
//! to the toolkit), and so only what is newer than all before counts.
//!
//! On systems other than Linux nothing is heard, and a vault locks after the policy's time in any case.

#[cfg(target_os = "linux")]
pub(crate) use linux::{hear, hear_widget};

#[cfg(not(target_os = "linux"))]
pub(crate) use elsewhere::hear;

#[cfg(target_os = "linux")]
mod linux {
    use std::cell::Cell;

    use gtk::gdk::EventType;
    use gtk::glib::{IsA, Propagation};
    use gtk::prelude::*;
    use tauri::{Runtime, WebviewWindow};

    use crate::shell::Shell;

    /// What says that somebody is there. A pointer that moves does not: tables shake.
    const INPUT: &[EventType] =
        &[EventType::KeyPress, EventType::ButtonPress, EventType::Scroll, EventType::TouchBegin];

    thread_local! {
        // GTK lives on one thread.
        /// The window system's time of the newest input, in milliseconds.
        static NEWEST: Cell<Option<u32>> = const { Cell::new(None) };
    }

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
            match event.event_type() {
                kind if !INPUT.contains(&kind) || !is_newest(event.time()) => {}
                EventType::Scroll => shell.touch(),
                _ => shell.heard(),
            }
            Propagation::Proceed
        });
    }

    /// Whether that time is newer than all before, which it then is the newest of.
    fn is_newest(time: u32) -> bool {
        let is_newer = time != 0 && NEWEST.get().is_none_or(|newest| is_after(time, newest));
        if is_newer {
            NEWEST.set(Some(time));
        }
        is_newer
    }

    /// On a clock that begins anew every 49 days.
    fn is_after(time: u32, earlier: u32) -> bool {
        (1..1 << 31).contains(&time.wrapping_sub(earlier))
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn what_was_heard_before_is_not_heard_again() {
            assert!(is_newest(u32::MAX - 5));
            assert!(!is_newest(u32::MAX - 5), "again");
            assert!(!is_newest(u32::MAX - 900), "kept back");
            assert!(!is_newest(0), "no time");
            assert!(is_newest(40), "over the end of the clock");
            assert!(!is_newest(u32::MAX), "kept back over the end");
        }
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
