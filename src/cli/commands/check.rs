//! `check`

use serde_json::json;

use crate::cli::arguments::Common;
use crate::cli::output::{Output, count, table};
use crate::cli::{Ending, sign_in};
use crate::{AppError, journeys};

/// Re-authenticates everything and names what is damaged.
pub fn run(common: &Common, output: &mut Output) -> Result<Ending, AppError> {
    let report = sign_in::with_session(common, |session| {
        output.working("check", |work| journeys::check::check(session, work))
    })?;
    let value = json!({
        "findings": report.findings, "projects": report.projects,
        "blobs": report.blobs, "changes": report.changes,
    });
    output.result(&value, || {
        let seen = format!(
            "{} projects, {} media files and {} changes authenticated",
            count(report.projects),
            count(report.blobs),
            count(report.changes)
        );
        if report.findings.is_empty() {
            return format!("All is well: {seen}.");
        }
        let mut rows = vec![["what", "where", "problem", "remedy"].map(str::to_owned).to_vec()];
        rows.extend(
            report.findings.iter().map(|f| {
                vec![f.what.clone(), f.place.clone(), f.problem.clone(), f.remedy.clone()]
            }),
        );
        format!("{}{} findings; {seen}.", table(&rows), count(report.findings.len() as u64))
    });
    Ok(if report.findings.is_empty() { Ending::Done } else { Ending::Failed })
}
