//! Sending: the request, its plan, its report.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use specta::Type;
use vaultmark::formats::Loss;
use vaultmark::journeys::export as journey;

use super::{Answer, AppError};
use crate::arguments;

/// A request to send a bundle.
#[derive(Clone, Serialize, Deserialize, Type)]
pub struct ExportRequest {
    /// From which project.
    pub project: String,
    /// Formats beside the native one.
    pub formats: Vec<String>,
    /// Whether the media go too.
    pub media: bool,
    /// Whether superseded and deleted revisions go too.
    pub history: bool,
    /// The marking.
    pub marking: String,
    /// Why.
    pub justification: String,
    /// `age` recipients; not sealed when empty.
    pub seal_to: Vec<String>,
    /// The file to write; not looked at by a plan.
    pub to: String,
}

impl ExportRequest {
    /// The request in the application layer's words, and the file.
    pub(crate) fn checked(self) -> Answer<(journey::Request, PathBuf)> {
        let project = arguments::id("project", &self.project)?;
        arguments::list("list of formats", &self.formats, arguments::FEW)?;
        arguments::list("list of recipients", &self.seal_to, arguments::FEW)?;
        for format in &self.formats {
            arguments::word("format", format)?;
        }
        for recipient in &self.seal_to {
            arguments::text("recipient", recipient, arguments::SEARCH)?;
        }
        arguments::text("marking", &self.marking, arguments::NAME)?;
        arguments::text("justification", &self.justification, arguments::NOTE)?;
        let request = journey::Request {
            project,
            form: journey::Form::Bundle {
                formats: self.formats,
                media: self.media,
                history: self.history,
                seal_to: self.seal_to,
            },
            marking: Some(self.marking).filter(|marking| !marking.trim().is_empty()),
            justification: self.justification,
            agreed: None,
        };
        // A plan may be looked at before there is a file name.
        let to = match self.to.as_str() {
            "" => PathBuf::new(),
            to => arguments::path("file", to)?,
        };
        Ok((request, to))
    }
}

/// Something that a format can't hold.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct LossView {
    /// The format.
    pub format: String,
    /// What.
    pub what: String,
    /// How many.
    pub count: u64,
    /// What becomes of them.
    pub consequence: String,
}

impl From<(String, Loss)> for LossView {
    fn from((format, loss): (String, Loss)) -> Self {
        Self { format, what: loss.what, count: loss.count, consequence: loss.consequence }
    }
}

/// What would leave.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct ExportPlan {
    /// Items.
    pub items: u64,
    /// Annotations.
    pub annotations: u64,
    /// Bytes of the media that would go along.
    pub bytes: u64,
    /// What the formats can't hold.
    pub losses: Vec<LossView>,
    /// Why it would be refused, if it would.
    pub refused: Option<AppError>,
}

impl From<journey::Plan> for ExportPlan {
    fn from(plan: journey::Plan) -> Self {
        Self {
            items: plan.census.items,
            annotations: plan.census.annotations(),
            bytes: plan.media_bytes,
            losses: plan.losses.into_iter().map(Into::into).collect(),
            refused: plan.refused.map(Into::into),
        }
    }
}

/// What left.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct ExportReport {
    /// The file.
    pub path: String,
    /// Its bytes.
    pub bytes: u64,
    /// The bundle's identifier.
    pub bundle: String,
    /// SHA-512 of the tag manifest, which the signature covers.
    pub sha512: String,
    /// The signer's fingerprint.
    pub fingerprint: String,
    /// Short code of the audit checkpoint made after writing.
    pub audit_code: String,
    /// Whether it was read back and verified; what is sealed can't be, by its sender.
    pub verified: bool,
}

impl From<journey::Report> for ExportReport {
    fn from(report: journey::Report) -> Self {
        Self {
            path: report.path.display().to_string(),
            bytes: report.bytes,
            bundle: report.bundle.map(|id| id.to_string()).unwrap_or_default(),
            sha512: report.sha512,
            fingerprint: report.fingerprint.unwrap_or_default(),
            audit_code: report.audit_code,
            verified: report.read_back,
        }
    }
}
