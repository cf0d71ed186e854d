//! Sending bundles.

use std::sync::atomic::Ordering;

use tauri::State;
use vaultmark::journeys::export as journey;

use crate::arguments::invalid;
use crate::shell::Shell;
use crate::sign_in_again::{Facts, sign_in};
use crate::views::{Answer, ExportPlan, ExportReport, ExportRequest, JobView};

/// Looks at what a request would send and lose.
#[tauri::command]
#[specta::specta]
pub async fn export_plan(shell: State<'_, Shell>, request: ExportRequest) -> Answer<ExportPlan> {
    let (request, _) = request.checked()?;
    shell.with_session(move |session| Ok(journey::plan(session, &request)?.into())).await
}

/// Sends, after the person has signed in again in a window that says what leaves; refused before that
/// where the policy refuses. The job's result is an `ExportReport`.
#[tauri::command]
#[specta::specta]
pub async fn export_run(shell: State<'_, Shell>, request: ExportRequest) -> Answer<JobView> {
    let (request, to) = request.checked()?;
    if to.as_os_str().is_empty() {
        return Err(invalid("file", "a bundle needs the full path of the file that it becomes"));
    }
    let (session, alive) = shell.session_and_life()?;
    let asked = request.clone();
    let (proof, heads, to) = shell
        .blocking(move |shell| {
            let target = journey::real_place(&to);
            let plan = journey::plan(&session, &asked)?;
            let facts = Facts::of_export(&asked, &plan, &target);
            if let Some(why) = plan.refused {
                return Ok(journey::refuse(&session, &asked, &target, why)?);
            }
            let proof = sign_in(shell, &session, &alive, &facts).or_else(|why| {
                match why.kind.as_str() {
                    "cancelled" if alive.load(Ordering::Acquire) => Ok(journey::refuse(
                        &session,
                        &asked,
                        &target,
                        vaultmark::AppError::Cancelled,
                    )?),
                    _ => Err(why),
                }
            })?;
            Ok((proof, plan.heads, target))
        })
        .await?;
    // What leaves is what the person has read of.
    let request = journey::Request { agreed: Some(heads), ..request };
    shell.start("bundle-create", move |_, session, work| {
        Ok(ExportReport::from(journey::perform(session, proof, &request, &to, work)?))
    })
}
