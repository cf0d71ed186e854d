//! Bringing in: plans and reports of media and annotation files.

use serde::{Deserialize, Serialize};
use specta::Type;
use specta_typescript::Number;
use vaultmark::formats::{Format, report};
use vaultmark::journeys::import as journey;
use vaultmark::journeys::interchange::ImportedAnnotations;

/// The most refusals that cross; the count goes on.
const LISTED: usize = 500;
/// New files shown of a plan.
const SAMPLE: usize = 20;

/// A file that is not brought in.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct RefusedFile {
    /// The file.
    pub path: String,
    /// Why, as a sentence.
    pub reason: String,
}

impl From<&journey::Refused> for RefusedFile {
    fn from(refused: &journey::Refused) -> Self {
        Self { path: refused.file.display().to_string(), reason: refused.reason.clone() }
    }
}

fn refusals(refused: &[journey::Refused]) -> Vec<RefusedFile> {
    refused.iter().take(LISTED).map(Into::into).collect()
}

/// What an import would do.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct ImportPlan {
    /// Names the plan to `import_run`; good until the vault locks or another plan is made.
    pub token: String,
    /// Files that are new.
    pub new_files: u64,
    /// Their bytes.
    pub new_bytes: u64,
    /// Files whose content is already there.
    pub duplicates: u64,
    /// Files that can't be taken; the first 500.
    pub refused: Vec<RefusedFile>,
    /// How many can't be taken.
    pub refused_total: u64,
    /// Some of the new files, by their path in the project.
    pub sample: Vec<String>,
}

impl ImportPlan {
    pub(crate) fn of(token: String, plan: &journey::Plan) -> Self {
        Self {
            token,
            new_files: plan.new.len() as u64,
            new_bytes: plan.bytes(),
            duplicates: plan.duplicates.len() as u64,
            refused: refusals(&plan.refused),
            refused_total: plan.refused.len() as u64,
            sample: plan.new.iter().take(SAMPLE).map(|file| file.path.display()).collect(),
        }
    }
}

/// What an import did.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct ImportReport {
    /// Items made.
    pub imported: u64,
    /// Files whose content was already there.
    pub duplicates: u64,
    /// Files that were not taken; the first 500.
    pub refused: Vec<RefusedFile>,
    /// How many were not taken.
    pub refused_total: u64,
    /// Bytes brought in.
    pub bytes: u64,
    /// How long it took.
    #[specta(type = Number)]
    pub seconds: f64,
    /// Whether it was stopped on request.
    pub cancelled: bool,
}

impl From<journey::Report> for ImportReport {
    fn from(report: journey::Report) -> Self {
        Self {
            imported: report.imported,
            duplicates: report.duplicates,
            refused: refusals(&report.refused),
            refused_total: report.refused.len() as u64,
            bytes: report.bytes,
            seconds: report.seconds,
            cancelled: report.cancelled,
        }
    }
}

/// A record that was not taken.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct RefusedRecord {
    /// The file.
    pub file: String,
    /// The line on which the record begins, from 1.
    pub line: Option<u64>,
    /// The record, and why.
    pub reason: String,
}

/// Something repaired, guessed or skipped.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct NoteView {
    /// The file.
    pub file: String,
    /// The line on which the record begins, from 1.
    pub line: Option<u64>,
    /// The record, and what was done.
    pub what: String,
}

/// What reading annotation files did.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct ReadReportView {
    /// Annotations made.
    pub read: u64,
    /// Records not taken; the first 500.
    pub refused: Vec<RefusedRecord>,
    /// How many were not taken.
    pub refused_total: u64,
    /// Repaired, guessed, skipped; the first 500.
    pub notes: Vec<NoteView>,
    /// Labels that were made, by name.
    pub created_labels: Vec<String>,
}

impl From<ImportedAnnotations> for ReadReportView {
    fn from(imported: ImportedAnnotations) -> Self {
        let ImportedAnnotations { report, annotations, labels } = imported;
        let said = |note: &report::Note| {
            if note.record.is_empty() {
                note.reason.clone()
            } else {
                format!("{}: {}", note.record, note.reason)
            }
        };
        let refused = report.refused.list().iter().take(LISTED);
        let others = [&report.repaired, &report.guessed, &report.skipped];
        let notes = others.into_iter().flat_map(|notes| notes.list()).take(LISTED);
        Self {
            read: annotations,
            refused: refused
                .map(|note| RefusedRecord {
                    file: note.file.clone(),
                    line: note.line,
                    reason: said(note),
                })
                .collect(),
            refused_total: report.refused.count(),
            notes: notes
                .map(|note| NoteView { file: note.file.clone(), line: note.line, what: said(note) })
                .collect(),
            created_labels: labels,
        }
    }
}

/// An interchange format.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct FormatView {
    /// Its name.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// Whether it can be read.
    pub reads: bool,
    /// Whether it can be written.
    pub writes: bool,
}

impl From<&dyn Format> for FormatView {
    fn from(format: &dyn Format) -> Self {
        Self {
            name: format.name().into(),
            title: format.title().into(),
            reads: format.can_read(),
            writes: format.can_write(),
        }
    }
}
