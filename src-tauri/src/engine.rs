//! The web engine's process that draws the page, and the program's own end of it. Both hold what was
//! shown, the engine in memory that this program can't overwrite. So when the vault locks, the process
//! that draws is ended at once, and when all is closed the program starts anew in its own place: the
//! kernel takes all memory back, and a window that has seen nothing shows the unlock screen.
//!
//! When the process that draws ends by itself the vault locks, for nobody can say what became of it.
//! Where no vault was open the first page is loaded again; a sign-in that was under way opens nothing
//! for it ([`Shell::page_gone`]).

#[cfg(target_os = "linux")]
pub(crate) use linux::{begin_anew, tear_down, watch};

#[cfg(not(target_os = "linux"))]
pub(crate) use elsewhere::{begin_anew, tear_down, watch};

#[cfg(target_os = "linux")]
mod linux {
    use std::cell::Cell;
    use std::os::unix::process::CommandExt as _;
    use std::path::PathBuf;
    use std::process::Command;
    use std::time::{Duration, Instant};

    use gtk::glib;
    use gtk::prelude::*;
    use tauri::{Manager as _, Runtime, WebviewWindow};
    use webkit2gtk::{WebProcessTerminationReason as Reason, WebView, WebViewExt as _};

    use crate::events::Closed;
    use crate::place::Place;
    use crate::shell::Shell;
    use crate::start::{LOCKED_BECAUSE, LOOK};
    use crate::toolkit::with_view;
    use crate::{place, window};

    /// An engine that ends this often in so short a time will not do better.
    const TOO_OFTEN: (u32, Duration) = (5, Duration::from_secs(30));
    /// Why the vault is locked when the engine ended by itself.
    const SCREEN_GONE: &str = "screen";

    /// Watches over the process of a window.
    ///
    /// # Errors
    /// The framework's.
    pub(crate) fn watch<R: Runtime>(window: &WebviewWindow<R>, shell: &Shell) -> tauri::Result<()> {
        let (app, shell) = (window.app_handle().clone(), shell.clone());
        let ends = Ends::default();
        window.with_webview(move |view| {
            let view = view.inner();
            view.connect_web_process_terminated(move |_, reason| {
                // Ours, by `tear_down`.
                if reason == Reason::TerminatedByApi {
                    return;
                }
                if ends.are_too_many() {
                    app.exit(1);
                    return;
                }
                let shell = shell.clone();
                // Both may wait for work under way, and this is the window's thread.
                std::thread::spawn(move || {
                    // A sign-in under way has opened the vault, or will not.
                    let opened = shell.page_gone();
                    if !shell.lock_because(SCREEN_GONE) && !opened {
                        glib::idle_add_once(load);
                    }
                });
            });
        })
    }

    /// Ends the process that draws, with every dialog over the window: nothing is on the screen when
    /// this has come to pass. The build for tests keeps the process: a WebDriver can't follow.
    pub(crate) fn tear_down() {
        glib::idle_add_once(|| {
            close_dialogs();
            if !cfg!(feature = "automation") {
                with_view(WebView::terminate_web_process);
            }
        });
    }

    /// Starts the program anew in its own place, on the vault that was closed.
    pub(crate) fn begin_anew(closed: Closed, shell: &Shell) {
        if cfg!(feature = "automation") {
            return;
        }
        let shell = shell.clone();
        glib::idle_add_once(move || {
            let mut again = Command::new(this_program());
            again.arg(&closed.vault);
            match &closed.reason {
                Some(reason) => again.env(LOCKED_BECAUSE, reason),
                None => again.env_remove(LOCKED_BECAUSE),
            };
            match shell.look() {
                Some(look) => again.env(LOOK, look.to_string()),
                None => again.env_remove(LOOK),
            };
            match with_view(Place::of).flatten() {
                Some(place) => again.env(place::VARIABLE, place.to_string()),
                None => again.env_remove(place::VARIABLE),
            };
            // Returns only where it failed.
            let _ = again.exec();
            // Then at least a new page, and no sign-in for it by the one that has ended.
            std::thread::spawn(move || {
                if shell.page_gone() {
                    shell.lock_because(SCREEN_GONE);
                } else {
                    glib::idle_add_once(load);
                }
            });
        });
    }

    /// The file that runs, also where an update has put another one in its place.
    fn this_program() -> PathBuf {
        let named = std::env::current_exe().ok().filter(|path| path.is_file());
        named.unwrap_or_else(|| "/proc/self/exe".into())
    }

    fn load() {
        with_view(|view| view.load_uri(window::ORIGIN));
    }

    /// A dialog would stay over the empty window with what it was asked for.
    fn close_dialogs() {
        for widget in gtk::Window::list_toplevels() {
            if let Some(dialog) = widget.downcast_ref::<gtk::Dialog>() {
                dialog.response(gtk::ResponseType::Cancel);
            }
        }
    }

    /// How often the process ended by itself of late.
    #[derive(Default)]
    struct Ends {
        first: Cell<Option<Instant>>,
        count: Cell<u32>,
    }

    impl Ends {
        /// Counts one more.
        fn are_too_many(&self) -> bool {
            let (most, within) = TOO_OFTEN;
            let now = Instant::now();
            match self.first.get() {
                Some(first) if now - first < within => self.count.set(self.count.get() + 1),
                _ => {
                    self.first.set(Some(now));
                    self.count.set(1);
                }
            }
            self.count.get() > most
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use tauri::{Runtime, WebviewWindow};

    use crate::events::Closed;
    use crate::shell::Shell;

    /// Nothing to watch with.
    ///
    /// # Errors
    /// None.
    pub(crate) fn watch<R: Runtime>(_: &WebviewWindow<R>, _: &Shell) -> tauri::Result<()> {
        Ok(())
    }

    /// Can't be done here.
    pub(crate) fn tear_down() {}

    /// Can't be done here.
    pub(crate) fn begin_anew(_: Closed, _: &Shell) {}
}
