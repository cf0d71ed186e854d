//! `annotations import`, `annotations export`

use serde_json::json;
use vaultmark_formats::{Note, Notes, ReadOptions};
use vaultmark_model::text::shown;

use crate::AppError;
use crate::cli::arguments::{AnnotationsCommand, Common, Reason};
use crate::cli::output::{Output, bytes, count, path};
use crate::cli::{Ending, sign_in};
use crate::journeys::export::{self, Form, Request};
use crate::journeys::interchange::{self, ImportedAnnotations};

/// Notes shown as text; `--json` has them all.
const SHOWN: usize = 20;

/// Brings annotation files in, or writes a bare one.
pub fn run(
    common: &Common,
    command: &AnnotationsCommand,
    output: &mut Output,
) -> Result<Ending, AppError> {
    match command {
        AnnotationsCommand::Import { format, strict, voc_offset, file } => {
            let format = interchange::readable(format)?;
            let mut options = ReadOptions { strict: *strict, ..ReadOptions::default() };
            if let Some(offset) = voc_offset {
                options = options.with("voc_offset", &offset.to_string());
            }
            let done = sign_in::with_project(common, |session, project| {
                output.working("annotations", |work| {
                    interchange::read(session, project, format, file, &options, work)
                })
            })?;
            show(&done, output);
            Ok(match (done.report.refused.count(), done.annotations) {
                (0, _) => Ending::Done,
                (_, 0) => Ending::Failed,
                _ => Ending::Partly,
            })
        }
        AnnotationsCommand::Export { format, reason, out } => {
            let report = sign_in::with_project(common, |session, project| {
                let request = request(project, Form::Bare { format: format.clone() }, reason);
                let proof = session.just_signed_in()?;
                output
                    .working("export", |work| export::perform(session, proof, &request, out, work))
            })?;
            output.result(
                &json!({
                    "path": report.path, "bytes": report.bytes, "sha512": report.sha512,
                    "items": report.census.items, "annotations": report.census.annotations(),
                    "losses": super::bundle::losses(&report.losses), "audit_code": report.audit_code,
                }),
                || {
                    format!(
                        "Wrote {} annotations on {} items to {}, {}.\n{}sha512 {}\naudit  {}",
                        count(report.census.annotations()),
                        count(report.census.items),
                        path(&report.path),
                        bytes(report.bytes),
                        super::bundle::loss_lines(&report.losses),
                        report.sha512,
                        report.audit_code
                    )
                },
            );
            Ok(Ending::Done)
        }
    }
}

/// A request from the command line's words.
pub(super) fn request(project: vaultmark_model::ProjectId, form: Form, reason: &Reason) -> Request {
    Request {
        project,
        form,
        marking: reason.marking.clone(),
        justification: reason.justification.clone().unwrap_or_default(),
        agreed: None,
    }
}

fn notes(notes: &Notes) -> serde_json::Value {
    let one = |n: &Note| json!({"file": n.file, "line": n.line, "record": n.record, "reason": n.reason, "annotations": n.annotations});
    json!({"count": notes.count(), "list": notes.list().iter().map(one).collect::<Vec<_>>()})
}

fn note_lines(title: &str, notes: &Notes) -> String {
    if notes.count() == 0 {
        return String::new();
    }
    let mut text = format!("{title}: {}\n", count(notes.count()));
    for note in notes.list().iter().take(SHOWN) {
        let line = note.line.map_or(String::new(), |line| format!(":{line}"));
        let note = format!("{}{line}: {}: {}", note.file, note.record, note.reason);
        text.push_str(&format!("  {}\n", shown(&note)));
    }
    if notes.count() > SHOWN as u64 {
        text.push_str(&format!(
            "  and {} more; --json lists them\n",
            count(notes.count() - SHOWN as u64)
        ));
    }
    text
}

fn show(done: &ImportedAnnotations, output: &mut Output) {
    let report = &done.report;
    let value = json!({
        "format": report.format, "settings": report.settings, "files": report.files,
        "records": report.records, "annotations": done.annotations, "labels_made": done.labels,
        "refused": notes(&report.refused), "repaired": notes(&report.repaired),
        "guessed": notes(&report.guessed), "skipped": notes(&report.skipped),
    });
    output.result(&value, || {
        format!(
            "Imported {} annotations from {} files. New labels: {}.\n{}{}{}{}",
            count(done.annotations),
            count(report.files),
            if done.labels.is_empty() { "none".into() } else { shown(&done.labels.join(", ")) },
            note_lines("Refused", &report.refused),
            note_lines("Repaired", &report.repaired),
            note_lines("Guessed", &report.guessed),
            note_lines("Skipped", &report.skipped),
        )
    });
}
