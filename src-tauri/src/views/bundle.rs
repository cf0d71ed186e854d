//! A bundle that arrived.

use serde::{Deserialize, Serialize};
use specta::Type;
use vaultmark::journeys::bundles::Verification;

/// What a bundle says, and whether all of it holds.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct VerifyReport {
    /// Whether all of it holds; the findings say what does not.
    pub ok: bool,
    /// Its identifier.
    pub bundle: String,
    /// Its marking.
    pub marking: String,
    /// The project's name.
    pub project: String,
    /// The project's identifier.
    pub project_id: String,
    /// Items.
    pub items: u64,
    /// Annotations.
    pub annotations: u64,
    /// Whether media came along.
    pub media: bool,
    /// Signed changes, each verified.
    pub changes: u64,
    /// Who signed it, as your list of signers names them.
    pub signer: String,
    /// The fingerprint of the key that signed it.
    pub fingerprint: String,
    /// Whether the signer is on the list.
    pub trusted: bool,
    /// What does not hold, in sentences.
    pub findings: Vec<String>,
    /// When it was made, by the sender's clock.
    pub created: String,
}

impl From<Verification> for VerifyReport {
    fn from(found: Verification) -> Self {
        let trusted = found.trusted();
        Self {
            ok: true,
            bundle: found.info.bundle.to_string(),
            marking: found.info.marking.text().into(),
            project: found.project_name,
            project_id: found.info.project.to_string(),
            items: found.items,
            annotations: found.annotations,
            media: found.media > 0,
            changes: found.changes,
            signer: found.principal.unwrap_or_default(),
            fingerprint: found.fingerprint,
            trusted,
            findings: Vec::new(),
            created: found.info.created.to_iso(),
        }
    }
}

impl VerifyReport {
    /// A bundle that does not hold: nothing that it says is believed.
    pub(crate) fn broken(finding: String) -> Self {
        Self {
            ok: false,
            bundle: String::new(),
            marking: String::new(),
            project: String::new(),
            project_id: String::new(),
            items: 0,
            annotations: 0,
            media: false,
            changes: 0,
            signer: String::new(),
            fingerprint: String::new(),
            trusted: false,
            findings: vec![finding],
            created: String::new(),
        }
    }
}
