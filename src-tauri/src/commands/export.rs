//! Sending bundles.

use tauri::State;
use vaultmark::journeys::export as journey;

use crate::arguments::invalid;
use crate::shell::Shell;
use crate::views::{Answer, ExportPlan, ExportReport, ExportRequest, JobView};

/// Looks at what a request would send and lose.
#[tauri::command]
#[specta::specta]
pub async fn export_plan(shell: State<'_, Shell>, request: ExportRequest) -> Answer<ExportPlan> {
    let (request, ..) = request.checked()?;
    shell.with_session(move |session| Ok(journey::plan(session, &request)?.into())).await
}

/// Sends, after the person has signed in again. The job's result is an `ExportReport`.
#[tauri::command]
#[specta::specta]
pub async fn export_run(shell: State<'_, Shell>, request: ExportRequest) -> Answer<JobView> {
    let (request, to, passphrase) = request.checked()?;
    if to.as_os_str().is_empty() {
        return Err(invalid("file", "a bundle needs the full path of the file that it becomes"));
    }
    let proof = shell.with_session(move |session| Ok(session.confirm(&passphrase)?)).await?;
    shell.start("bundle-create", move |_, session, work| {
        Ok(ExportReport::from(journey::perform(session, proof, &request, &to, work)?))
    })
}
