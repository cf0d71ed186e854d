//! Systems whose web engine can't be held here: nothing is handed over.

use std::time::Duration;

use tauri::{AppHandle, Runtime, WebviewWindow};

use crate::shell::Shell;

/// Nothing to stand guard with.
pub(crate) fn guard<R: Runtime>(_window: &WebviewWindow<R>, _shell: &Shell) -> tauri::Result<()> {
    Ok(())
}

/// Copies nothing.
pub(crate) fn copy<R: Runtime>(_app: &AppHandle<R>, _text: String, _stays: Duration) {}

/// Has nothing to clear.
pub(crate) fn clear<R: Runtime>(_app: &AppHandle<R>) {}

/// Prints nothing.
pub(crate) fn print<R: Runtime>(_app: &AppHandle<R>) {}
