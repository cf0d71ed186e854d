//! What a check found wrong: named, with what to do about it.

use std::ops::Deref;

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

/// Findings that are named; those beyond are counted.
const NAMED: usize = 1000;

/// What a check finds: the first 1000 by name, and how many there are beyond.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
#[serde(transparent)]
pub struct Findings {
    list: Vec<Finding>,
    #[serde(skip)]
    further: u64,
}

impl Findings {
    /// Adds one.
    pub fn push(&mut self, finding: Finding) {
        if self.list.len() < NAMED {
            return self.list.push(finding);
        }
        self.further += 1;
        self.list.truncate(NAMED);
        self.list.push(Finding::new(
            "check",
            "the rest",
            format!("{} more findings are not named", self.further),
            "mend what is named first, then check again",
        ));
    }
}

impl Deref for Findings {
    type Target = [Finding];

    fn deref(&self) -> &[Finding] {
        &self.list
    }
}

impl IntoIterator for Findings {
    type Item = Finding;
    type IntoIter = std::vec::IntoIter<Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_the_first_thousand_they_are_counted() {
        let mut findings = Findings::default();
        for at in 0..NAMED + 3 {
            findings.push(Finding::new("sealed file", at.to_string(), "damaged", "restore it"));
        }
        assert_eq!(findings.len(), NAMED + 1);
        assert_eq!(findings[NAMED - 1].place, (NAMED - 1).to_string());
        assert_eq!(findings[NAMED].problem, "3 more findings are not named");
    }
}
