//! Checking: everything stored is authenticated again, and what is damaged is named.

use std::sync::Arc;

use vaultmark_model::ProjectId;
use vaultmark_model::work::Work;
use vaultmark_store::Finding;
use vaultmark_store::audit::Outcome;
use vaultmark_store::project::Project;

use crate::policy::Operation;
use crate::{AppError, Session};

/// What a check found.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// What is damaged, by name; empty when all is well.
    pub findings: Vec<Finding>,
    /// Projects looked at.
    pub projects: u64,
    /// Blobs authenticated.
    pub blobs: u64,
    /// Changes verified.
    pub changes: u64,
}

/// Authenticates the vault, and every project that the person holds a key for, and holds what was
/// changed against who had the right to. Damage does not stop it.
///
/// # Errors
/// Where the policy refuses, the work is cancelled, or the record can't be written.
pub fn check(session: &Session, work: Work<'_>) -> Result<Report, AppError> {
    session.permit(Operation::Check)?;
    session.conclude(Operation::Check, None, check_permitted(session, work), |report| {
        let outcome = if report.findings.is_empty() { Outcome::Done } else { Outcome::Failed };
        let findings = ("findings", report.findings.len().to_string());
        (outcome, vec![findings, ("blobs", report.blobs.to_string())])
    })
}

fn check_permitted(session: &Session, work: Work<'_>) -> Result<Report, AppError> {
    // Asked for all before anything is read: what the policy refuses is no damage.
    let mut projects = Vec::new();
    for id in session.vault().project_ids()? {
        match session.enter(Operation::ProjectCheck, id) {
            Err(error @ AppError::Denied { .. }) => return Err(error),
            opened => projects.push((id, opened)),
        }
    }
    let mut report = Report {
        findings: session.vault().check(work)?.into_iter().collect(),
        ..Report::default()
    };
    for (id, opened) in projects {
        if work.cancel.is_cancelled() {
            return Err(AppError::Cancelled);
        }
        project(session, id, opened, &mut report, work)?;
    }
    Ok(report)
}

fn project(
    session: &Session,
    id: ProjectId,
    opened: Result<Arc<Project>, AppError>,
    report: &mut Report,
    work: Work<'_>,
) -> Result<(), AppError> {
    report.projects += 1;
    let checked = opened.and_then(|project| Ok(session.vault().check_project(&project, work)?));
    match checked {
        Ok(found) => {
            report.blobs += found.blobs;
            report.changes += found.changes;
            report.findings.extend(found.findings);
        }
        Err(error) if error.is_cancelled() => return Err(error),
        // A project too damaged to open is a finding too; the others are still looked at.
        Err(error) => report.findings.push(Finding {
            what: "project".into(),
            place: id.to_string(),
            problem: error.to_string(),
            remedy: "restore this project from a backup".into(),
        }),
    }
    Ok(())
}
