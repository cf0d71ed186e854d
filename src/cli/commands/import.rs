//! `import`

use serde_json::json;
use vaultmark_model::text::shown;

use crate::AppError;
use crate::cli::arguments::{Common, Import};
use crate::cli::output::{Output, bytes, count, path};
use crate::cli::{Ending, sign_in};
use crate::journeys::import::{self, Plan, Refused, Report};

/// Refusals shown as text; `--json` has them all.
const SHOWN: usize = 20;

/// Plans, and imports unless only the plan was asked for.
pub fn run(common: &Common, wish: &Import, output: &mut Output) -> Result<Ending, AppError> {
    sign_in::with_project(common, |session, project| {
        let plan =
            output.working("looking", |work| import::plan(session, project, &wish.paths, work))?;
        if wish.plan {
            show_plan(&plan, output);
            return Ok(Ending::Done);
        }
        let report =
            output.working("import", |work| import::perform(session, project, &plan, work))?;
        show_report(&report, output);
        Ok(ending(&report))
    })
}

/// Where every file was refused, the whole was.
fn ending(report: &Report) -> Ending {
    let some = report.imported + report.duplicates > 0;
    match (report.refused.is_empty(), report.cancelled) {
        (true, false) => Ending::Done,
        (false, false) if !some => Ending::Failed,
        _ => Ending::Partly,
    }
}

fn refusals(refused: &[Refused]) -> serde_json::Value {
    json!(
        refused
            .iter()
            .map(|r| json!({"file": r.file.to_string_lossy(), "reason": r.reason}))
            .collect::<Vec<_>>()
    )
}

fn refusal_lines(refused: &[Refused]) -> String {
    let mut text: String = refused
        .iter()
        .take(SHOWN)
        .map(|r| format!("  `{}` was not imported: {}\n", path(&r.file), shown(&r.reason)))
        .collect();
    if refused.len() > SHOWN {
        text.push_str(&format!(
            "  and {} more; --json lists all\n",
            count((refused.len() - SHOWN) as u64)
        ));
    }
    text
}

fn show_plan(plan: &Plan, output: &mut Output) {
    let value = json!({
        "new": plan.new.iter().map(|f| json!({"file": f.file.to_string_lossy(), "path": f.path.display(), "bytes": f.size})).collect::<Vec<_>>(),
        "bytes": plan.bytes(),
        "duplicates": plan.duplicates.iter().map(|p| p.to_string_lossy()).collect::<Vec<_>>(),
        "refused": refusals(&plan.refused), "ignored": plan.ignored,
    });
    output.result(&value, || {
        format!(
            "Would import {} images, {}. Already there: {}. Refused: {}. Other files: {}.\n{}Nothing was changed.",
            count(plan.new.len() as u64),
            bytes(plan.bytes()),
            count(plan.duplicates.len() as u64),
            count(plan.refused.len() as u64),
            count(plan.ignored),
            refusal_lines(&plan.refused)
        )
    });
}

fn show_report(report: &Report, output: &mut Output) {
    let value = json!({
        "imported": report.imported, "bytes": report.bytes, "duplicates": report.duplicates,
        "refused": refusals(&report.refused), "ignored": report.ignored,
        "cancelled": report.cancelled, "seconds": report.seconds,
    });
    output.result(&value, || {
        format!(
            "Imported {} images, {}, in {:.1} s. Already there: {}. Refused: {}. Other files: {}.\n{}{}",
            count(report.imported),
            bytes(report.bytes),
            report.seconds,
            count(report.duplicates),
            count(report.refused.len() as u64),
            count(report.ignored),
            refusal_lines(&report.refused),
            if report.cancelled { "Cancelled: run it again to go on from here." } else { "" }
        )
    });
}
