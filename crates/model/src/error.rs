//! What can be wrong with a value of the vocabulary.

/// A value that the model refuses, with the reason.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ModelError {
    /// Bytes that are not the one canonical encoding of any value.
    #[error("the bytes are not a canonical {what}: {why}")]
    NotCanonical {
        /// The type that was expected.
        what: &'static str,
        /// What the decoder met.
        why: String,
    },
    /// Geometry that no image can hold.
    #[error("the {shape} is not valid: {why}")]
    InvalidShape {
        /// The shape's kind, as it is written in files.
        shape: &'static str,
        /// The rule that it breaks.
        why: String,
    },
    /// A text that is too long, empty or has control characters where it may not.
    #[error("the {field} is not valid: {why}")]
    InvalidText {
        /// The field's name in the glossary's words.
        field: &'static str,
        /// The rule that it breaks.
        why: String,
    },
    /// An identifier that is not 32 hexadecimal digits.
    #[error("`{text}` is not an identifier: 32 hexadecimal digits are expected")]
    InvalidId {
        /// What was given.
        text: String,
    },
    /// A word that names nothing in the vocabulary.
    #[error("`{word}` is not a known {what}; known are {known}")]
    UnknownWord {
        /// The kind of thing.
        what: &'static str,
        /// What was given.
        word: String,
        /// The words that exist.
        known: String,
    },
}
