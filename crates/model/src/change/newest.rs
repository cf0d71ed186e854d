//! Whether a history shows what holds the present state. Any leaf can be withheld without breaking
//! its chain; a newest one that is withheld would let an older value pass for the present one.
//!
//! The rule: of every subject the newest presence is shown, where there is one. A subject that is
//! there by it (or has none, as nobody took it away) shows its whole and the newest leaf of each
//! other part. What was deleted may be withheld.

use std::collections::{HashMap, HashSet};

use super::{Field, Part, PartRef, Subject, Value};

/// Follows leaves in the order of the history. Memory grows with what is withheld and deleted, not
/// with the project.
#[derive(Debug, Default)]
pub struct Newest {
    /// Parts whose newest leaf so far is withheld, and in which change it stands.
    hidden: HashMap<(Subject, Part), u64>,
    /// Subjects whose newest presence that is shown says that they are gone.
    gone: HashSet<Subject>,
}

/// A part of a present subject whose newest leaf is withheld.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hidden {
    /// Whose part.
    pub subject: Subject,
    /// Which part.
    pub part: Part,
    /// The change of the leaf, as it was given to [`Newest::push`].
    pub change: u64,
}

impl Newest {
    /// Takes the next leaf: of which change it is, what it is about, and its field where it is
    /// shown.
    pub fn push(&mut self, change: u64, of: &PartRef, shown: Option<&Field>) {
        let (subject, part) = (of.subject, of.part);
        let Some(field) = shown else {
            self.hidden.insert((subject, part), change);
            return;
        };
        if !self.hidden.is_empty() {
            self.hidden.remove(&(subject, part));
        }
        if let (Part::Presence, Value::Flag(present)) = (part, &field.value) {
            if *present {
                self.gone.remove(&subject);
            } else {
                self.gone.insert(subject);
            }
        }
    }

    /// What should be shown and is not, sorted.
    #[must_use]
    pub fn finish(self) -> Vec<Hidden> {
        let Self { hidden, gone } = self;
        let mut left: Vec<Hidden> = hidden
            .into_iter()
            .filter(|((subject, part), _)| *part == Part::Presence || !gone.contains(subject))
            .map(|((subject, part), change)| Hidden { subject, part, change })
            .collect();
        left.sort_unstable();
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AnnotationId;

    const A: Subject = Subject::Annotation(AnnotationId::from_bytes([1; 16]));

    /// What is hidden after leaves: a part, and its flag where it is shown.
    fn hidden(leaves: &[(Part, Option<bool>)]) -> Vec<Part> {
        let mut newest = Newest::default();
        for (change, (part, shown)) in (1..).zip(leaves) {
            let of = PartRef { subject: A, part: *part, base: None };
            let value = shown.map(Value::Flag);
            let field =
                value.map(|value| Field { index: 0, subject: A, part: *part, base: None, value });
            newest.push(change, &of, field.as_ref());
        }
        newest.finish().into_iter().map(|one| one.part).collect()
    }

    #[test]
    fn only_what_was_replaced_or_deleted_may_be_withheld() {
        use Part::{Flagged, Hidden, Presence, Whole};
        let whole = (Whole, Some(true));
        assert_eq!(hidden(&[whole, (Flagged, None), (Flagged, Some(true))]), []);
        assert_eq!(hidden(&[whole, (Flagged, Some(true)), (Flagged, None)]), [Flagged]);
        assert_eq!(hidden(&[(Whole, None)]), [Whole]);
        let gone = [(Whole, None), (Hidden, None), (Presence, Some(false))];
        assert_eq!(hidden(&gone), []);
        assert_eq!(hidden(&[whole, (Presence, None)]), [Presence]);
        let back = [(Presence, Some(true)), whole];
        assert_eq!(hidden(&[&gone[..], &back].concat()), [Hidden]);
        // A deletion withheld after one that is shown is still the newest.
        assert_eq!(hidden(&[&gone[..], &[(Presence, None)]].concat()), [Presence]);
    }
}
