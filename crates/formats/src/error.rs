//! What stops reading or writing as a whole. What is wrong with single records goes to the report.

use std::io;

use vaultmark_model::ModelError;

use crate::ReadReport;

/// Any error of another crate, carried through unchanged.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why nothing could be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FormatError {
    /// The format only goes the other way.
    #[error("{format} can't be {verb}; choose another format")]
    Direction {
        /// The format's name.
        format: &'static str,
        /// `read` or `written`.
        verb: &'static str,
    },
    /// A setting that the format does not have, or a word that it does not take.
    #[error("`{name}={value}` is not a setting of {format}; it takes {known}")]
    Setting {
        /// The format's name.
        format: &'static str,
        /// The setting's name as given.
        name: String,
        /// The word as given.
        value: String,
        /// What it would take.
        known: String,
    },
    /// A file could not be opened or read.
    #[error(
        "`{file}` could not be read: {source}; check that the medium is still there, then repeat the import"
    )]
    Input {
        /// The file's name.
        file: String,
        /// The system's reason.
        source: io::Error,
    },
    /// The output could not be written.
    #[error(
        "`{file}` could not be written: {source}; free space or choose another place, then repeat the export"
    )]
    Output {
        /// The path inside the output.
        file: String,
        /// The system's reason.
        source: io::Error,
    },
    /// Strict reading met a record that it refuses; nothing reached the project.
    #[error(
        "nothing was imported, because strict reading was asked for and {} records were refused; \
         correct the file, or read it without strict",
        report.refused.count()
    )]
    Strict {
        /// What was found.
        report: Box<ReadReport>,
    },
    /// The data set holds a value that must never be written.
    #[error("annotation {annotation} was not written: {source}; run `check` on the vault")]
    Record {
        /// The annotation's number.
        annotation: u64,
        /// The rule that it breaks.
        source: ModelError,
    },
    /// The data set names a label that its schema lacks.
    #[error("annotation {annotation} has a label that the schema lacks; run `check` on the vault")]
    UnknownLabel {
        /// The annotation's number.
        annotation: u64,
    },
    /// The data set could not be read.
    #[error("the project could not be read: {0}")]
    Dataset(#[source] Cause),
    /// The receiving project failed (not: refused one record).
    #[error("the project could not take the records: {0}")]
    Sink(#[source] Cause),
}

impl FormatError {
    /// Wraps an error of the data set.
    pub fn dataset(cause: impl Into<Cause>) -> Self {
        Self::Dataset(cause.into())
    }
}
