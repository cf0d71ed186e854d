//! Refusals and failures, as sentences.

use std::path::Path;

use serde::{Deserialize, Serialize};
use specta::Type;
use vaultmark::store::StoreError;

/// What a command answers.
pub type Answer<T> = Result<T, AppError>;

/// What went wrong, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AppError {
    /// A short word for programs.
    pub kind: String,
    /// What failed, on what, and what is safe.
    pub detail: String,
    /// What to do, where there is something to do.
    pub remedy: Option<String>,
}

impl AppError {
    /// Puts one together.
    pub fn new(kind: &str, detail: impl Into<String>, remedy: Option<&str>) -> Self {
        Self { kind: kind.into(), detail: detail.into(), remedy: remedy.map(Into::into) }
    }

    /// No vault is open.
    pub fn locked() -> Self {
        Self::new("locked", "The vault is locked.", Some("Unlock it and try again."))
    }

    /// The folder is not there in which a vault is to be made.
    pub fn no_parent(folder: &Path) -> Self {
        Self::new(
            "invalid",
            format!("`{}` is not there, so no vault can be made in it.", folder.display()),
            Some("Make that folder first, or choose another place."),
        )
    }

    /// A vault is open where none should be.
    pub fn already_open() -> Self {
        Self::new("already_open", "A vault is open in this window.", Some("Lock it first."))
    }

    /// There is no window here that a page does not reach.
    pub fn no_window_to_ask_in() -> Self {
        Self::new(
            "unsupported",
            "On this system the window can't ask for a passphrase where no page reads it, so it sends nothing.",
            Some("Send with the program of the command line."),
        )
    }

    /// What a page asked for by itself.
    pub fn no_gesture() -> Self {
        Self::new(
            "no_gesture",
            "Nothing was handed to other programs: no key or click asked for it.",
            Some("Press the key or the button again."),
        )
    }

    /// The program made a mistake that it noticed.
    pub fn mistake() -> Self {
        Self::new(
            "internal",
            "A mistake in the program stopped this; what was saved before is kept.",
            Some("Please report it."),
        )
    }

    /// From a sentence of the application layer: what comes after its last semicolon says what to
    /// do.
    pub fn from_sentence(kind: &str, sentence: &str) -> Self {
        let (detail, remedy) = match sentence.rsplit_once("; ") {
            Some((detail, remedy)) if !remedy.is_empty() => (detail, Some(closed(remedy))),
            _ => (sentence, None),
        };
        Self { kind: kind.into(), detail: closed(detail), remedy }
    }
}

/// With a capital first letter and a full stop.
pub(crate) fn closed(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    let end = if text.ends_with(['.', '!', '?', ')']) { "" } else { "." };
    format!("{first}{}{end}", chars.as_str())
}

impl From<vaultmark::AppError> for AppError {
    fn from(error: vaultmark::AppError) -> Self {
        Self::from(&error)
    }
}

impl From<&vaultmark::AppError> for AppError {
    fn from(error: &vaultmark::AppError) -> Self {
        use vaultmark::AppError as E;
        let kind = error.kind();
        // Where the application layer speaks of the command line, the window has words of its own.
        match error {
            E::NotContained { gap } => Self::new(
                kind,
                format!(
                    "This vault's policy asks for full containment, and {gap}. The vault stays locked."
                ),
                Some(
                    "Use it on a computer that can, or make a vault for this one whose policy allows less.",
                ),
            ),
            E::NoProjects | E::NoProject { .. } | E::WhichProject { .. } => Self::new(
                kind,
                "This project is not there, or you hold no key for it.",
                Some("Choose one of those on the Projects page."),
            ),
            E::SecondPersonNeeded => Self::new(
                kind,
                "This vault's policy asks for a second person's approval of every export, and this version can't take one yet. Nothing was written.",
                Some("Use a vault whose policy lets one person export."),
            ),
            E::ExportIncomplete { what } => {
                let what = what.split(" (").next().unwrap_or(what);
                Self::new(
                    kind,
                    format!(
                        "An export carries a {what}, so that the receiver and the auditor can read it."
                    ),
                    Some("Fill it in."),
                )
            }
            E::UnknownSigner { fingerprint } => Self::new(
                kind,
                format!("The bundle is whole, but its signer {fingerprint} is not on your list."),
                Some("Compare the fingerprint with the sender's by another way, then accept it."),
            ),
            E::UnknownApprover { fingerprint } => Self::new(
                kind,
                format!(
                    "The bundle's policy asks for two people, but its approver {fingerprint} is not on your list in that role."
                ),
                Some(
                    "Compare the fingerprint with the approver's by another way, then give a file of signers with the approver's line.",
                ),
            ),
            E::OnePerson { principal } => Self::new(
                kind,
                format!(
                    "The bundle's policy asks for two people, but both its signatures are by {principal} on your list."
                ),
                Some("Ask the sender to have a second person approve it."),
            ),
            E::OtherRecipient { recipients } => Self::new(
                kind,
                format!(
                    "The bundle was made for other recipients than you: {}.",
                    recipients.join(", ")
                ),
                Some(
                    "Ask its creator for a bundle of your own, or accept that it was made for others, which is recorded.",
                ),
            ),
            E::Marking { marking, vault } => Self::new(
                kind,
                format!(
                    "This is marked {} and the vault {}. A vault holds its own marking and UNCLASSIFIED, no other.",
                    marking.text(),
                    vault.text()
                ),
                Some("Make a vault with that marking for it."),
            ),
            E::Store(StoreError::NotAVault { path }) => Self::new(
                kind,
                format!("{} holds no vault.", path.display()),
                Some("Choose the folder that holds `vault.header`, or make a vault."),
            ),
            _ => Self::from_sentence(kind, &error.to_string()),
        }
    }
}

/// The application layer's errors from below come in the same words.
macro_rules! through_the_application_layer {
    ($($error:ty),*) => {$(
        impl From<$error> for AppError {
            fn from(error: $error) -> Self {
                vaultmark::AppError::from(error).into()
            }
        }
    )*};
}

through_the_application_layer!(
    vaultmark::model::ModelError,
    vaultmark::crypto::CryptoError,
    vaultmark::media::MediaError,
    StoreError
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_come_apart_into_what_happened_and_what_to_do() {
        let wrong: AppError = StoreError::WrongCredential.into();
        assert_eq!(wrong.kind, "wrong_credential");
        assert_eq!(wrong.detail, "The name or the passphrase is not right.");
        assert_eq!(wrong.remedy.as_deref(), Some("Try again."));
        let plain = AppError::from_sentence("x", "nothing to do");
        assert_eq!((plain.detail.as_str(), plain.remedy), ("Nothing to do.", None));
    }

    #[test]
    fn no_error_speaks_of_command_line_options() {
        use vaultmark::AppError as E;
        let marking = |text| vaultmark::model::Marking::new(text).unwrap();
        let (fingerprint, principal) = ("SHA256:x".to_owned(), "a name".to_owned());
        for error in [
            E::NotContained { gap: vaultmark::Gap::Files },
            E::SecondPersonNeeded,
            E::ExportIncomplete { what: "justification (`--justification TEXT`)" },
            E::UnknownSigner { fingerprint: fingerprint.clone() },
            E::UnknownApprover { fingerprint },
            E::OnePerson { principal },
            E::OtherRecipient { recipients: vec!["age1x".into()] },
            E::Marking { marking: marking("SECRET"), vault: marking("UNCLASSIFIED") },
            E::NoProjects,
            E::NoProject { name: "trees".into() },
            E::WhichProject { count: 2 },
            StoreError::NotAVault { path: "/v".into() }.into(),
        ] {
            let view: AppError = error.into();
            let said = format!("{view:?}");
            for option in ["--", "`project ", "vaultmark "] {
                assert!(!said.contains(option), "{view:?}");
            }
        }
    }
}
