//! A bundle that arrived.

use serde::{Deserialize, Serialize};
use specta::Type;
use vaultmark::journeys::bundles::Verification;
use vaultmark::model::policy::ExportPolicy;

use super::error::closed;

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
    /// Whether its policy asks for two people.
    pub two_person: bool,
    /// The second person, as the list names them; empty where there is none or it does not.
    pub approver: String,
    /// The fingerprint of the second person's key; empty where nobody approved it.
    pub approver_fingerprint: String,
    /// Whether a second person who is on the list approved it, where its policy asks for one.
    pub approved: bool,
    /// To whom it was sent; empty for nobody in particular.
    pub recipients: Vec<String>,
    /// Whether it was sent to others and not to this person.
    pub for_others: bool,
    /// Whether all that it shows was compared with the signed changes.
    pub traced: bool,
    /// What does not hold, in sentences.
    pub findings: Vec<String>,
    /// When it was made, by the sender's clock.
    pub created: String,
}

impl From<Verification> for VerifyReport {
    fn from(found: Verification) -> Self {
        let approved = found.approved();
        let approver = found.approver.as_ref();
        Self {
            approver: approver.and_then(|one| one.principal.clone()).unwrap_or_default(),
            approver_fingerprint: approver.map(|one| one.fingerprint.clone()).unwrap_or_default(),
            approved,
            two_person: found.info.policy == ExportPolicy::Two,
            recipients: found.info.recipients.clone(),
            for_others: found.addressed == Some(false),
            traced: found.traced,
            trusted: found.principal.is_some(),
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
            findings: Vec::new(),
            created: found.info.created.to_iso(),
        }
    }
}

impl VerifyReport {
    /// A bundle that does not hold: nothing that it says is believed.
    pub(crate) fn broken(finding: &str) -> Self {
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
            two_person: false,
            approver: String::new(),
            approver_fingerprint: String::new(),
            approved: false,
            recipients: Vec::new(),
            for_others: false,
            traced: false,
            findings: vec![closed(finding)],
            created: String::new(),
        }
    }
}
