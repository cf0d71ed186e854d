//! What can go wrong while a bundle is made or read, said so that the person at the screen knows
//! which entry it is and what to do.

use std::io;

use vaultmark_crypto::CryptoError;
use vaultmark_model::ModelError;

use crate::refusal::Refusal;

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The bundle breaks a rule of the format; nothing of it is used.
    #[error("the bundle is refused: {0}")]
    Refused(#[from] Refusal),
    /// Somebody asked to stop.
    #[error("stopped as asked; nothing of it is complete, start again when ready")]
    Cancelled,
    /// Reading or writing failed.
    #[error("{what}: {source}; check the disk and try again")]
    Io {
        /// What was read or written.
        what: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// A cryptographic operation failed for another reason than the bundle's content.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// A value does not fit the vocabulary.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The producer of an entry failed.
    #[error("the content of `{entry}` can't be had: {source}")]
    Source {
        /// The entry.
        entry: String,
        /// What its producer said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A producer gave other bytes than were promised when the draft was frozen.
    #[error(
        "`{entry}` has {found} where {promised} were promised: its source changed after the draft \
         was frozen; run `check`, then make the bundle again"
    )]
    BrokenPromise {
        /// The entry.
        entry: String,
        /// What the source gave.
        found: String,
        /// What the draft says.
        promised: String,
    },
    /// An entry's name can't stand in a bundle.
    #[error("`{entry}` can't be the name of an entry: {why}; choose another name")]
    EntryName {
        /// The name.
        entry: String,
        /// The rule that it breaks.
        why: Refusal,
    },
    /// Two entries have names that are the same, or would be on some file system.
    #[error(
        "`{entry}` and `{other}` can't stand in one bundle: they are one file where case does not count; rename one"
    )]
    EntryCollision {
        /// The later one.
        entry: String,
        /// The earlier one.
        other: String,
    },
    /// A payload entry lies outside `data/`, or is part of the bag's own frame.
    #[error(
        "`{entry}` can't be added: what a bundle carries lies under `data/`; choose such a name"
    )]
    OutsidePayload {
        /// The name.
        entry: String,
    },
    /// A draft without its datasheet.
    #[error("the draft has no `data/README.txt`; add the datasheet before freezing it")]
    NoDatasheet,
    /// A value of bag-info.txt that is not one safe line.
    #[error("the bundle's {field} can't be written: {why}; write it as one line of plain text")]
    InfoValue {
        /// The field.
        field: &'static str,
        /// The rule that it breaks.
        why: String,
    },
    /// A signature is larger than any that the format knows.
    #[error(
        "the {role}'s signature has {bytes} bytes, at most {limit} are allowed; sign again with a supported key"
    )]
    SignatureSize {
        /// Whose.
        role: &'static str,
        /// Its size.
        bytes: usize,
        /// The most there may be.
        limit: usize,
    },
    /// The policy of the draft demands an approver.
    #[error(
        "the policy asks for two people, and no approver has signed; have a second person approve the export"
    )]
    ApproverMissing,
    /// The limit for volumes leaves no room.
    #[error("volumes of {limit} bytes leave no room for `{entry}`; allow larger volumes")]
    VolumeTooSmall {
        /// The limit in bytes.
        limit: u64,
        /// What did not fit.
        entry: String,
    },
    /// More than the format can hold.
    #[error("{what}: at most {limit} fit in one bundle; send less at once")]
    TooMuch {
        /// What there is too much of.
        what: &'static str,
        /// The most there may be.
        limit: u64,
    },
    /// A provenance file was written in the wrong order; a defect of the caller.
    #[error("the provenance can't be written: {why}; report this as a defect")]
    ProvenanceOrder {
        /// The rule that was broken.
        why: String,
    },
    /// No such entry.
    #[error("the bundle has no `{entry}`; see its list of entries")]
    NoEntry {
        /// The name that was asked for.
        entry: String,
    },
}

impl BundleError {
    /// Wraps what the operating system said about `what`; errors of this crate and of the crypto
    /// crate that travelled inside come out whole.
    #[must_use]
    pub fn from_io(what: impl Into<String>, error: io::Error) -> Self {
        let inner = error.get_ref();
        let own = inner.is_some_and(|inner| inner.is::<Self>());
        let crypto = inner.is_some_and(|inner| inner.is::<CryptoError>());
        if !own && !crypto {
            return Self::Io { what: what.into(), source: error };
        }
        let Some(inner) = error.into_inner() else {
            return Self::Io { what: what.into(), source: io::ErrorKind::Other.into() };
        };
        match inner.downcast::<Self>() {
            Ok(own) => *own,
            Err(other) => match other.downcast::<CryptoError>() {
                Ok(crypto) => Self::Crypto(*crypto),
                Err(other) => Self::Io { what: what.into(), source: io::Error::other(other) },
            },
        }
    }

    /// The rule of the format that was broken, if that is what happened.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }
}

impl From<BundleError> for io::Error {
    fn from(error: BundleError) -> Self {
        match error {
            BundleError::Io { source, .. } => source,
            BundleError::Crypto(crypto) => crypto.into(),
            other => Self::other(other),
        }
    }
}
