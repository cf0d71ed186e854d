//! Markings: classification and handling, as a text from the site's vocabulary. Unknown texts are
//! preserved and treated as the highest.

use crate::ModelError;
use crate::text::check_name;

/// A classification and handling text such as `UNCLASSIFIED` or `SECRET//NOFORN`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Marking(String);

impl Marking {
    /// Checks and wraps the text (one line, at most 256 bytes).
    ///
    /// # Errors
    /// [`ModelError::InvalidText`] names the rule.
    pub fn new(text: &str) -> Result<Self, ModelError> {
        check_name("marking", text)?;
        Ok(Self(text.trim().to_owned()))
    }

    /// The text as it is shown.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}
