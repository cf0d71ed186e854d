//! The application's errors: what failed, on what, what is safe, what to do next; and the exit code
//! and the `{kind, detail}` that they become at the edges.

use std::io;
use std::path::{Path, PathBuf};

use vaultmark_bundle::BundleError;
use vaultmark_crypto::CryptoError;
use vaultmark_formats::FormatError;
use vaultmark_media::MediaError;
use vaultmark_model::{Marking, ModelError, Permission};
use vaultmark_store::StoreError;

use crate::policy::roles_with;

/// What can go wrong in a journey.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The policy said no.
    #[error("{operation} was refused: it takes the permission {}; the roles {} have it. Ask a manager of the project or an officer", .missing.word(), roles_text(*.missing))]
    Denied {
        /// The operation's word.
        operation: &'static str,
        /// What is missing.
        missing: Permission,
    },
    /// The vault's policy asks for walls that do not stand here.
    #[error(
        "this vault's policy asks for full containment, and {gap}. The vault stays locked. Use it on a computer that can, or make vaults for this one with `--containment partial`"
    )]
    NotContained {
        /// What is missing.
        gap: crate::Gap,
    },
    /// The vault's policy keeps this from other programs of the computer.
    #[error(
        "this vault's policy does not allow {what}: nothing was handed to other programs. An officer decides it when the vault is made; the manual's page on posture tells how"
    )]
    SideDoorShut {
        /// What was asked for.
        what: &'static str,
    },
    /// The vault's export policy asks for a second person.
    #[error(
        "this vault's policy asks for a second person's approval of every export, and this version can't take one yet: nothing was written. The exchange workflow brings it; a vault made with `--export-policy single` exports without"
    )]
    SecondPersonNeeded,
    /// An export without its reason.
    #[error(
        "an export carries a {what}: give one, so that the receiver and the auditor can read it"
    )]
    ExportIncomplete {
        /// What is missing.
        what: &'static str,
    },
    /// What leaves can't be marked otherwise than the project.
    #[error(
        "everything in this project is marked `{project}` and leaves with that marking, not with `{asked}`; leave the marking out, or send from a project that is marked `{asked}`"
    )]
    MarkingDiffers {
        /// What was asked for.
        asked: String,
        /// The project's.
        project: String,
    },
    /// The proof of signing in is missing, used or too old.
    #[error(
        "an export takes the passphrase again, given no more than two minutes before it begins, so nothing was written; give it again"
    )]
    SignInAgain,
    /// The project is no longer what was shown when the export was agreed to.
    #[error(
        "the project was changed after its export was agreed to, so nothing was written; look at what leaves and agree again"
    )]
    ChangedMeanwhile,
    /// The recovery sheet did not reach its reader.
    #[error("the recovery sheet could not be written ({source}), so the vault was taken back and {} holds none; make it again with an output that takes the sheet", .path.display())]
    SheetNotWritten {
        /// The vault's folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The bundle's signer is not known.
    #[error(
        "the bundle is whole, but its signer {fingerprint} is not on your list: compare the fingerprint with the sender's by another way, then accept it by name (`--accept {fingerprint}`) or give the sender's line with `--signers`"
    )]
    UnknownSigner {
        /// The key's fingerprint as `ssh-keygen -l` prints it.
        fingerprint: String,
    },
    /// The bundle's policy asks for two people, and the second is not known.
    #[error(
        "the bundle's policy asks for two people, but its approver {fingerprint} is not on your list in that role: compare the fingerprint with the approver's by another way, then give the approver's line with `--signers`"
    )]
    UnknownApprover {
        /// The key's fingerprint as `ssh-keygen -l` prints it.
        fingerprint: String,
    },
    /// Creator and approver are one person by the trust list.
    #[error(
        "the bundle's policy asks for two people, but both its signatures are by `{principal}` on your list: ask the sender to have a second person approve it"
    )]
    OnePerson {
        /// The name.
        principal: String,
    },
    /// The bundle was made for somebody else.
    #[error(
        "the bundle was made for other recipients than you, {}: who passed it on is not who made it. Ask its creator for a bundle of your own; or accept that with `--accept-other-recipient`, which is recorded", .recipients.join(", "))]
    OtherRecipient {
        /// To whom it was sent.
        recipients: Vec<String>,
    },
    /// The vault may not hold content of that marking.
    #[error(
        "this is marked `{}` and the vault `{}`, and a vault holds its own marking and `UNCLASSIFIED`, no other: make a vault with that marking for it (`vaultmark init --marking`)", .marking.text(), .vault.text())]
    Marking {
        /// The content's.
        marking: Marking,
        /// The vault's.
        vault: Marking,
    },
    /// A sealed bundle, without the vault of one of its recipients.
    #[error("{} is sealed: receive it into the vault of one of its recipients, or open it with `age -d -i KEY` first", .path.display())]
    Sealed {
        /// The file.
        path: PathBuf,
    },
    /// Something already lies where output should go.
    #[error("{} is already there and is not overwritten; choose another name", .path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// What was written does not read back.
    #[error("what was written for {} does not read back as signed ({why}), so it was removed and the medium may be bad; use another medium", .path.display())]
    ReadBack {
        /// The file.
        path: PathBuf,
        /// What differs.
        why: String,
    },
    /// The plan is no longer there.
    #[error("this plan is no longer known: make it again")]
    StalePlan,
    /// No project at all.
    #[error("there is no project yet that you hold a key for: make one with `project new NAME`")]
    NoProjects,
    /// No such project.
    #[error("there is no project `{name}` that you hold a key for; `project list` shows yours")]
    NoProject {
        /// What was asked for.
        name: String,
    },
    /// A choice is needed.
    #[error("there are {count} projects: say which one with `--project NAME`")]
    WhichProject {
        /// How many.
        count: usize,
    },
    /// A word that is not known.
    #[error("`{word}` is not a known {what}; known are: {known}")]
    UnknownWord {
        /// The kind of thing.
        what: &'static str,
        /// What was given.
        word: String,
        /// What exists.
        known: String,
    },
    /// Input of a request that is not valid.
    #[error("{what} is not valid: {why}")]
    Invalid {
        /// What.
        what: &'static str,
        /// Why.
        why: String,
    },
    /// The work was cancelled.
    #[error("cancelled; what was finished before is kept, and starting again goes on from there")]
    Cancelled,
    /// A file operation outside the vault.
    #[error("{what} {} failed: {source}", .path.display())]
    Io {
        /// The operation.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// From the store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// From the media worker.
    #[error(transparent)]
    Media(#[from] MediaError),
    /// From a format.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// From a bundle.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// From a bundle, with the file that was named.
    #[error("{}: {source}", .path.display())]
    BundleFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<BundleError>,
    },
    /// From cryptography.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// From the model.
    #[error(transparent)]
    Model(#[from] ModelError),
}

fn roles_text(permission: Permission) -> String {
    roles_with(permission).iter().map(|role| role.word()).collect::<Vec<_>>().join(", ")
}

impl AppError {
    /// Wraps a failed file operation outside the vault.
    pub fn io(what: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { what, path, source }
    }

    /// Names the bundle that the error is about.
    #[must_use]
    pub fn of_bundle(self, path: &Path) -> Self {
        match self {
            Self::Bundle(source) => {
                Self::BundleFile { path: path.to_owned(), source: Box::new(source) }
            }
            other => other,
        }
    }

    /// Whether somebody asked to stop, wherever that was heard.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        match self {
            Self::Cancelled
            | Self::Store(StoreError::Cancelled)
            | Self::Media(MediaError::Cancelled)
            | Self::Bundle(BundleError::Cancelled) => true,
            Self::BundleFile { source, .. } => matches!(**source, BundleError::Cancelled),
            _ => false,
        }
    }

    /// A short word for programs.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        if self.is_cancelled() {
            return "cancelled";
        }
        match self {
            Self::Denied { .. } => "denied",
            Self::NotContained { .. } => "not_contained",
            Self::SideDoorShut { .. } => "side_door_shut",
            Self::SecondPersonNeeded => "second_person_needed",
            Self::ExportIncomplete { .. } => "export_incomplete",
            Self::MarkingDiffers { .. } => "marking_differs",
            Self::SignInAgain => "sign_in_again",
            Self::ChangedMeanwhile => "changed_meanwhile",
            Self::SheetNotWritten { .. } => "sheet_not_written",
            Self::UnknownSigner { .. } => "unknown_signer",
            Self::UnknownApprover { .. } => "unknown_approver",
            Self::OnePerson { .. } => "one_person",
            Self::OtherRecipient { .. } => "other_recipient",
            Self::Marking { .. } => "marking",
            Self::Sealed { .. } => "sealed",
            Self::Exists { .. } => "exists",
            Self::ReadBack { .. } => "read_back",
            Self::StalePlan => "stale_plan",
            Self::NoProjects | Self::NoProject { .. } => "no_project",
            Self::WhichProject { .. } => "which_project",
            Self::UnknownWord { .. } => "unknown_word",
            Self::Invalid { .. } | Self::Model(_) => "invalid",
            Self::Cancelled => "cancelled",
            Self::Io { .. } => "file",
            Self::Store(StoreError::WrongCredential) => "wrong_credential",
            Self::Store(StoreError::AccountLocked { .. }) => "account_locked",
            Self::Store(StoreError::NotAVault { .. }) => "not_a_vault",
            Self::Store(StoreError::AlreadyOpen) => "already_open",
            Self::Store(StoreError::Refused { .. }) => "refused",
            Self::Store(_) => "store",
            Self::Media(error) => error.kind(),
            Self::Format(_) => "format",
            Self::Bundle(_) | Self::BundleFile { .. } => "bundle",
            Self::Crypto(_) => "crypto",
        }
    }

    /// The command line's exit code: 1 refused or check failed, 2 usage, 3 locked or wrong
    /// credential.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::WhichProject { .. } | Self::UnknownWord { .. } | Self::Invalid { .. } => 2,
            Self::Store(
                StoreError::WrongCredential
                | StoreError::AccountLocked { .. }
                | StoreError::AlreadyOpen,
            ) => 3,
            _ => 1,
        }
    }
}
