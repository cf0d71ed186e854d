//! Annotating: open, edit, undo, redo, history.

use tauri::State;
use vaultmark::Session;
use vaultmark::journeys::{annotate as journey, view};
use vaultmark::model::ProjectId;
use vaultmark::store::project as store;

use crate::arguments;
use crate::shell::Shell;
use crate::views::{
    Answer, Committed, EditRequest, HistoryRow, OpenItem, UndoStateView, Undone, history_rows,
};

/// Opens an item: its annotations, and how its pixels can be asked for.
#[tauri::command]
#[specta::specta]
pub async fn item_open(shell: State<'_, Shell>, project: String, item: String) -> Answer<OpenItem> {
    let (project, item) = (arguments::id("project", &project)?, arguments::id("item", &item)?);
    shell
        .with_session(move |session| {
            let opened = journey::open(session, project, item)?;
            // Pixels that can't be decoded keep nobody from the annotations; the tiles say why.
            let pixels =
                if opened.has_media { view::pixels(session, project, item).ok() } else { None };
            Ok(OpenItem::of(opened, pixels.as_ref()))
        })
        .await
}

/// Makes one gesture's edits one signed change; it is on the disk when this answers.
#[tauri::command]
#[specta::specta]
pub async fn edit(
    shell: State<'_, Shell>,
    project: String,
    item: String,
    gesture: String,
    edits: Vec<EditRequest>,
) -> Answer<Committed> {
    let (project, item) = (arguments::id("project", &project)?, arguments::id("item", &item)?);
    arguments::word("gesture", &gesture)?;
    arguments::list("list of edits", &edits, arguments::EDITS)?;
    let edits = edits.into_iter().map(|edit| edit.checked(item)).collect::<Answer<Vec<_>>>()?;
    shell
        .with_session(move |session| {
            let done = journey::edit(session, project, &gesture, edits)?;
            committed(session, project, done)
        })
        .await
}

/// Takes back the person's last change in the project.
#[tauri::command]
#[specta::specta]
pub async fn undo(shell: State<'_, Shell>, project: String) -> Answer<Undone> {
    let project = arguments::id("project", &project)?;
    shell
        .with_session(move |session| {
            let done = journey::undo(session, project)?;
            undone(session, project, done)
        })
        .await
}

/// Brings back what was last undone.
#[tauri::command]
#[specta::specta]
pub async fn redo(shell: State<'_, Shell>, project: String) -> Answer<Undone> {
    let project = arguments::id("project", &project)?;
    shell
        .with_session(move |session| {
            let done = journey::redo(session, project)?;
            undone(session, project, done)
        })
        .await
}

/// What undo and redo would do now.
#[tauri::command]
#[specta::specta]
pub async fn undo_state(shell: State<'_, Shell>, project: String) -> Answer<UndoStateView> {
    let project = arguments::id("project", &project)?;
    shell.with_session(move |session| Ok(journey::undo_state(session, project)?.into())).await
}

/// The last changes of an item, newest first.
#[tauri::command]
#[specta::specta]
pub async fn history(
    shell: State<'_, Shell>,
    project: String,
    item: String,
) -> Answer<Vec<HistoryRow>> {
    let (project, item) = (arguments::id("project", &project)?, arguments::id("item", &item)?);
    shell
        .with_session(move |session| {
            history_rows(session, journey::history(session, project, item)?)
        })
        .await
}

/// What undo or redo did, with what stays as it is.
fn undone(session: &Session, project: ProjectId, done: store::Undone) -> Answer<Undone> {
    let committed = committed(session, project, done.committed)?;
    Ok(Undone::of(committed, done.exceptions, done.exception_count))
}

/// The change with what undo and redo would do after it.
fn committed(session: &Session, project: ProjectId, done: store::Committed) -> Answer<Committed> {
    let after: UndoStateView = journey::undo_state(session, project)?.into();
    Ok(Committed {
        change: done.change.to_string(),
        seq: done.seq,
        saved_at: session.ambient().now().to_iso(),
        items: done.items.iter().map(ToString::to_string).collect(),
        undo: after.undo,
        redo: after.redo,
    })
}
