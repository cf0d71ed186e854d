//! Bounds on what arrives from the window: every text, list and identifier is checked here before
//! anything is done with it. The window is never trusted, not even to be the window.

use std::path::PathBuf;
use std::str::FromStr;

use vaultmark::model::ModelError;
use vaultmark::model::text::{NAME_BYTES, NOTE_BYTES};

use crate::views::{Answer, AppError};

/// The most bytes of a path, as Linux has it (PATH_MAX).
pub const PATH: usize = 4096;
/// The most bytes of a passphrase.
pub const PASSPHRASE: usize = 4096;
/// The most bytes of what is searched for.
pub const SEARCH: usize = 1024;
/// The most bytes of a setting.
pub const SETTING: usize = 64 * 1024;
/// The most bytes of a name, a marking, a title.
pub const NAME: usize = NAME_BYTES;
/// The most bytes of a note or a justification.
pub const NOTE: usize = NOTE_BYTES;
/// The most bytes of a text to be copied.
pub const COPIED: usize = 512 * 1024;
/// The most paths of one import.
pub const PATHS: usize = 1000;
/// The most edits of one gesture.
pub const EDITS: usize = 20_000;
/// The most recipients or formats of one bundle.
pub const FEW: usize = 100;

/// Refuses an argument in a sentence.
pub fn invalid(what: &str, why: impl std::fmt::Display) -> AppError {
    AppError::new("invalid", format!("The {what} is not valid: {why}."), None)
}

/// A text of at most `most` bytes.
pub fn text(what: &str, text: &str, most: usize) -> Answer<()> {
    if text.len() > most {
        return Err(invalid(
            what,
            format_args!("it has {} bytes, at most {most} are possible", text.len()),
        ));
    }
    if text.contains('\0') {
        return Err(invalid(what, "it holds a NUL character"));
    }
    Ok(())
}

/// A text that may be missing.
pub fn maybe(what: &str, value: Option<&String>, most: usize) -> Answer<()> {
    value.map_or(Ok(()), |value| text(what, value, most))
}

/// A list of at most `most` things.
pub fn list<T>(what: &str, things: &[T], most: usize) -> Answer<()> {
    if things.len() > most {
        return Err(invalid(
            what,
            format_args!("there are {} of them, at most {most} are possible", things.len()),
        ));
    }
    Ok(())
}

/// An identifier.
pub fn id<T: FromStr<Err = ModelError>>(what: &str, digits: &str) -> Answer<T> {
    text(what, digits, 64)?;
    digits.parse().map_err(|_| invalid(what, "an identifier has 32 hexadecimal digits"))
}

/// An absolute path.
pub fn path(what: &str, written: &str) -> Answer<PathBuf> {
    text(what, written, PATH)?;
    let path = PathBuf::from(written);
    if !path.is_absolute() {
        return Err(invalid(what, "it must be a full path, from the root on"));
    }
    Ok(path)
}

/// A word of a closed vocabulary such as a gesture: lower-case letters, digits, `.`, `-`, `_`.
pub fn word(what: &str, value: &str) -> Answer<()> {
    text(what, value, 64)?;
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || " .-_".contains(c);
    if value.is_empty() || !value.chars().all(fits) {
        return Err(invalid(what, "it is no plain lower-case word"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use vaultmark::model::ItemId;

    #[test]
    fn what_is_too_long_or_of_the_wrong_form_is_refused() {
        assert!(text("note", &"x".repeat(10), 10).is_ok());
        assert!(text("note", &"x".repeat(11), 10).is_err());
        assert!(text("note", "a\0b", 10).is_err());
        assert!(id::<ItemId>("item", &"ab".repeat(16)).is_ok());
        for wrong in ["", "zz", &"ab".repeat(17), &"é".repeat(16), &"x".repeat(1 << 20)] {
            assert!(id::<ItemId>("item", wrong).is_err());
        }
        assert!(path("folder", "/tmp").is_ok());
        for wrong in ["", "tmp", "../etc", "./x", &"/x".repeat(PATH)] {
            assert!(path("folder", wrong).is_err());
        }
        assert!(word("gesture", "draw box").is_ok());
        for wrong in ["", "Draw", "a\nb", "<b>", "ä"] {
            assert!(word("gesture", wrong).is_err(), "{wrong:?}");
        }
    }
}
