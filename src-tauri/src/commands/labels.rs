//! The labels of a project.

use tauri::State;
use vaultmark::Session;
use vaultmark::journeys::labels as journey;
use vaultmark::model::ProjectId;

use crate::arguments;
use crate::events::Event;
use crate::shell::Shell;
use crate::views::{Answer, LabelRequest, LabelView, ProjectChanged};

/// All labels with the number of their annotations.
#[tauri::command]
#[specta::specta]
pub async fn labels(shell: State<'_, Shell>, project: String) -> Answer<Vec<LabelView>> {
    let project = arguments::id("project", &project)?;
    shell.with_session(move |session| list(session, project)).await
}

/// Makes or changes a label.
#[tauri::command]
#[specta::specta]
pub async fn label_save(
    shell: State<'_, Shell>,
    project: String,
    label: LabelRequest,
) -> Answer<Vec<LabelView>> {
    let (id, wish) = (arguments::id("project", &project)?, label.checked()?);
    let labels = shell
        .with_session(move |session| {
            journey::save(session, id, &[wish])?;
            list(session, id)
        })
        .await?;
    shell.tell(Event::ProjectChanged(ProjectChanged { project }));
    Ok(labels)
}

/// Deletes a label that no annotation uses.
#[tauri::command]
#[specta::specta]
pub async fn label_delete(
    shell: State<'_, Shell>,
    project: String,
    label: String,
) -> Answer<Vec<LabelView>> {
    let (id, label) = (arguments::id("project", &project)?, arguments::id("label", &label)?);
    let labels = shell
        .with_session(move |session| {
            journey::delete(session, id, label)?;
            list(session, id)
        })
        .await?;
    shell.tell(Event::ProjectChanged(ProjectChanged { project }));
    Ok(labels)
}

fn list(session: &Session, project: ProjectId) -> Answer<Vec<LabelView>> {
    Ok(journey::list(session, project)?.into_iter().map(Into::into).collect())
}
