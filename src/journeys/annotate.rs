//! Annotating: open an item, edit, undo, redo. Every edit is one signed, durable Change.

use std::sync::Arc;

use vaultmark_model::change::{Edit, Matter};
use vaultmark_model::{Annotation, Item, ItemId, ProjectId};
use vaultmark_store::project::{Committed, HistoryEntry, Project, Step, UndoState, Undone};

use crate::policy::Operation;
use crate::{AppError, Session};

/// The most edits of one gesture; more belong into an import.
const EDITS: usize = 20_000;

/// An item with its annotations.
#[derive(Debug, Clone)]
pub struct OpenedItem {
    /// The item.
    pub item: Item,
    /// Its annotations, bottom first.
    pub annotations: Vec<Annotation>,
    /// Whether its media are in the vault.
    pub has_media: bool,
    /// The place in its chain of the last change that touched it.
    pub revision: u64,
}

/// Opens an item; recorded once in a session.
///
/// # Errors
/// Where the policy refuses, there is no such item, or the database fails.
pub fn open(session: &Session, project: ProjectId, id: ItemId) -> Result<OpenedItem, AppError> {
    let entered = session.enter(Operation::ItemOpen, project)?;
    let item = entered
        .item(id)?
        .ok_or(AppError::Invalid { what: "the item", why: "it is no longer there".into() })?;
    session.record_opened(project, id)?;
    let annotations = entered.annotations(id)?;
    let (has_media, revision) = (entered.has_media(id)?, entered.last_touched(id)?);
    Ok(OpenedItem { item, annotations, has_media, revision })
}

/// Makes one gesture's edits one Change; durable on return.
///
/// # Errors
/// Where the policy refuses, an edit is about something else than annotations and what is noted on
/// items, an edit is not valid, a subject is locked or gone, or the disk fails.
pub fn edit(
    session: &Session,
    project: ProjectId,
    gesture: &str,
    edits: Vec<Edit>,
) -> Result<Committed, AppError> {
    let entered = session.enter(Operation::Annotate, project)?;
    if edits.is_empty() || edits.len() > EDITS {
        return Err(AppError::Invalid {
            what: "the gesture",
            why: format!("it has {} edits; from 1 to {EDITS} are possible", edits.len()),
        });
    }
    let foreign = |edit: &Edit| Matter::of(&edit.subject, edit.part) != Matter::Annotations;
    if edits.iter().any(foreign) {
        return Err(AppError::Invalid {
            what: "the gesture",
            why: "it changes labels, or which items there are; those have operations of their own"
                .into(),
        });
    }
    Ok(entered.commit(gesture, edits)?)
}

/// Takes back the person's last Change in the project, as a new Change. It takes the permission that
/// the Change took.
///
/// # Errors
/// Where the policy refuses, there is nothing to undo, or someone changed the same parts since.
pub fn undo(session: &Session, project: ProjectId) -> Result<Undone, AppError> {
    let (project, step) = next(session, project, |state| state.undo)?;
    Ok(project.undo_of(step.change)?)
}

/// Brings back what was last undone, as a new Change.
///
/// # Errors
/// As [`undo`].
pub fn redo(session: &Session, project: ProjectId) -> Result<Undone, AppError> {
    let (project, step) = next(session, project, |state| state.redo)?;
    Ok(project.redo_of(step.change)?)
}

/// What would be taken back, once the policy allows every operation that it is part of.
fn next(
    session: &Session,
    id: ProjectId,
    which: impl FnOnce(UndoState) -> Option<Step>,
) -> Result<(Arc<Project>, Step), AppError> {
    let project = session.enter(Operation::ItemsRead, id)?;
    let step = which(project.undo_state()?).ok_or(AppError::Invalid {
        what: "the wish",
        why: "there is nothing of yours to take back or to bring back".into(),
    })?;
    let (mut matters, batch) = project.matters(step.change)?;
    if matters.is_empty() {
        // It sets nothing, and counts as a gesture.
        matters.insert(Matter::Annotations);
    }
    let mut operations: Vec<_> = matters.into_iter().map(|one| undoing(one, batch)).collect();
    operations.dedup();
    for operation in operations {
        session.enter(operation, id)?;
    }
    Ok((project, step))
}

/// The operation that takes a change of this kind back.
const fn undoing(matter: Matter, batch: bool) -> Operation {
    match matter {
        Matter::Media => Operation::ImportUndo,
        Matter::Labels | Matter::Annotations if batch => Operation::AnnotationsImportUndo,
        Matter::Labels => Operation::LabelsUndo,
        Matter::Annotations => Operation::Annotate,
    }
}

/// What undo and redo would do now.
///
/// # Errors
/// Where the policy refuses or the database fails.
pub fn undo_state(session: &Session, project: ProjectId) -> Result<UndoState, AppError> {
    Ok(session.enter(Operation::ItemsRead, project)?.undo_state()?)
}

/// The last Changes of an item, newest first.
///
/// # Errors
/// Where the policy refuses or the database fails.
pub fn history(
    session: &Session,
    project: ProjectId,
    item: ItemId,
) -> Result<Vec<HistoryEntry>, AppError> {
    Ok(session.enter(Operation::HistoryRead, project)?.history(item, 200)?)
}

/// A view setting of the person in the project; kept inside the vault, no Change.
///
/// # Errors
/// Where the policy refuses or the database fails.
pub fn setting(
    session: &Session,
    project: ProjectId,
    key: &str,
) -> Result<Option<String>, AppError> {
    Ok(session.enter(Operation::ItemsRead, project)?.setting(key)?)
}

/// Keeps a view setting (key up to 64, value up to 64 Ki bytes).
///
/// # Errors
/// Where the policy refuses, the setting is too long, or the database fails.
pub fn keep_setting(
    session: &Session,
    project: ProjectId,
    key: &str,
    value: &str,
) -> Result<(), AppError> {
    let entered = session.enter(Operation::SettingKeep, project)?;
    if key.len() > 64 || value.len() > 64 * 1024 {
        return Err(AppError::Invalid { what: "the setting", why: "it is too long".into() });
    }
    Ok(entered.set_setting(key, value)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Taking back asks for a permission by which the change itself was possible.
    #[test]
    fn what_is_taken_back_takes_the_right_to_make_it() {
        for (matter, batch) in Matter::ALL.into_iter().flat_map(|one| [(one, false), (one, true)]) {
            let permission = undoing(matter, batch).permission();
            assert!(matter.permissions().contains(&permission), "{matter:?}");
        }
    }
}
