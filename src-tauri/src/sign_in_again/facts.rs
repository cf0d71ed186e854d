//! What leaves, in the lines that the person reads before signing in again.

use std::path::Path;

use vaultmark::journeys::export::{Form, Plan, Request};
use vaultmark::model::text;

/// The format that every bundle has.
const NATIVE: &str = "native";

/// The lines, and what consenting is called.
#[derive(Clone)]
pub(crate) struct Facts {
    /// A word and what is to be said of it. What may be long comes last, and pushes nothing away.
    pub lines: Vec<(&'static str, String)>,
    /// The words of the button that consents.
    pub consent: &'static str,
}

impl Facts {
    /// Those of an export.
    pub(crate) fn of_export(request: &Request, plan: &Plan, to: &Path) -> Self {
        let Content { formats, extras, recipients } = Content::of(&request.form);
        let (items, annotations) = (plan.census.items, plan.census.annotations());
        let sealed_to = match recipients.len() {
            0 => "nobody: anyone who has the file can read it",
            1 => "one recipient, named below",
            _ => "several recipients, named below",
        };
        let mut lines = vec![
            ("Marking", plan.marking.text().to_owned()),
            ("Project", plan.project.clone()),
            ("Content", format!("{items} items, {annotations} annotations; {extras}")),
            ("Formats", formats.join(", ")),
            ("Sealed to", sealed_to.to_owned()),
            ("File", to.display().to_string()),
        ];
        lines.extend(recipients.into_iter().map(|recipient| ("Recipient", recipient)));
        lines.push(("Reason", request.justification.clone()));
        for (_, said) in &mut lines {
            *said = text::shown(said);
        }
        Self { lines, consent: "Make the bundle" }
    }
}

/// What a form carries, in words.
struct Content {
    formats: Vec<String>,
    extras: String,
    recipients: Vec<String>,
}

impl Content {
    fn of(form: &Form) -> Self {
        let with = |is: bool, what: &str| format!("{} {what}", if is { "with" } else { "without" });
        match form {
            Form::Bundle { formats, media, history, seal_to } => {
                let mut all = vec![NATIVE.to_owned()];
                all.extend(formats.iter().filter(|format| *format != NATIVE).cloned());
                Self {
                    formats: all,
                    extras: [with(*media, "media"), with(*history, "former states")].join(", "),
                    recipients: seal_to.clone(),
                }
            }
            Form::Bare { format } => Self {
                formats: vec![format.clone()],
                extras: with(false, "media"),
                recipients: Vec::new(),
            },
        }
    }
}
