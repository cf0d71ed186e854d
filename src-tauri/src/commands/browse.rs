//! The picker inside the window.

use tauri::State;

use crate::shell::Shell;
use crate::views::{Answer, BrowseView};
use crate::{arguments, browse as folders};

/// What a folder of this computer holds.
#[tauri::command]
#[specta::specta]
pub async fn browse(shell: State<'_, Shell>, path: Option<String>) -> Answer<BrowseView> {
    let path = path.map(|path| arguments::path("folder", &path)).transpose()?;
    shell.blocking(move |_| folders::browse(path)).await
}
