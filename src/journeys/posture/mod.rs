//! The posture: how this installation protects itself, looked at now. It claims nothing that was not
//! looked at, and says of everything else that it can't be seen from here.

mod ages;
mod containment;
mod disk;
mod memory;
pub mod page;
mod program;
mod vault;

use std::path::Path;

use vaultmark_contain::Probe;

use crate::policy::Operation;
use crate::{AppError, Session};
pub use containment::record_web_engine;

/// How something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// As it should be.
    Fine,
    /// Not as it should be; the remedy says what to do.
    Warning,
    /// Can't be seen from here.
    Unknown,
}

/// One thing that was looked at.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Finding {
    /// What: words joined by `-`.
    pub name: &'static str,
    /// How it stands.
    pub state: State,
    /// What was seen.
    pub seen: String,
    /// What to do.
    pub remedy: Option<&'static str>,
}

impl Finding {
    fn fine(name: &'static str, seen: impl Into<String>) -> Self {
        Self { name, state: State::Fine, seen: seen.into(), remedy: None }
    }

    fn warning(name: &'static str, seen: impl Into<String>, remedy: &'static str) -> Self {
        Self { name, state: State::Warning, seen: seen.into(), remedy: Some(remedy) }
    }

    fn unknown(name: &'static str, seen: impl Into<String>, remedy: &'static str) -> Self {
        Self { name, state: State::Unknown, seen: seen.into(), remedy: Some(remedy) }
    }
}

/// What is used for what, as the manual's normative pages have it.
pub const ALGORITHMS: &[(&str, &str)] = &[
    ("Passphrase", "Argon2id (RFC 9106), at least 64 MiB and 3 passes"),
    ("Databases", "SQLCipher 4: AES-256-CBC with HMAC-SHA-512, raw 256-bit keys"),
    ("Media", "AES-256-GCM in chunks of 16 KiB, HKDF-SHA-512, a key for each file"),
    ("Keys of projects", "age, X25519"),
    ("Signatures", "Ed25519; bundles and programs as SSH signatures"),
    ("Hashes", "SHA-512"),
];

/// What this program and this computer show of themselves.
#[derive(Debug, Clone)]
pub struct Installation {
    /// What was looked at.
    pub findings: Vec<Finding>,
    /// What was tried.
    pub probes: Vec<Probe>,
}

/// Looks at the process and the computer. `helper` is the command-line program, which tries what
/// would end this one; `vault` the folder whose disk is looked at.
#[must_use]
pub fn installation(helper: &Path, vault: Option<&Path>) -> Installation {
    let (mut findings, probes) = containment::look(helper, vault);
    findings.extend(memory::look());
    findings.extend(vault.map(disk::look));
    findings.extend(program::look(helper));
    Installation { findings, probes }
}

/// Looks at the vault that is open.
///
/// # Errors
/// Where the policy refuses, or the vault can't be read.
pub fn vault(session: &Session) -> Result<Vec<Finding>, AppError> {
    session.permit(Operation::Security)?;
    vault::look(session)
}
