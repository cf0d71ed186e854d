//! What leaves, in the lines that the person reads before signing in again.

use std::path::Path;

use vaultmark::journeys::export::{Form, Plan, Request};
use vaultmark::model::text;

/// The lines, and what consenting is called.
#[derive(Clone)]
pub(crate) struct Facts {
    /// A word and what is to be said of it, the weightiest first: a long reason pushes nothing away.
    pub lines: Vec<(&'static str, String)>,
    /// The words of the button that consents.
    pub consent: &'static str,
}

impl Facts {
    /// Those of an export.
    pub(crate) fn of_export(request: &Request, plan: &Plan, to: &Path) -> Self {
        let Content { formats, extras, sealed_to } = Content::of(&request.form);
        let numbers =
            format!("{} items, {} annotations", plan.census.items, plan.census.annotations());
        let said = |text: &str| text::shown(text);
        Self {
            lines: vec![
                ("File", said(&to.display().to_string())),
                ("Marking", said(plan.marking.text())),
                ("Project", said(&plan.project)),
                ("Content", format!("{numbers}; {extras}")),
                ("Sealed to", said(&sealed_to)),
                ("Formats", said(&formats)),
                ("Reason", said(&request.justification)),
            ],
            consent: "Make the bundle",
        }
    }
}

/// What a form carries, in words.
struct Content {
    formats: String,
    extras: String,
    sealed_to: String,
}

impl Content {
    fn of(form: &Form) -> Self {
        let (formats, media, history, seal_to) = match form {
            Form::Bundle { formats, media, history, seal_to } => {
                (formats.join(", "), *media, *history, seal_to.join(", "))
            }
            Form::Bare { format } => (format.clone(), false, false, String::new()),
        };
        let with = |is: bool, what: &str| format!("{} {what}", if is { "with" } else { "without" });
        Self {
            formats,
            extras: [with(media, "media"), with(history, "former states")].join(", "),
            sealed_to: match seal_to.is_empty() {
                true => "nobody: anyone who has the file can read it".to_owned(),
                false => seal_to,
            },
        }
    }
}
