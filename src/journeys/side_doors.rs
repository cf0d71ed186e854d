//! What leaves the program's window for other programs of the computer: copied text, a printed page,
//! something dragged. The vault's policy decides about each; what was let through is recorded.

use std::time::Duration;

use vaultmark_model::policy::SideDoors;
use vaultmark_store::audit::Outcome;

use crate::{AppError, Session};

/// The most characters that are copied at once.
const MOST_CHARACTERS: usize = 100_000;

/// A page of the program that can be printed; none of them shows a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// Of the manual.
    Manual,
    /// The posture of this installation.
    Posture,
    /// The recovery sheet of a vault that was just made.
    RecoverySheet,
}

impl Page {
    /// The word in the audit log.
    const fn word(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Posture => "posture",
            Self::RecoverySheet => "recovery sheet",
        }
    }
}

/// What the policy leaves open.
///
/// # Errors
/// The store's where the signed decisions do not hold.
pub fn doors(session: &Session) -> Result<SideDoors, AppError> {
    Ok(session.policy()?.side_doors)
}

/// Asks whether `text` may be copied; records it, by its length alone. Gives the time after which it
/// is to be taken off the clipboard again.
///
/// # Errors
/// [`AppError::SideDoorShut`]; [`AppError::Invalid`] where it is too long; the store's where the
/// record can't be written.
pub fn copy(session: &Session, text: &str) -> Result<Duration, AppError> {
    let seconds = doors(session)?.copy_seconds;
    let length = text.chars().count();
    let facts = || [("characters", length.to_string())];
    if seconds == 0 {
        return Err(shut(session, "copy", "copying text", facts()));
    }
    if length > MOST_CHARACTERS {
        session.record("copy", Outcome::Refused, None, facts())?;
        let why = format!(
            "{length} characters are more than the {MOST_CHARACTERS} that can be copied at once"
        );
        return Err(AppError::Invalid { what: "the text", why });
    }
    session.record("copy", Outcome::Done, None, facts())?;
    Ok(Duration::from_secs(seconds.into()))
}

/// Records that the web engine copied past the policy, and that it was taken off again.
///
/// # Errors
/// The store's where the record can't be written.
pub fn copy_undone(session: &Session) -> Result<(), AppError> {
    session.record("copy", Outcome::Refused, None, [("by", "the web engine itself".to_owned())])
}

/// Records that a page asked for something, `copy` or `print`, that no key or click had asked for.
///
/// # Errors
/// The store's where the record can't be written.
pub fn unasked(session: &Session, action: &str) -> Result<(), AppError> {
    session.record(action, Outcome::Refused, None, [("by", "the page itself".to_owned())])
}

/// Asks whether a page may be printed, and records it.
///
/// # Errors
/// [`AppError::SideDoorShut`]; the store's where the record can't be written.
pub fn print(session: &Session, page: Page) -> Result<(), AppError> {
    // As the window names it: what it shows is what is printed.
    let facts = || [("page", page.word().to_owned())];
    if doors(session)?.print {
        session.record("print", Outcome::Done, None, facts())
    } else {
        Err(shut(session, "print", "printing", facts()))
    }
}

/// Asks whether something may be dragged into another program, and records it.
///
/// # Errors
/// [`AppError::SideDoorShut`]; the store's where the record can't be written.
pub fn drag(session: &Session) -> Result<(), AppError> {
    if doors(session)?.drag_out {
        session.record("drag", Outcome::Done, None, [])
    } else {
        Err(shut(session, "drag", "dragging into other programs", []))
    }
}

/// Records the refusal, and says it. Where even the record can't be written, that is what is said.
fn shut<'a>(
    session: &Session,
    action: &str,
    what: &'static str,
    facts: impl IntoIterator<Item = (&'a str, String)>,
) -> AppError {
    match session.record(action, Outcome::Refused, None, facts) {
        Ok(()) => AppError::SideDoorShut { what },
        Err(error) => error,
    }
}
