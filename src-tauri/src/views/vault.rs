//! The vault: what is shown before and after signing in.

use std::path::Path;

use serde::{Deserialize, Serialize};
use specta::Type;
use vaultmark::Session;
use vaultmark::crypto::Passphrase;
use vaultmark::model::policy::{ExportPolicy, Policy, SideDoors};
use vaultmark::model::{Marking, Timestamp};

use super::{Answer, Look};
use crate::arguments;
use crate::media::Nonce;
use crate::shell::Wish;

/// What may be shown of a vault before signing in.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct VaultFront {
    /// Its folder.
    pub path: String,
    /// Whether there is one.
    pub exists: bool,
    /// Its marking.
    pub marking: Option<String>,
    /// What one consents to by signing in.
    pub banner: Option<String>,
    /// Whether this is the build for tests, which keeps less to itself.
    pub automation: bool,
    /// Where a new vault could lie.
    pub suggested_path: String,
    /// The folder in which it would lie, where that is not there.
    pub missing_parent: Option<String>,
    /// Why the window's vault was locked, where it was not the person's wish.
    pub locked_because: Option<String>,
    /// How the window looked before the program started anew.
    pub look: Option<Look>,
}

impl VaultFront {
    /// No vault there.
    pub(crate) fn absent(path: &Path, suggested: &Path) -> Self {
        Self {
            path: path.display().to_string(),
            exists: false,
            marking: None,
            banner: None,
            automation: cfg!(feature = "automation"),
            suggested_path: suggested.display().to_string(),
            missing_parent: Wish::missing_parent(path).map(|folder| folder.display().to_string()),
            locked_because: None,
            look: None,
        }
    }

    /// A vault there.
    pub(crate) fn found(self, marking: &str, banner: &str) -> Self {
        let banner = Some(banner.to_owned()).filter(|text| !text.trim().is_empty());
        Self { exists: true, marking: Some(marking.to_owned()), banner, ..self }
    }
}

/// How many people an export takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ExportPolicyWord {
    /// The exporter alone.
    Single,
    /// A second person approves.
    Two,
}

impl From<ExportPolicy> for ExportPolicyWord {
    fn from(policy: ExportPolicy) -> Self {
        match policy {
            ExportPolicy::Single => Self::Single,
            ExportPolicy::Two => Self::Two,
        }
    }
}

impl From<ExportPolicyWord> for ExportPolicy {
    fn from(word: ExportPolicyWord) -> Self {
        match word {
            ExportPolicyWord::Single => Self::Single,
            ExportPolicyWord::Two => Self::Two,
        }
    }
}

/// Who is signed in, and what holds for them.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct SessionView {
    /// The person's name.
    pub person: String,
    /// Their roles in the vault.
    pub roles: Vec<String>,
    /// What these permit.
    pub permissions: Vec<String>,
    /// The vault's marking.
    pub marking: String,
    /// How many people an export takes.
    pub export_policy: ExportPolicyWord,
    /// Minutes without input after which the vault locks.
    pub idle_lock_minutes: u32,
    /// Seconds that copied text stays on the clipboard; with 0 nothing is copied.
    pub copy_seconds: u32,
    /// Whether text may be dragged into other programs.
    pub may_drag_out: bool,
    /// Whether pages of the program may be printed.
    pub may_print: bool,
    /// When they signed in before.
    pub last_sign_in: Option<String>,
    /// Failed attempts since then.
    pub failures_since: u32,
    /// What every media address begins with; changes with every session.
    pub media_base: String,
    /// The vault's folder.
    pub vault_path: String,
    /// The fingerprint of the person's signing key.
    pub signer_fingerprint: String,
}

impl SessionView {
    pub(crate) fn of(session: &Session, path: &Path, nonce: &Nonce) -> Answer<Self> {
        let policy = session.policy()?;
        let profile = session.profile();
        Ok(Self {
            person: profile.person,
            roles: profile.roles.iter().map(|role| role.word().into()).collect(),
            permissions: session.vault_permissions().iter().map(|one| one.word().into()).collect(),
            marking: policy.marking.text().into(),
            export_policy: policy.export.into(),
            idle_lock_minutes: policy.idle_lock_minutes,
            copy_seconds: policy.side_doors.copy_seconds,
            may_drag_out: policy.side_doors.drag_out,
            may_print: policy.side_doors.print,
            last_sign_in: profile.last_sign_in.map(Timestamp::to_iso),
            failures_since: profile.failures_since,
            media_base: nonce.base(),
            vault_path: path.display().to_string(),
            signer_fingerprint: profile.fingerprint,
        })
    }
}

/// A vault to be made.
#[derive(Clone, Serialize, Deserialize, Type)]
pub struct NewVaultRequest {
    /// An empty or new folder.
    pub path: String,
    /// The first officer's name.
    pub officer: String,
    /// Their passphrase.
    pub passphrase: String,
    /// The highest marking that it may hold.
    pub marking: String,
    /// How many people an export takes.
    pub export_policy: ExportPolicyWord,
    /// Seconds that copied text stays on the clipboard; with 0 nothing is copied.
    pub copy_seconds: u32,
    /// Whether text may be dragged into other programs.
    pub drag_out: bool,
    /// Whether pages of the program may be printed.
    pub print: bool,
}

impl NewVaultRequest {
    pub(crate) fn checked(self) -> Answer<Wish> {
        let path = arguments::path("folder", &self.path)?;
        arguments::text("name", &self.officer, arguments::NAME)?;
        arguments::text("passphrase", &self.passphrase, arguments::PASSPHRASE)?;
        arguments::text("marking", &self.marking, arguments::NAME)?;
        if self.copy_seconds > SideDoors::MOST_COPY_SECONDS {
            let most = SideDoors::MOST_COPY_SECONDS;
            return Err(arguments::invalid(
                "time for copied text",
                format_args!("at most {most} seconds are possible"),
            ));
        }
        Wish::check(&path)?;
        let side_doors = SideDoors {
            copy_seconds: self.copy_seconds,
            drag_out: self.drag_out,
            print: self.print,
        };
        Ok(Wish {
            path,
            officer: self.officer,
            passphrase: Passphrase::new(self.passphrase),
            policy: Policy {
                side_doors,
                ..Policy::new(Marking::new(&self.marking)?, self.export_policy.into())
            },
        })
    }
}

/// A vault that was made. The recovery sheet is shown this once and kept nowhere.
#[derive(Clone, Serialize, Deserialize, Type)]
pub struct CreatedVault {
    /// Its officer is signed in.
    pub session: SessionView,
    /// Opens every project of the vault; to be written down.
    pub recovery_sheet: String,
    /// Tells sheets apart; no secret.
    pub recovery_fingerprint: String,
}
