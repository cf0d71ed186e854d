//! Bounds on the texts that people type.

use crate::ModelError;

/// The most bytes of a name (label, project, dataset).
pub const NAME_BYTES: usize = 256;
/// The most bytes of a note.
pub const NOTE_BYTES: usize = 64 * 1024;

/// Checks a one-line name: not blank, at most [`NAME_BYTES`] bytes of UTF-8, no control characters.
///
/// # Errors
/// [`ModelError::InvalidText`] names the field and the rule.
pub fn check_name(field: &'static str, text: &str) -> Result<(), ModelError> {
    let refuse = |why: String| Err(ModelError::InvalidText { field, why });
    if text.trim().is_empty() {
        return refuse("it is empty".into());
    }
    if text.len() > NAME_BYTES {
        return refuse(format!("it has {} bytes, {NAME_BYTES} are allowed", text.len()));
    }
    if text.chars().any(char::is_control) {
        return refuse("it holds a control character".into());
    }
    Ok(())
}

/// Checks a note: at most [`NOTE_BYTES`] bytes, no control characters but tab and line feed.
///
/// # Errors
/// [`ModelError::InvalidText`] names the field and the rule.
pub fn check_note(field: &'static str, text: &str) -> Result<(), ModelError> {
    let refuse = |why: String| Err(ModelError::InvalidText { field, why });
    if text.len() > NOTE_BYTES {
        return refuse(format!("it has {} bytes, {NOTE_BYTES} are allowed", text.len()));
    }
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return refuse("it holds a control character".into());
    }
    Ok(())
}
