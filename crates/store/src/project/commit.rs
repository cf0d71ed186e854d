//! One gesture, one Change.

use vaultmark_model::change::{Edit, Intent, Subject};
use vaultmark_model::{ChangeId, ItemId};

use super::Project;
use super::draft::Draft;
use crate::StoreError;

/// A change that was made and is durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// The change.
    pub change: ChangeId,
    /// Its place in this replica's chain.
    pub seq: u64,
    /// How many parts it sets.
    pub leaves: u32,
    /// What it touches, in order; the first 256.
    pub subjects: Vec<Subject>,
    /// The items that it touches; the first 256.
    pub items: Vec<ItemId>,
}

impl Project {
    /// Makes one Change of `edits`, in their order: later ones see what earlier ones did, so an
    /// unlocked annotation can be moved in the same gesture. Items and labels whose number is zero
    /// are given the next. Durable on return; all or nothing.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for a subject or reference that is not there (any more),
    /// [`StoreError::Refused`] with the rule (locked annotation, label in use, name taken),
    /// [`StoreError::Model`] for a value out of bounds, [`StoreError::DiskFull`] and its kin.
    pub fn commit(&self, gesture: &str, edits: Vec<Edit>) -> Result<Committed, StoreError> {
        let mut draft = Draft::begin(self)?;
        for edit in edits {
            draft.push(edit, None)?;
        }
        draft.finish(Intent::Edit, gesture, None)
    }
}

#[cfg(test)]
impl Project {
    /// Makes some change, for tests that only need the history to go on.
    pub(crate) fn test_change(&self) {
        use vaultmark_model::change::{Part, Value};
        use vaultmark_model::label::LabelBody;
        use vaultmark_model::{Color, LabelId};
        let id = LabelId::from_bytes(self.ambient.random().unwrap());
        let body = LabelBody { name: id.to_string(), color: Color([0; 3]), key: None, number: 0 };
        let value = Value::Label(Box::new(body));
        self.commit("test", vec![Edit { subject: Subject::Label(id), part: Part::Whole, value }])
            .unwrap();
    }
}
