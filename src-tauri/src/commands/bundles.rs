//! Bundles that arrive.

use tauri::State;
use vaultmark::AppError;
use vaultmark::bundle::BundleError;
use vaultmark::journeys::{bundles as journey, projects};

use crate::arguments;
use crate::events::Event;
use crate::shell::Shell;
use crate::views::{Answer, JobView, ProjectChanged, ProjectView, VerifyReport};

/// Verifies a bundle in full. The job's result is a `VerifyReport`.
#[tauri::command]
#[specta::specta]
pub async fn bundle_verify(
    shell: State<'_, Shell>,
    path: String,
    signers: Option<String>,
) -> Answer<JobView> {
    let path = arguments::path("file", &path)?;
    let signers = signers.map(|file| arguments::path("list of signers", &file)).transpose()?;
    shell.start("bundle-verify", move |_, session, work| {
        let signers = journey::signers_from(signers.as_deref())?;
        match journey::inspect(session, &path, signers, work) {
            Ok(found) => Ok(VerifyReport::from(found)),
            // A wish to stop and a medium that can't be read say nothing of the bundle.
            Err(AppError::Bundle(error @ (BundleError::Cancelled | BundleError::Io { .. }))) => {
                Err(error.into())
            }
            // That a bundle does not hold is the report, not a failure to make one.
            Err(AppError::Bundle(broken)) => Ok(VerifyReport::broken(&broken.to_string())),
            Err(error) => Err(error),
        }
    })
}

/// Receives a bundle as a new project. The job's result is a `ProjectView`.
#[tauri::command]
#[specta::specta]
pub async fn bundle_receive(
    shell: State<'_, Shell>,
    path: String,
    signers: Option<String>,
    accept_fingerprint: Option<String>,
    accept_other_recipient: bool,
    name: Option<String>,
) -> Answer<JobView> {
    let path = arguments::path("file", &path)?;
    let signers = signers.map(|file| arguments::path("list of signers", &file)).transpose()?;
    arguments::maybe("fingerprint", accept_fingerprint.as_ref(), arguments::NAME)?;
    arguments::maybe("name", name.as_ref(), arguments::NAME)?;
    shell.start("bundle-receive", move |shell, session, work| {
        let reception = journey::Reception {
            file: &path,
            signers: journey::signers_from(signers.as_deref())?,
            accept: accept_fingerprint.as_deref(),
            accept_other_recipient,
            name: name.as_deref(),
        };
        let received = journey::receive(session, &reception, work)?;
        let project = ProjectView::from(projects::show(session, received.project)?);
        shell.tell(Event::ProjectChanged(ProjectChanged { project: project.id.clone() }));
        Ok(project)
    })
}
