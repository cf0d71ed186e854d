//! What a check found wrong: named, with what to do about it.

/// One thing that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// The kind of thing: `header`, `key slot`, `audit log`, `blob`, `change` …
    pub what: String,
    /// Which one: a name, an identifier or a position. Names no person.
    pub place: String,
    /// What is wrong with it.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

impl Finding {
    /// Puts a finding together.
    pub fn new(
        what: impl Into<String>,
        place: impl Into<String>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            what: what.into(),
            place: place.into(),
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }
}
