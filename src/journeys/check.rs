//! Checking: everything stored is authenticated again, and what is damaged is named.

use vaultmark_model::ProjectId;
use vaultmark_model::work::Work;
use vaultmark_store::Finding;
use vaultmark_store::audit::Outcome;

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

/// Authenticates the vault, and every project that the person holds a key for. Damage does not stop
/// it.
///
/// # Errors
/// Where the policy refuses, the work is cancelled, or the record can't be written.
pub fn check(session: &Session, work: Work<'_>) -> Result<Report, AppError> {
    session.permit(Operation::Check)?;
    let mut report = Report { findings: session.vault().check(work)?, ..Report::default() };
    for id in session.vault().project_ids()? {
        if work.cancel.is_cancelled() {
            return Err(AppError::Cancelled);
        }
        project(session, id, &mut report, work)?;
    }
    session.record(
        Operation::Check.word(),
        if report.findings.is_empty() { Outcome::Done } else { Outcome::Failed },
        None,
        [("findings", report.findings.len().to_string()), ("blobs", report.blobs.to_string())],
    )?;
    Ok(report)
}

fn project(
    session: &Session,
    id: ProjectId,
    report: &mut Report,
    work: Work<'_>,
) -> Result<(), AppError> {
    report.projects += 1;
    let opened = session.enter(Operation::ItemsRead, id);
    let checked = opened.and_then(|project| Ok(project.check(work)?));
    match checked {
        Ok(found) => {
            report.blobs += found.blobs;
            report.changes += found.changes;
            report.findings.extend(found.findings);
        }
        Err(error) if error.kind() == "cancelled" => return Err(error),
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
