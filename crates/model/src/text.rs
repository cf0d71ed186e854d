//! Bounds on the texts that people type, and what of a foreign text may be shown.

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

/// A foreign text (a file's name, a label of an annotation file) as it may be shown: what would
/// steer a terminal, break the line, show as nothing or turn the direction of the text around it
/// becomes U+FFFD.
#[must_use]
pub fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || is_invisible(c) { '\u{fffd}' } else { c }).collect()
}

/// Characters that show as nothing or as a blank of their own, break lines or turn the direction of the
/// text around them. Variation selectors are not among them: they belong to the character before.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{2800}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_steers_no_terminal() {
        for (text, wanted) in [
            ("straße 1, 道路.png", "straße 1, 道路.png"),
            ("a\u{1b}]0;title\u{7}b\u{1b}[2J", "a\u{fffd}]0;title\u{fffd}b\u{fffd}[2J"),
            ("a\r\nb\tc\u{9b}31m", "a\u{fffd}\u{fffd}b\u{fffd}c\u{fffd}31m"),
            ("a\u{3164}b\u{2800}c\u{34f}", "a\u{fffd}b\u{fffd}c\u{fffd}"),
            ("\u{2764}\u{fe0f}", "\u{2764}\u{fe0f}"),
            ("a\u{202e}gnp.exe\u{2066}\u{7f}", "a\u{fffd}gnp.exe\u{fffd}\u{fffd}"),
        ] {
            assert_eq!(shown(text), wanted);
        }
    }
}
