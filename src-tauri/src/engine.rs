//! The web engine's process that draws the page. It holds what was shown: when the vault locks it is
//! ended, and a new one that has seen nothing shows the unlock screen. When it ends by itself the vault
//! locks, for nobody can say what became of it.
//!
//! What a page asked for before it ended may still be under way: a sign-in that finishes after its page
//! has gone does not open the vault for the next one ([`Shell::page_gone`]).

#[cfg(target_os = "linux")]
pub(crate) use linux::{renew, watch};

#[cfg(not(target_os = "linux"))]
pub(crate) use elsewhere::{renew, watch};

#[cfg(target_os = "linux")]
mod linux {
    use std::cell::{Cell, RefCell};
    use std::time::{Duration, Instant};

    use gtk::glib;
    use gtk::prelude::*;
    use tauri::{Manager as _, Runtime, WebviewWindow};
    use webkit2gtk::{WebProcessTerminationReason as Reason, WebView, WebViewExt as _};

    use crate::shell::Shell;
    use crate::window;

    /// An engine that ends this often in so short a time will not do better.
    const TOO_OFTEN: (u32, Duration) = (5, Duration::from_secs(30));
    /// Why the vault is locked when the engine ended by itself.
    const SCREEN_GONE: &str = "screen";

    thread_local! {
        /// The window's view. The toolkit lives on one thread, and this is reached through its own
        /// loop, which also turns while a dialog is open; the framework's does not.
        static VIEW: RefCell<Option<WebView>> = const { RefCell::new(None) };
    }

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
                // Ours, by `renew`.
                if reason == Reason::TerminatedByApi {
                    return;
                }
                if ends.are_too_many() {
                    app.exit(1);
                    return;
                }
                let shell = shell.clone();
                // Locking waits for work under way, and this is the window's thread.
                std::thread::spawn(move || {
                    // Locking begins anew by itself.
                    if !shell.lock_because(SCREEN_GONE) {
                        renew(&shell);
                    }
                });
            });
            VIEW.with_borrow_mut(|known| *known = Some(view));
        })
    }

    /// Ends the process, with every dialog over it, and has a new one show the first page. The build
    /// for tests keeps it: a WebDriver can't follow.
    pub(crate) fn renew(shell: &Shell) {
        if cfg!(feature = "automation") {
            return;
        }
        let shell = shell.clone();
        glib::idle_add_once(move || {
            close_dialogs();
            with_view(WebView::terminate_web_process);
            // Asking the shell may wait for a sign-in under way.
            std::thread::spawn(move || {
                if shell.page_gone() {
                    // Opened by the page that has ended. Locking comes back here.
                    shell.lock_because(SCREEN_GONE);
                } else {
                    glib::idle_add_once(|| with_view(|view| view.load_uri(window::ORIGIN)));
                }
            });
        });
    }

    fn with_view(act: impl FnOnce(&WebView)) {
        // None while the window is being made.
        VIEW.with_borrow(|view| view.as_ref().map(act));
    }

    /// A dialog would stay over the unlock screen with what it was asked for.
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

    use crate::shell::Shell;

    /// Nothing to watch with.
    ///
    /// # Errors
    /// None.
    pub(crate) fn watch<R: Runtime>(_: &WebviewWindow<R>, _: &Shell) -> tauri::Result<()> {
        Ok(())
    }

    /// Can't be done here.
    pub(crate) fn renew(_: &Shell) {}
}
