//! The one window: what it looks like, and that it goes nowhere else.

use tauri::webview::NewWindowResponse;
use tauri::window::Color;
use tauri::{AppHandle, Runtime, Theme, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder};

use crate::place::Place;
use crate::views::{Look, ThemeChoice};

/// The window's label in the capabilities.
pub const LABEL: &str = "main";

/// The webview's own menu offers to reload, save and inspect; screens bring menus of their own.
const NO_MENU: &str = "addEventListener('contextmenu', (event) => event.preventDefault(), true);";

/// Opens the window. Its title names neither vault nor project: titles reach window lists,
/// screenshots and logs.
///
/// # Errors
/// The framework's, where there is no display.
pub fn open<R: Runtime>(app: &AppHandle<R>, look: Option<Look>) -> tauri::Result<WebviewWindow<R>> {
    let theme = look.map_or(ThemeChoice::Dark, |look| look.theme);
    let drawn = drawn(theme.is_dark());
    // The toolkit's own dialogs and lists heed this alone, not the window's theme.
    app.set_theme(drawn);
    let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App("index.html".into()))
        .title("Vaultmark")
        .inner_size(1280.0, 800.0)
        .min_inner_size(1024.0, 640.0)
        .prevent_overflow()
        // Nothing of a page is kept: no cache, cookies or storage on disk. WebDriver can't drive
        // such a view, so the build for tests has none of this.
        .incognito(!cfg!(feature = "automation"))
        .devtools(false)
        // Until the page is there.
        .background_color(ground(theme))
        .theme(drawn)
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
    // Even a view that keeps nothing makes a folder with the salts of its empty caches.
    match vaultmark::startup::scratch() {
        Some(folder) => window.data_directory(folder).build(),
        None => window.build(),
    }
}

/// How the window system is to draw its own parts; its own affair without an answer.
pub fn drawn(dark: Option<bool>) -> Option<Theme> {
    dark.map(|dark| if dark { Theme::Dark } else { Theme::Light })
}

/// The ground of a theme (ui/src/theme/tokens.css).
fn ground(theme: ThemeChoice) -> Color {
    match theme {
        ThemeChoice::System | ThemeChoice::Dark => Color(0x17, 0x18, 0x1a, 0xff),
        ThemeChoice::Light => Color(0xef, 0xf0, 0xf1, 0xff),
        ThemeChoice::Contrast => Color(0, 0, 0, 0xff),
    }
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
