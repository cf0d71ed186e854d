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

/// All projects of a person.
#[derive(Debug, Default)]
pub struct Projects {
    /// Those that can be opened, by name.
    pub projects: Vec<ProjectSummary>,
    /// Those that can't be, and why.
    pub damaged: Vec<Damaged>,
}

/// A project that can't be opened.
#[derive(Debug)]
pub struct Damaged {
    /// Which one: its name lies inside it.
    pub id: ProjectId,
    /// Why.
    pub error: AppError,
}

/// Makes a project; its maker becomes its manager, annotator and exporter.
///
/// # Errors
/// Where the policy refuses, the vault may not hold the marking, the name is not valid or is taken, or the vault can't be written.
pub fn create(session: &Session, name: &str, marking: Marking) -> Result<Arc<Project>, AppError> {
    session.permit(Operation::ProjectCreate)?;
    check_marking(session, &marking)?;
    check_name("project name", name)?;
    if is_taken(session, name)? {
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

/// The projects that the person holds a key for, by name. One that can't be opened does not keep the
/// others from their work.
///
/// # Errors
/// Where the directory can't be read.
pub fn list(session: &Session) -> Result<Projects, AppError> {
    let mut all = Projects::default();
    for id in session.vault().project_ids()? {
        match show(session, id) {
            Ok(project) => all.projects.push(project),
            Err(error) => all.damaged.push(Damaged { id, error }),
        }
    }
    all.projects.sort_by(|a, b| a.info.identity.name.cmp(&b.info.identity.name));
    Ok(all)
}

/// Whether a project of that name is there.
///
/// # Errors
/// As [`list`].
pub(super) fn is_taken(session: &Session, name: &str) -> Result<bool, AppError> {
    Ok(list(session)?.projects.iter().any(|project| project.info.identity.name == name))
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
/// [`AppError::NoProject`], [`AppError::WhichProject`]; what keeps the one that is meant from being
/// opened.
pub fn find(session: &Session, name: Option<&str>) -> Result<ProjectId, AppError> {
    let Projects { projects, damaged } = list(session)?;
    let Some(name) = name else {
        let mut damaged = damaged.into_iter();
        return match (projects.as_slice(), damaged.next()) {
            ([only], None) => Ok(only.info.identity.id),
            ([], None) => Err(AppError::NoProjects),
            ([], Some(only)) if damaged.len() == 0 => Err(only.error),
            (some, first) => {
                let count = some.len() + damaged.len() + usize::from(first.is_some());
                Err(AppError::WhichProject { count })
            }
        };
    };
    let is_meant = |id: ProjectId| id.to_string() == name;
    let found = projects
        .iter()
        .find(|project| project.info.identity.name == name || is_meant(project.info.identity.id));
    match (found, damaged.into_iter().find(|one| is_meant(one.id))) {
        (Some(project), _) => Ok(project.info.identity.id),
        (None, Some(one)) => Err(one.error),
        (None, None) => Err(AppError::NoProject { name: name.to_owned() }),
    }
}
