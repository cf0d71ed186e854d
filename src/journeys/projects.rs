//! Projects: make one, list those that one holds a key for, find one by name.

use std::sync::Arc;

use vaultmark_model::text::check_name;
use vaultmark_model::{Marking, ProjectId, Role};
use vaultmark_store::project::{Counts, Project, ProjectInfo};

use crate::policy::{Operation, may_hold};
use crate::{AppError, Session};

/// A project in the list.
#[derive(Debug, Clone)]
pub struct ProjectSummary {
    /// What it is.
    pub info: ProjectInfo,
    /// How much is in it.
    pub counts: Counts,
    /// What the person may do in it.
    pub roles: Vec<Role>,
}

/// Makes a project; its maker becomes its manager, annotator and exporter.
///
/// # Errors
/// Where the policy refuses, the vault may not hold the marking, the name is not valid or is taken, or the vault can't be written.
pub fn create(session: &Session, name: &str, marking: Marking) -> Result<Arc<Project>, AppError> {
    session.permit(Operation::ProjectCreate)?;
    check_marking(session, &marking)?;
    check_name("project name", name)?;
    if list(session)?.iter().any(|project| project.info.identity.name == name) {
        return Err(AppError::Invalid {
            what: "the project's name",
            why: format!("`{name}` is taken by another project"),
        });
    }
    Ok(session.vault().create_project(name, marking)?)
}

/// Whether the vault may hold content of that marking (see [`may_hold`]).
///
/// # Errors
/// [`AppError::Marking`].
pub(super) fn check_marking(session: &Session, marking: &Marking) -> Result<(), AppError> {
    let vault = session.policy()?.marking;
    if may_hold(&vault, marking) {
        return Ok(());
    }
    Err(AppError::Marking { marking: marking.clone(), vault })
}

/// The projects that the person holds a key for, by name.
///
/// # Errors
/// Where the policy refuses or a project can't be opened.
pub fn list(session: &Session) -> Result<Vec<ProjectSummary>, AppError> {
    let mut all = Vec::new();
    for id in session.vault().project_ids()? {
        all.push(show(session, id)?);
    }
    all.sort_by(|a, b| a.info.identity.name.cmp(&b.info.identity.name));
    Ok(all)
}

/// One project with its counts.
///
/// # Errors
/// Where the policy refuses or the project can't be opened.
pub fn show(session: &Session, id: ProjectId) -> Result<ProjectSummary, AppError> {
    let project = session.enter(Operation::ItemsRead, id)?;
    let roles = session.project_roles(id)?;
    Ok(ProjectSummary { info: project.info()?, counts: project.counts()?, roles })
}

/// The project of that name or identifier; the only one where no name is given.
///
/// # Errors
/// [`AppError::NoProject`], [`AppError::WhichProject`].
pub fn find(session: &Session, name: Option<&str>) -> Result<ProjectId, AppError> {
    let all = list(session)?;
    let Some(name) = name else {
        return match all.as_slice() {
            [only] => Ok(only.info.identity.id),
            [] => Err(AppError::NoProjects),
            many => Err(AppError::WhichProject { count: many.len() }),
        };
    };
    all.iter()
        .find(|project| {
            project.info.identity.name == name || project.info.identity.id.to_string() == name
        })
        .map(|project| project.info.identity.id)
        .ok_or_else(|| AppError::NoProject { name: name.to_owned() })
}
