//! What happened: reports of reading and writing.

use crate::{FormatError, Loss, SinkError};

/// The most entries that a list keeps; the counts go on.
pub const LISTED: usize = 1000;
/// The most characters of a record's name or a reason: both may quote the file.
const TEXT: usize = 500;

/// One thing to say about a file.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Note {
    /// The file.
    pub file: String,
    /// The line on which the record begins, from 1; none where it concerns the whole file.
    pub line: Option<u64>,
    /// The record, in the file's own words: `annotation 17`, `object 3 (RBC)`.
    pub record: String,
    /// What is so, as a sentence without its full stop.
    pub reason: String,
    /// How many annotations this stands for: those of a missing image, or the one itself.
    pub annotations: u64,
}

/// A list of notes that keeps the first [`LISTED`] and counts them all.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct Notes {
    list: Vec<Note>,
    count: u64,
    annotations: u64,
}

/// A note's place, for [`Notes::add_annotations`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoteAt(u64);

impl NoteAt {
    /// No note's place.
    pub(crate) const NONE: Self = Self(u64::MAX);
}

impl Notes {
    /// The first notes, in the order of the files.
    #[must_use]
    pub fn list(&self) -> &[Note] {
        &self.list
    }

    /// How many there are, listed or not.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// How many annotations they stand for.
    #[must_use]
    pub fn annotations(&self) -> u64 {
        self.annotations
    }

    /// Appends one; what it quotes of the file is cut to a sentence's length.
    pub fn push(&mut self, mut note: Note) -> NoteAt {
        let at = NoteAt(self.count);
        self.count += 1;
        self.annotations += note.annotations;
        if self.list.len() < LISTED {
            shorten(&mut note.record);
            shorten(&mut note.reason);
            self.list.push(note);
        }
        at
    }

    /// Lets an earlier note stand for more annotations.
    pub fn add_annotations(&mut self, at: NoteAt, more: u64) {
        self.annotations += more;
        if let Some(note) = usize::try_from(at.0).ok().and_then(|at| self.list.get_mut(at)) {
            note.annotations += more;
        }
    }
}

/// Takes out of the middle, where the quotation stands: a reason ends with what to do.
fn shorten(text: &mut String) {
    const TAIL: usize = TEXT / 3;
    if text.char_indices().nth(TEXT).is_none() {
        return;
    }
    let head = text.char_indices().nth(TEXT - TAIL).map_or(0, |(at, _)| at);
    let tail = text.char_indices().rev().nth(TAIL - 1).map_or(0, |(at, _)| at);
    *text = [&text[..head], "…", &text[tail..]].concat();
}

/// What reading did.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct ReadReport {
    /// The format's name.
    pub format: String,
    /// The settings that held, by name.
    pub settings: Vec<(String, String)>,
    /// Files read.
    pub files: u64,
    /// Records of annotations found in them, refused ones included.
    pub records: u64,
    /// Annotations handed to the project. One record can give several.
    pub annotations: u64,
    /// Labels of the files.
    pub labels: u64,
    /// Items that the files name and the project has.
    pub items: u64,
    /// Not taken.
    pub refused: Notes,
    /// Taken in a form that differs from the file's.
    pub repaired: Notes,
    /// Taken on an assumption.
    pub guessed: Notes,
    /// Said by the files and not kept.
    pub skipped: Notes,
}

impl ReadReport {
    pub(crate) fn new(format: &str, settings: Vec<(String, String)>) -> Self {
        Self { format: format.to_owned(), settings, ..Self::default() }
    }
}

/// The place in a file that notes are about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub file: &'a str,
    pub line: Option<u64>,
}

impl Place<'_> {
    pub(crate) fn note(&self, record: impl Into<String>, reason: impl Into<String>) -> Note {
        Note {
            file: self.file.to_owned(),
            line: self.line,
            record: record.into(),
            reason: reason.into(),
            annotations: 0,
        }
    }

    /// A note about one annotation.
    pub(crate) fn about_one(&self, record: impl Into<String>, reason: impl Into<String>) -> Note {
        Note { annotations: 1, ..self.note(record, reason) }
    }
}

/// Splits a sink's answer: a refusal becomes its reason, a failure ends the import.
pub(crate) fn taken<T>(result: Result<T, SinkError>) -> Result<Result<T, String>, FormatError> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(SinkError::Refused(reason)) => Ok(Err(reason)),
        Err(SinkError::Failed(cause)) => Err(FormatError::Sink(cause)),
    }
}

/// One written file.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct WrittenFile {
    /// Its path in the output.
    pub path: String,
    /// Its bytes.
    pub bytes: u64,
}

/// What writing did.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct WriteReport {
    /// The format's name.
    pub format: String,
    /// The settings that held, by name.
    pub settings: Vec<(String, String)>,
    /// The files.
    pub files: Vec<WrittenFile>,
    /// Labels written.
    pub labels: u64,
    /// Items written.
    pub items: u64,
    /// Annotations written.
    pub annotations: u64,
    /// Annotations that the format can't hold; the loss report named them beforehand.
    pub left_out: u64,
    /// What turned out lost beside what the loss report says (seen only while writing).
    pub losses: Vec<Loss>,
}
