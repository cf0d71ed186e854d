//! The one window: what it looks like, and that it goes nowhere else.

use std::path::PathBuf;

use tauri::webview::NewWindowResponse;
use tauri::window::Color;
use tauri::{AppHandle, Runtime, Theme, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder};

use crate::place::Place;

/// The window's label in the capabilities.
pub const LABEL: &str = "main";

/// The webview's own menu offers to reload, save and inspect; screens bring menus of their own.
const NO_MENU: &str = "addEventListener('contextmenu', (event) => event.preventDefault(), true);";

/// Opens the window. Its title names neither vault nor project: titles reach window lists,
/// screenshots and logs.
///
/// # Errors
/// The framework's, where there is no display.
pub fn open<R: Runtime>(app: &AppHandle<R>) -> tauri::Result<WebviewWindow<R>> {
    let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App("index.html".into()))
        .title("Vaultmark")
        .inner_size(1280.0, 800.0)
        .min_inner_size(1024.0, 640.0)
        .prevent_overflow()
        // Nothing of a page is kept: no cache, cookies or storage on disk. WebDriver can't drive
        // such a view, so the build for tests has none of this.
        .incognito(!cfg!(feature = "automation"))
        .devtools(false)
        // Until the page is there; the ground of its dark theme (ui/src/theme/tokens.css).
        .background_color(Color(0x17, 0x18, 0x1a, 0xff))
        // As the page starts too.
        .theme(Some(Theme::Dark))
        // Files dropped on the window are not opened.
        .disable_drag_drop_handler()
        .initialization_script(NO_MENU)
        .on_navigation(is_own)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false);
    // Where it stood before the program started anew.
    let window = match Place::told() {
        Some(place) => {
            let Place { x, y, width, height, maximized } = place;
            window
                .position(f64::from(x), f64::from(y))
                .inner_size(f64::from(width), f64::from(height))
                .maximized(maximized)
        }
        None => window,
    };
    match scratch() {
        Some(folder) => window.data_directory(folder).build(),
        None => window.build(),
    }
}

/// Even a view that keeps nothing makes a folder with the salts of its empty caches. It belongs
/// where it is gone when the person logs out: the runtime folder, which lies in memory.
fn scratch() -> Option<PathBuf> {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from)?;
    runtime.is_absolute().then(|| runtime.join("org.vaultmark.desktop"))
}

/// Whether an address is a page of the program.
fn is_own(url: &Url) -> bool {
    if cfg!(windows) {
        url.scheme() == "http" && url.host_str() == Some("tauri.localhost")
    } else {
        url.scheme() == "tauri" && url.host_str() == Some("localhost")
    }
}

/// The origin that may read pictures.
pub const ORIGIN: &str = if cfg!(windows) { "http://tauri.localhost" } else { "tauri://localhost" };

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_window_goes_nowhere_but_to_its_own_pages() {
        let own = |text: &str| is_own(&text.parse().unwrap());
        assert!(own("tauri://localhost/index.html"));
        assert!(own(ORIGIN));
        for other in [
            "https://example.org/",
            "http://tauri.localhost/",
            "tauri://elsewhere/",
            "file:///etc/passwd",
            "data:text/html,x",
            "about:blank",
            "media://localhost/x",
        ] {
            assert!(!own(other), "{other}");
        }
    }
}
