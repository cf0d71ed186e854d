//! What can go wrong in cryptographic work, said so that the person at the screen knows what to do.

use std::io;

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum CryptoError {
    /// The random source gave nothing.
    #[error("the operating system gave no random numbers; restart the computer and try again")]
    Randomness,
    /// Memory for secrets could not be had.
    #[error(
        "no protected memory for {bytes} bytes of secrets ({source}); close other programs and try again"
    )]
    Memory {
        /// How many bytes were asked for.
        bytes: usize,
        /// What the operating system said.
        source: io::Error,
    },
    /// A value has another length than its kind demands.
    #[error(
        "{what} has {found} bytes where {expected} are expected; it is damaged or of another kind"
    )]
    Length {
        /// The value.
        what: &'static str,
        /// Bytes its kind demands.
        expected: usize,
        /// Bytes there are.
        found: usize,
    },
    /// A label used for domain separation is empty or holds a NUL.
    #[error(
        "\"{label}\" can't separate one use of a key from another; use a non-empty label without NUL"
    )]
    Label {
        /// The label.
        label: String,
    },
    /// Key derivation parameters out of bounds.
    #[error("key derivation parameters are refused: {why}; restore the key slot from a backup")]
    KdfParameters {
        /// Which bound, and the value.
        why: String,
    },
    /// The key commitment does not fit.
    #[error(
        "{what} does not open with this key: the key or its purpose is another one, or its first bytes were altered"
    )]
    WrongKey {
        /// What was to be opened.
        what: &'static str,
    },
    /// Authentication failed although the key is right.
    #[error("{what} was altered or damaged{}; restore it from a backup", at(.position))]
    Damaged {
        /// What was to be opened.
        what: &'static str,
        /// Where, in bytes from the start of the sealed form, if known.
        position: Option<u64>,
    },
    /// The sealed form ends too early.
    #[error(
        "{what} is cut short: {length} bytes can't be a complete one; restore it from a backup"
    )]
    Truncated {
        /// What was to be opened.
        what: &'static str,
        /// Bytes there are.
        length: u64,
    },
    /// The bytes are of no known form.
    #[error(
        "{what} can't be read: {why}; it is damaged, or made by another program or a newer version"
    )]
    Malformed {
        /// What was to be read.
        what: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// More than the format can hold.
    #[error("{what} is larger than the format allows ({limit} bytes); split it")]
    TooLarge {
        /// What was to be written.
        what: &'static str,
        /// The most there can be, in bytes.
        limit: u64,
    },
    /// An algorithm suite this version does not know.
    #[error(
        "{what} uses suite {suite}, which this version does not know; open it with a newer version"
    )]
    Suite {
        /// What names the suite.
        what: &'static str,
        /// Its number.
        suite: u8,
    },
    /// The signature does not fit key, purpose and message.
    #[error(
        "the signature on {what} is not valid: the content was altered, or another key signed it; do not trust it"
    )]
    Signature {
        /// What was signed.
        what: &'static str,
    },
    /// A signature made for another purpose.
    #[error(
        "the signature is for \"{found}\" where one for \"{expected}\" is needed; ask for a signature of the right role"
    )]
    Namespace {
        /// The purpose that is needed.
        expected: &'static str,
        /// The purpose stated in the signature.
        found: String,
    },
    /// A line of an allowed-signers file.
    #[error("line {line} of the allowed-signers file: {why}; correct or remove the line")]
    AllowedSigners {
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// Text that is no recipient.
    #[error("\"{text}\" is no recipient ({why}); a recipient starts with age1 and is copied whole")]
    Recipient {
        /// The text as given.
        text: String,
        /// What is wrong with it.
        why: String,
    },
    /// Text that is no identity. The text is a secret and not repeated.
    #[error("this is no secret key; it starts with AGE-SECRET-KEY-1 and is copied whole")]
    Identity,
    /// Nothing to wrap for.
    #[error("no recipient is given; name at least one recipient to seal to")]
    NoRecipient,
    /// Sealed to somebody else.
    #[error("{what} is not sealed to this key; open it with the key of one of its recipients")]
    NotARecipient {
        /// What was to be opened.
        what: &'static str,
    },
    /// The evolving MAC of an entry does not fit.
    #[error(
        "entry {index} of the sequence was altered, removed or put in; keep the file and report it"
    )]
    Sequence {
        /// The first entry that does not fit, counted from the start of the sequence.
        index: u64,
    },
    /// Reading or writing failed.
    #[error("{what}: {source}; check the disk and try again")]
    Io {
        /// What was read or written.
        what: &'static str,
        /// What the operating system said.
        source: io::Error,
    },
}

fn at(position: &Option<u64>) -> String {
    position.map_or_else(String::new, |p| format!(" near byte {p}"))
}

impl CryptoError {
    /// The error that an [`io::Error`] carries: readers and writers of this crate speak `io`, and
    /// their own errors come back out of it whole.
    #[must_use]
    pub fn from_io(what: &'static str, error: io::Error) -> Self {
        if error.get_ref().is_some_and(|inner| inner.is::<Self>()) {
            if let Some(inner) = error.into_inner() {
                return match inner.downcast::<Self>() {
                    Ok(own) => *own,
                    Err(other) => Self::Io { what, source: io::Error::other(other) },
                };
            }
            return Self::Io { what, source: io::ErrorKind::Other.into() };
        }
        Self::Io { what, source: error }
    }
}

impl From<CryptoError> for io::Error {
    fn from(error: CryptoError) -> Self {
        match error {
            CryptoError::Io { source, .. } => source,
            CryptoError::Truncated { .. } => Self::new(io::ErrorKind::UnexpectedEof, error),
            other => Self::new(io::ErrorKind::InvalidData, other),
        }
    }
}
