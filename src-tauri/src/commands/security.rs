//! The security page, and the check of everything stored.

use tauri::State;
use vaultmark::journeys::{check as journey, posture, trust};

use crate::shell::Shell;
use crate::views::{AlgorithmView, Answer, CheckReport, CheckView, JobView, SecurityView};

/// How this installation protects itself, as far as it can see. Needs no vault; of an open one it
/// shows what its person may see.
#[tauri::command]
#[specta::specta]
pub async fn security(shell: State<'_, Shell>) -> Answer<SecurityView> {
    shell
        .blocking(|shell| {
            let vault = shell.vault_path();
            let found = posture::installation(shell.decoder(), vault.as_deref());
            let mut checks: Vec<CheckView> = found.findings.into_iter().map(Into::into).collect();
            let mut line = None;
            if let Ok(session) = shell.session() {
                // Somebody who may not see it sees the rest of the page.
                line = trust::entry(&session).ok().map(|entry| entry.line);
                checks.extend(posture::vault(&session).into_iter().flatten().map(Into::into));
            }
            Ok(SecurityView {
                version: env!("CARGO_PKG_VERSION").into(),
                vault: vault.map(|path| path.display().to_string()),
                checks,
                probes: found.probes.into_iter().map(Into::into).collect(),
                algorithms: posture::ALGORITHMS
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

/// Authenticates everything stored again. The job's result is a `CheckReport`.
#[tauri::command]
#[specta::specta]
pub async fn check(shell: State<'_, Shell>) -> Answer<JobView> {
    shell.start("check", |_, session, work| Ok(CheckReport::from(journey::check(session, work)?)))
}
