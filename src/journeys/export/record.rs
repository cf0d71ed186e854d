//! What the audit log says of an export: the request with all its facts before anything is written,
//! what is about to leave before it gets its name, and how it ended.

use std::path::Path;

use vaultmark_bundle::info::one_line;
use vaultmark_store::audit::Outcome;
use vaultmark_store::project::Project;

use super::{Form, Report, Request};
use crate::AppError;

/// The word of the entry that stands before a file gets its name.
pub(super) const RELEASE: &str = "export.release";

type Facts = Vec<(&'static str, String)>;

fn yes(is: bool) -> String {
    if is { "yes" } else { "no" }.to_owned()
}

fn list(texts: &[String]) -> String {
    if texts.is_empty() { "none".to_owned() } else { texts.join(", ") }
}

/// Everything that was asked for.
pub(super) fn request(request: &Request, project: &Project, to: &Path) -> Facts {
    let target = std::path::absolute(to).unwrap_or_else(|_| to.to_owned());
    let marking = request.marking.clone().unwrap_or_else(|| project.marking().text().to_owned());
    let mut facts = vec![
        ("target", target.display().to_string()),
        ("marking", one_line(&marking)),
        ("justification", one_line(&request.justification)),
    ];
    facts.extend(match &request.form {
        Form::Bundle { formats, media, history, seal_to } => vec![
            ("form", "bundle".to_owned()),
            ("formats", list(formats)),
            ("media", yes(*media)),
            ("history", yes(*history)),
            ("recipients", list(seal_to)),
        ],
        Form::Bare { format } => vec![
            ("form", "bare file".to_owned()),
            ("formats", format.clone()),
            ("media", yes(false)),
            ("history", yes(false)),
            ("recipients", list(&[])),
        ],
    });
    facts
}

/// What leaves.
pub(super) fn leaving(report: &Report, justification: &str) -> Facts {
    vec![
        ("bundle", report.bundle.map_or_else(|| "bare file".into(), |id| id.to_string())),
        ("sha512", report.sha512.clone()),
        ("bytes", report.bytes.to_string()),
        ("justification", justification.to_owned()),
        ("items", report.census.items.to_string()),
        ("annotations", report.census.annotations().to_string()),
    ]
}

/// Whether it was not allowed, or went wrong.
pub(super) fn outcome(error: &AppError) -> Outcome {
    match error {
        AppError::SecondPersonNeeded
        | AppError::ExportIncomplete { .. }
        | AppError::MarkingDiffers { .. }
        | AppError::SignInAgain
        | AppError::ChangedMeanwhile
        | AppError::Exists { .. }
        | AppError::Invalid { .. } => Outcome::Refused,
        _ => Outcome::Failed,
    }
}
