//! What a writer reads: a project as ordered, restartable streams of records.

use vaultmark_model::change::Heads;
use vaultmark_model::{Annotation, ImageFacts, Item, Label, Marking, ProjectId};

use crate::FormatError;

/// What a file says of the project that it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectFacts {
    /// The project.
    pub id: ProjectId,
    /// Its name.
    pub name: String,
    /// Its marking.
    pub marking: Marking,
    /// The heads of its chains at the moment of writing, sorted by replica; may be empty.
    pub heads: Heads,
}

/// An item, and where its medium goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemRecord {
    /// The item.
    pub item: Item,
    /// The path of its medium in what is being written (`media/<item-id>.<ext>`), where media are
    /// included.
    pub media_path: Option<String>,
}

/// An annotation with the integers that formats need.
#[derive(Debug, Clone, PartialEq)]
pub struct AnnotationRecord {
    /// The annotation.
    pub annotation: Annotation,
    /// Its integer: given once per project, from 1, never reused.
    pub number: u64,
    /// Its item's integer.
    pub item_number: u32,
    /// What is known of its item's pixels.
    pub facts: ImageFacts,
}

/// A data set to write. Streams may be asked for several times and are the same each time.
pub trait Dataset {
    /// What is said of the project.
    ///
    /// # Errors
    /// Where the project can't be read.
    fn project(&mut self) -> Result<ProjectFacts, FormatError>;

    /// The schema, by number. Small: it is held in memory.
    ///
    /// # Errors
    /// Where the project can't be read.
    fn labels(&mut self) -> Result<Vec<Label>, FormatError>;

    /// Every item, by number.
    ///
    /// # Errors
    /// Where the project can't be read; errors of `each` are passed on and end the walk.
    fn each_item(
        &mut self,
        each: &mut dyn FnMut(&ItemRecord) -> Result<(), FormatError>,
    ) -> Result<(), FormatError>;

    /// Every annotation, by item number, then by annotation number.
    ///
    /// # Errors
    /// Where the project can't be read; errors of `each` are passed on and end the walk.
    fn each_annotation(
        &mut self,
        each: &mut dyn FnMut(&AnnotationRecord) -> Result<(), FormatError>,
    ) -> Result<(), FormatError>;
}
