//! Systems whose web engine can't be held here: nothing is handed over.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tauri::{Runtime, WebviewWindow};

use crate::events::Copied;
use crate::shell::Shell;

/// Nothing to stand guard with.
pub(crate) fn guard<R: Runtime>(_window: &WebviewWindow<R>, _shell: &Shell) -> tauri::Result<()> {
    Ok(())
}

/// Copies nothing.
pub(crate) fn copy(_copied: Copied, _alive: Arc<AtomicBool>) {}

/// Has nothing to clear.
pub(crate) fn clear() {}

/// Prints nothing.
pub(crate) fn print(_alive: Arc<AtomicBool>) {}
