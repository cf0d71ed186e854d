//! Bringing images in: a plan of what is new, a duplicate or refused and why; then the work, over
//! all cores, durable group by group, so that a kill loses at most the group under way and running
//! it again goes on from there.

mod files;
mod perform;
mod plan;
mod source;

use std::path::PathBuf;

use vaultmark_model::item::ItemPath;

pub use perform::perform;
pub use plan::plan;

/// A file that an import would bring in.
#[derive(Debug, Clone)]
pub struct PlannedFile {
    /// Where it lies.
    pub file: PathBuf,
    /// Its path in the project: the imported folder's name, then the path below it.
    pub path: ItemPath,
    /// Its bytes.
    pub size: u64,
}

/// A file that is not brought in, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Where it lies.
    pub file: PathBuf,
    /// A sentence.
    pub reason: String,
}

/// What an import would do.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// New files, by path.
    pub new: Vec<PlannedFile>,
    /// Files whose content is already in the project, or earlier in this plan.
    pub duplicates: Vec<PathBuf>,
    /// Files that are or claim to be images and can't be taken.
    pub refused: Vec<Refused>,
    /// Other files: no images by content nor by name.
    pub ignored: u64,
}

impl Plan {
    /// Bytes of the new files.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.new.iter().map(|file| file.size).sum()
    }
}

/// What an import did.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Items made.
    pub imported: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files whose content was already there.
    pub duplicates: u64,
    /// Files that were not taken, and why.
    pub refused: Vec<Refused>,
    /// Other files: no images by content nor by name.
    pub ignored: u64,
    /// Whether it was stopped on request.
    pub cancelled: bool,
    /// How long it took.
    pub seconds: f64,
}
