//! What can go wrong in the store: what failed, on what, and what to do next.

use std::io;
use std::path::{Path, PathBuf};

use vaultmark_crypto::CryptoError;
use vaultmark_model::{ModelError, ProjectId, Timestamp};

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    // The vault folder.
    /// The folder holds no vault.
    #[error("{} holds no vault; give the folder that holds `vault.header`, or make a vault with `init`", .path.display())]
    NotAVault {
        /// The folder.
        path: PathBuf,
    },
    /// A vault can't be made where something already is.
    #[error("{} is not empty; give an empty or a new folder for the vault", .path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// A vault can't be made in a folder that belongs to somebody else.
    #[error(
        "{} belongs to another account of this computer, which could let anybody in; give a new folder, or one of your own, for the vault", .path.display()
    )]
    NotYours {
        /// The folder.
        path: PathBuf,
    },
    /// Written by a later version of the program.
    #[error(
        "the {what} is of format {found}; this version of the program knows up to {known}: open it with a newer version"
    )]
    NewerVersion {
        /// Which thing.
        what: &'static str,
        /// The format found.
        found: u32,
        /// The newest format known here.
        known: u32,
    },
    /// Another process owns the vault.
    #[error(
        "this vault is already open in another program on this computer; close it there and try again"
    )]
    AlreadyOpen,
    /// The vault lies on a network file system.
    #[error("{} is on a network file system ({kind}), where a vault's lock can't be trusted; move the vault to a local disk", .path.display())]
    NetworkFileSystem {
        /// The folder.
        path: PathBuf,
        /// The kind of file system.
        kind: &'static str,
    },
    /// The folder can't be written.
    #[error("{} can't be written; a vault records every opening, so give yourself write access to its folder or copy it to a disk that is not write-protected", .path.display())]
    ReadOnly {
        /// The folder.
        path: PathBuf,
    },
    /// The disk is full.
    #[error("the disk is full: {what} could not be written to {}; free some space and try again, nothing saved before is lost", .path.display())]
    DiskFull {
        /// What was to be written.
        what: &'static str,
        /// Where.
        path: PathBuf,
    },

    // Signing in.
    /// The login and the passphrase do not open a slot. Never says which of the two is wrong.
    #[error("the name or the passphrase is not right; try again")]
    WrongCredential,
    /// Too many failures.
    #[error("this account is locked after too many failed sign-ins, until {}; wait, or ask an officer", .until.to_iso())]
    AccountLocked {
        /// When the lock ends.
        until: Timestamp,
    },
    /// The new passphrase is shorter than the policy asks for.
    #[error("the passphrase has {found} characters; the policy asks for at least {least}")]
    PassphraseTooShort {
        /// Characters it has.
        found: usize,
        /// Characters the policy asks for.
        least: usize,
    },
    /// A slot's key derivation is weaker than the vault allows.
    #[error(
        "the key slot's passphrase protection is weaker than this vault allows; it was put back or altered: ask an officer to make the slot anew"
    )]
    WeakKdf,

    // Trust.
    /// A list of signed statements does not hold.
    #[error(
        "the membership of {of} is not valid at statement {seq}: {why}; restore the vault from a backup and report it"
    )]
    Membership {
        /// `the vault`, or the project's identifier.
        of: String,
        /// Position in the list.
        seq: u64,
        /// The rule that is broken.
        why: &'static str,
    },
    /// The list of officers' decisions does not hold.
    #[error(
        "the vault's policy is not valid at decision {seq}: {why}; restore the vault from a backup and report it"
    )]
    Decision {
        /// Position in the list.
        seq: u64,
        /// The rule that is broken.
        why: &'static str,
    },
    /// A slot that belongs to no member of the vault.
    #[error("this account has been revoked; ask an officer")]
    Revoked,
    /// Something older than what was seen before.
    #[error(
        "{what} is older than what this account has already seen; an old copy was put back: restore the newest backup and report it"
    )]
    RolledBack {
        /// Which thing.
        what: String,
    },
    /// The person holds no key or role for it.
    #[error("you have no key to project {project}; ask its manager for access")]
    NoKey {
        /// The project.
        project: ProjectId,
    },
    /// The person may not do this.
    #[error("this takes the role {role}, which you do not hold; ask an officer")]
    NoRole {
        /// The role.
        role: &'static str,
    },
    /// The project is already in this vault.
    #[error(
        "project {project} is already in this vault; receive it into another vault, or wait for merging"
    )]
    ProjectExists {
        /// The project.
        project: ProjectId,
    },

    // Everything stored.
    /// There is no such thing.
    #[error("there is no {what} {id}; it may have been deleted: refresh and try again")]
    NotFound {
        /// The kind of thing.
        what: &'static str,
        /// Its identifier or name.
        id: String,
    },
    /// An operation that the present state does not allow.
    #[error("{what} was refused: {why}")]
    Refused {
        /// The operation.
        what: &'static str,
        /// Why, and what to do.
        why: String,
    },
    /// Bytes that are not what was written.
    #[error("the {what} is damaged: {why}; restore it from a backup")]
    Damaged {
        /// Which thing, with its name where it has one.
        what: String,
        /// What was met.
        why: String,
    },
    /// The work was cancelled.
    #[error("cancelled; what was finished before is kept")]
    Cancelled,

    // Below.
    /// A file operation failed.
    #[error("{what} {} failed: {source}; check the disk and the folder's permissions", .path.display())]
    Io {
        /// The operation: `reading`, `writing` …
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The database library refused.
    #[error(
        "the database failed at {what}: {source}; if it happens again, run `check` and restore from a backup what it names"
    )]
    Database {
        /// What was being done.
        what: &'static str,
        /// The library's error.
        source: rusqlite::Error,
    },
    /// A cryptographic operation failed.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// A value that the vocabulary refuses.
    #[error(transparent)]
    Model(#[from] ModelError),
}

impl StoreError {
    /// Names a failed file operation; a full disk and a write-protected place get their own words.
    #[must_use]
    pub fn io(what: &'static str, path: &Path, source: io::Error) -> Self {
        let path = path.to_path_buf();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::DiskFull { what, path }
            }
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly { path },
            _ => Self::Io { what, path, source },
        }
    }

    /// Names a failed database operation; `.map_err(StoreError::database("reading the labels"))`.
    pub fn database(what: &'static str) -> impl FnOnce(rusqlite::Error) -> Self {
        move |source| {
            if crate::sqlite::is_full(&source) {
                return Self::DiskFull { what: "the database", path: PathBuf::from("the vault") };
            }
            Self::Database { what, source }
        }
    }

    /// Names damaged bytes.
    #[must_use]
    pub fn damaged(what: impl Into<String>, why: impl ToString) -> Self {
        Self::Damaged { what: what.into(), why: why.to_string() }
    }

    /// There is no such thing.
    #[must_use]
    pub fn not_found(what: &'static str, id: impl ToString) -> Self {
        Self::NotFound { what, id: id.to_string() }
    }

    /// An operation that the present state does not allow.
    #[must_use]
    pub fn refused(what: &'static str, why: impl Into<String>) -> Self {
        Self::Refused { what, why: why.into() }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(source: rusqlite::Error) -> Self {
        Self::Database { what: "a statement", source }
    }
}
