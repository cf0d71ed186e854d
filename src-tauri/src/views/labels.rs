//! The labels of a project.

use serde::{Deserialize, Serialize};
use specta::Type;
use vaultmark::journeys::labels::LabelWish;
use vaultmark::model::Label;

use super::Answer;
use crate::arguments;

/// A label.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct LabelView {
    /// Its identifier.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `#rrggbb`.
    pub color: String,
    /// The digit that selects it.
    pub key: Option<u8>,
    /// Annotations with it.
    pub count: u64,
}

impl From<(Label, u64)> for LabelView {
    fn from((label, count): (Label, u64)) -> Self {
        Self {
            id: label.id.to_string(),
            name: label.name,
            color: label.color.to_string(),
            key: label.key,
            count,
        }
    }
}

/// A label as it should be.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct LabelRequest {
    /// Which one; a new one without.
    pub id: Option<String>,
    /// Its name.
    pub name: String,
    /// `#rrggbb`; empty for the next of the palette.
    pub color: String,
    /// The digit that selects it.
    pub key: Option<u8>,
}

impl LabelRequest {
    pub(crate) fn checked(self) -> Answer<LabelWish> {
        arguments::text("label's name", &self.name, arguments::NAME)?;
        arguments::text("colour", &self.color, 16)?;
        let id = self.id.map(|id| arguments::id("label", &id)).transpose()?;
        let color = Some(self.color).filter(|text| !text.is_empty());
        Ok(LabelWish {
            id,
            name: self.name,
            color: color.map(|text| text.parse()).transpose()?,
            key: self.key,
        })
    }
}
