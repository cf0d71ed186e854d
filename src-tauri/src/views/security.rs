//! How the installation protects itself, and what a check found.

use serde::{Deserialize, Serialize};
use specta::Type;
use vaultmark::contain::Probe;
use vaultmark::journeys::{check, posture};
use vaultmark::store::Finding;

/// How something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    /// As it should be.
    Ok,
    /// Not as it should be.
    Warning,
    /// Can't be seen from here.
    Unknown,
}

/// One thing that was looked at.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct CheckView {
    /// What.
    pub name: String,
    /// How it stands.
    pub state: CheckState,
    /// What was seen.
    pub seen: String,
    /// What to do.
    pub remedy: Option<String>,
}

impl From<posture::Finding> for CheckView {
    fn from(found: posture::Finding) -> Self {
        Self {
            name: title(found.name),
            state: match found.state {
                posture::State::Fine => CheckState::Ok,
                posture::State::Warning => CheckState::Warning,
                posture::State::Unknown => CheckState::Unknown,
            },
            seen: found.seen,
            remedy: found.remedy.map(Into::into),
        }
    }
}

/// `Core dumps` of `core-dumps`.
fn title(name: &str) -> String {
    let words = name.replace('-', " ").replace("kdf", "KDF");
    let mut chars = words.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// Something that must not work, tried now.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct ProbeView {
    /// What was tried.
    pub what: String,
    /// What must come of it.
    pub expected: String,
    /// What came of it.
    pub seen: String,
    /// Whether that is the same.
    pub held: bool,
}

impl From<Probe> for ProbeView {
    fn from(probe: Probe) -> Self {
        let Probe { what, expected, seen, held } = probe;
        Self { what: what.into(), expected: expected.into(), seen, held }
    }
}

/// What protects one kind of thing.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct AlgorithmView {
    /// What is protected.
    pub name: String,
    /// How.
    pub value: String,
}

/// The security page.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct SecurityView {
    /// The program's version.
    pub version: String,
    /// The open vault's folder.
    pub vault: Option<String>,
    /// What was looked at.
    pub checks: Vec<CheckView>,
    /// What was tried just now.
    pub probes: Vec<ProbeView>,
    /// What is used.
    pub algorithms: Vec<AlgorithmView>,
    /// The person's line for a receiver's list of signers; none while the vault is locked.
    pub allowed_signers_line: Option<String>,
}

/// A thing that is damaged.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct FindingView {
    /// What kind of thing.
    pub what: String,
    /// Which one.
    pub place: String,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

impl From<Finding> for FindingView {
    fn from(found: Finding) -> Self {
        Self { what: found.what, place: found.place, problem: found.problem, remedy: found.remedy }
    }
}

/// What a check of everything stored found.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct CheckReport {
    /// What is damaged; empty when all is well.
    pub findings: Vec<FindingView>,
    /// Blobs authenticated.
    pub blobs: u64,
    /// Changes verified.
    pub changes: u64,
}

impl From<check::Report> for CheckReport {
    fn from(report: check::Report) -> Self {
        Self {
            findings: report.findings.into_iter().map(Into::into).collect(),
            blobs: report.blobs,
            changes: report.changes,
        }
    }
}
