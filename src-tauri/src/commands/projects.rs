//! Projects.

use tauri::State;
use vaultmark::journeys::projects as journey;
use vaultmark::model::Marking;

use crate::arguments;
use crate::shell::Shell;
use crate::views::{Answer, ProjectView, ProjectsView};

/// The projects that the person holds a key for, those that can't be opened apart.
#[tauri::command]
#[specta::specta]
pub async fn projects(shell: State<'_, Shell>) -> Answer<ProjectsView> {
    shell.with_session(|session| Ok(journey::list(session)?.into())).await
}

/// Makes a project.
#[tauri::command]
#[specta::specta]
pub async fn project_create(
    shell: State<'_, Shell>,
    name: String,
    marking: String,
) -> Answer<ProjectView> {
    arguments::text("name", &name, arguments::NAME)?;
    arguments::text("marking", &marking, arguments::NAME)?;
    let marking = Marking::new(&marking)?;
    shell
        .with_session(move |session| {
            let made = journey::create(session, &name, marking)?;
            Ok(journey::show(session, made.info()?.identity.id)?.into())
        })
        .await
}
