//! Many edits that belong together: one Change, undone as one.

use vaultmark_model::change::{Edit, Intent};

use super::draft::Draft;
use super::{Committed, Project};
use crate::StoreError;

/// A batch under way. It holds the project's writer; readers go on with what was there before.
/// Memory does not grow with the number of annotations. Dropped unfinished it leaves nothing.
pub struct Batch<'p> {
    draft: Draft<'p>,
    gesture: String,
}

impl Project {
    /// Begins a batch. `gesture` names it in the history: `annotations import coco`.
    ///
    /// The same thread must finish or drop it before it changes the project otherwise.
    ///
    /// # Errors
    /// [`StoreError::Model`] for a gesture that is no name, [`StoreError::Refused`] where this
    /// thread has another change open.
    pub fn batch(&self, gesture: &str) -> Result<Batch<'_>, StoreError> {
        vaultmark_model::text::check_name("gesture", gesture)?;
        Ok(Batch { draft: Draft::begin(self)?, gesture: gesture.to_owned() })
    }
}

impl Batch<'_> {
    /// Adds an edit. A refused one leaves the batch as it was: the others can go on.
    ///
    /// # Errors
    /// As [`Project::commit`].
    pub fn push(&mut self, edit: Edit) -> Result<(), StoreError> {
        self.draft.push(edit, None)
    }

    /// How many edits are in it.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.draft.len()
    }

    /// Whether it is empty: such a batch can't be finished, only dropped.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Makes it one durable Change.
    ///
    /// # Errors
    /// [`StoreError::Refused`] where it is empty, [`StoreError::DiskFull`] and its kin: nothing of
    /// it has then happened.
    pub fn finish(self) -> Result<Committed, StoreError> {
        self.draft.finish(Intent::Batch, &self.gesture, None)
    }
}
