//! The security page, and the check of everything stored.

use tauri::State;
use vaultmark::journeys::{check as journey, security as posture};

use crate::shell::Shell;
use crate::views::{
    AlgorithmView, Answer, CheckReport, CheckState, CheckView, JobView, SecurityView,
};

/// What is used, as the manual's normative pages have it.
const ALGORITHMS: &[(&str, &str)] = &[
    ("Passphrase", "Argon2id, at least 64 MiB and 3 passes"),
    ("Databases", "SQLCipher 4: AES-256-CBC with HMAC-SHA-512, raw 256-bit keys"),
    ("Media", "AES-256-GCM in chunks of 16 KiB, HKDF-SHA-512, a key for each file"),
    ("Keys of projects", "age, X25519"),
    ("Signatures", "Ed25519; bundles as SSH signatures"),
    ("Hashes", "SHA-512"),
];

/// How this installation protects itself, as far as it can see. Needs no vault.
#[tauri::command]
#[specta::specta]
pub async fn security(shell: State<'_, Shell>) -> Answer<SecurityView> {
    shell
        .blocking(|shell| {
            let line = match shell.session() {
                // Somebody who may not see it sees the rest of the page.
                Ok(session) => posture::trust_entry(&session).ok().map(|entry| entry.line),
                Err(_) => None,
            };
            let mut checks: Vec<CheckView> =
                posture::process().into_iter().map(Into::into).collect();
            checks.push(debuggers(shell.hardening().tracing_off));
            Ok(SecurityView {
                version: env!("CARGO_PKG_VERSION").into(),
                vault: shell.vault_path().map(|path| path.display().to_string()),
                checks,
                algorithms: ALGORITHMS
                    .iter()
                    .map(|(name, value)| AlgorithmView {
                        name: (*name).into(),
                        value: (*value).into(),
                    })
                    .collect(),
                allowed_signers_line: line,
            })
        })
        .await
}

/// Whether other programs of the same account can read this one's memory, as it was at the start.
fn debuggers(off: bool) -> CheckView {
    let (state, seen) = if off {
        (CheckState::Ok, "other programs of this account can't attach to this one")
    } else {
        (CheckState::Warning, "other programs of this account can attach to this one")
    };
    let remedy = (!off).then(|| "Use this account for nothing else, or ask the administrator to set `kernel.yama.ptrace_scope` to 2.".into());
    CheckView { name: "Debuggers".into(), state, seen: seen.into(), remedy }
}

/// Authenticates everything stored again. The job's result is a `CheckReport`.
#[tauri::command]
#[specta::specta]
pub async fn check(shell: State<'_, Shell>) -> Answer<JobView> {
    shell.start("Check the vault", |_, session, work| {
        Ok(CheckReport::from(journey::check(session, work)?))
    })
}
