//! Bringing media and annotation files in.

use tauri::State;
use vaultmark::Session;
use vaultmark::formats::{ReadOptions, formats as all_formats};
use vaultmark::journeys::{import as journey, interchange, view};
use vaultmark::model::ProjectId;

use crate::arguments;
use crate::events::Event;
use crate::shell::Shell;
use crate::views::{
    Answer, FormatView, ImportPlan, ImportReport, JobView, ProjectChanged, ReadReportView,
};

/// Looks at what an import of files and folders would do. The job's result is an `ImportPlan`.
#[tauri::command]
#[specta::specta]
pub async fn import_plan(
    shell: State<'_, Shell>,
    project: String,
    paths: Vec<String>,
) -> Answer<JobView> {
    let id = arguments::id("project", &project)?;
    arguments::list("list of paths", &paths, arguments::PATHS)?;
    let paths =
        paths.iter().map(|path| arguments::path("path", path)).collect::<Answer<Vec<_>>>()?;
    shell.start("import-plan", move |shell, session, work| {
        let plan = journey::plan(session, id, &paths, work)?;
        let token = shell.plans().keep(session.ambient(), id, plan)?;
        shell.plans().with(&token, id, |plan| ImportPlan::of(token.clone(), plan))
    })
}

/// Does what a plan says. The job's result is an `ImportReport`.
#[tauri::command]
#[specta::specta]
pub async fn import_run(
    shell: State<'_, Shell>,
    project: String,
    token: String,
) -> Answer<JobView> {
    let id = arguments::id("project", &project)?;
    arguments::text("plan", &token, 64)?;
    shell.start("import", move |shell, session, work| {
        let plan = shell.plans().take(&token, id)?;
        let report = journey::perform(session, id, &plan, work)?;
        shell.tell(Event::ProjectChanged(ProjectChanged { project: id.to_string() }));
        if report.imported > 0 {
            // Only a vault that was locked meanwhile refuses; the next opening goes on from there.
            let _ = prepare(shell, session, id);
        }
        Ok(ImportReport::from(report))
    })
}

/// Builds the tiles of large images in the background, where there are any to build; until then a
/// decoder makes each one anew.
pub(super) fn prepare(shell: &Shell, session: &Session, project: ProjectId) -> Answer<()> {
    if view::packs_are_missing(session, project)? {
        shell
            .start("prepare", move |_, session, work| view::build_packs(session, project, work))?;
    }
    Ok(())
}

/// The interchange formats.
#[tauri::command]
#[specta::specta]
pub async fn formats() -> Answer<Vec<FormatView>> {
    Ok(all_formats().iter().map(|format| FormatView::from(*format)).collect())
}

/// Brings an annotation file, or a folder of them, in. The job's result is a `ReadReportView`.
#[tauri::command]
#[specta::specta]
pub async fn annotations_import(
    shell: State<'_, Shell>,
    project: String,
    format: String,
    path: String,
    strict: bool,
) -> Answer<JobView> {
    let id = arguments::id("project", &project)?;
    arguments::word("format", &format)?;
    let format = interchange::readable(&format)?;
    let path = arguments::path("path", &path)?;
    shell.start("annotations-import", move |shell, session, work| {
        let options = ReadOptions { strict, ..ReadOptions::default() };
        let report = interchange::read(session, id, format, &path, &options, work)?;
        shell.tell(Event::ProjectChanged(ProjectChanged { project: id.to_string() }));
        Ok(ReadReportView::from(report))
    })
}
