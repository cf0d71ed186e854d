//! The tray.

use tauri::State;

use crate::arguments;
use crate::shell::Shell;
use crate::views::{Answer, JobView};

/// All jobs of the session, oldest first.
#[tauri::command]
#[specta::specta]
pub async fn jobs(shell: State<'_, Shell>) -> Answer<Vec<JobView>> {
    Ok(shell.jobs())
}

/// Asks a job to stop at its next safe place.
#[tauri::command]
#[specta::specta]
pub async fn job_cancel(shell: State<'_, Shell>, id: String) -> Answer<()> {
    arguments::text("job", &id, 64)?;
    shell.cancel(&id);
    Ok(())
}
