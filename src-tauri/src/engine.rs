//! The web engine's process that draws the page. It holds what was shown: when the vault locks it is
//! ended, and a new one that has seen nothing shows the unlock screen. When it ends by itself the vault
//! locks, for nobody can say what became of it.

#[cfg(target_os = "linux")]
pub(crate) use linux::{renew, watch};

#[cfg(not(target_os = "linux"))]
pub(crate) use elsewhere::{renew, watch};

#[cfg(target_os = "linux")]
mod linux {
    use std::cell::Cell;
    use std::time::{Duration, Instant};

    use tauri::{Manager as _, Runtime, WebviewWindow};
    use webkit2gtk::{WebProcessTerminationReason as Reason, WebViewExt as _};

    use crate::shell::Shell;
    use crate::window;

    /// An engine that ends this often in so short a time will not do better.
    const TOO_OFTEN: (u32, Duration) = (5, Duration::from_secs(30));
    /// Why the vault is locked when the engine ended by itself.
    const SCREEN_GONE: &str = "screen";

    /// Watches over the process of a window.
    ///
    /// # Errors
    /// The framework's.
    pub(crate) fn watch<R: Runtime>(window: &WebviewWindow<R>, shell: &Shell) -> tauri::Result<()> {
        let (watched, shell) = (window.clone(), shell.clone());
        let ends = Ends::default();
        window.with_webview(move |view| {
            view.inner().connect_web_process_terminated(move |_, reason| {
                // Ours, by `renew`.
                if reason == Reason::TerminatedByApi {
                    return;
                }
                if ends.are_too_many() {
                    watched.app_handle().exit(1);
                    return;
                }
                let (window, shell) = (watched.clone(), shell.clone());
                // Locking waits for work under way, and this is the window's thread.
                std::thread::spawn(move || {
                    // Locking begins anew by itself. A new page before the lock would be signed in.
                    if !shell.lock_because(SCREEN_GONE) {
                        renew(&window);
                    }
                });
            });
        })
    }

    /// Ends the process and has a new one show the first page. The build for tests keeps it: a
    /// WebDriver can't follow.
    pub(crate) fn renew<R: Runtime>(window: &WebviewWindow<R>) {
        if cfg!(feature = "automation") {
            return;
        }
        // A window that is closing takes its process with it.
        let _ = window.with_webview(|view| {
            let view = view.inner();
            view.terminate_web_process();
            view.load_uri(window::ORIGIN);
        });
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
    pub(crate) fn renew<R: Runtime>(_: &WebviewWindow<R>) {}
}
