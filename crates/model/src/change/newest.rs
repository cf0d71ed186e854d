//! Whether a history shows what holds the present state. Any leaf can be withheld without breaking
//! its chain; a newest one that is withheld would let an older value pass for the present one.
//!
//! The rule: of every subject the newest presence is shown, where there is one. A subject that is
//! there by it (or has none, as nobody took it away) shows its whole and the newest leaf of each
//! other part. What was deleted may be withheld.

use std::collections::{HashMap, HashSet};

use super::{Field, Part, PartRef, Share, Subject, Value};

/// The most that is remembered at once: about 60 MB.
const MOST: usize = 900_000;

/// Follows the leaves of a share of the subjects in the order of the history. Memory grows with what
/// is withheld and deleted, not with the project, and is bounded: where it would be full, the share
/// becomes smaller, and [`Newest::finish`] says for which others the history is to be gone over again.
#[derive(Debug)]
pub struct Newest {
    share: Share,
    /// What was left out.
    others: Vec<Share>,
    /// The most entries of both.
    most: usize,
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
    /// Follows the subjects of a share.
    #[must_use]
    pub fn of(share: Share) -> Self {
        let (others, hidden, gone) = (Vec::new(), HashMap::new(), HashSet::new());
        Self { share, others, most: MOST, hidden, gone }
    }

    /// Takes the next leaf: of which change it is, what it is about, and its field where it is
    /// shown.
    pub fn push(&mut self, change: u64, of: &PartRef, shown: Option<&Field>) {
        let presence = shown.map(|field| match (of.part, &field.value) {
            (Part::Presence, Value::Flag(present)) => Some(*present),
            _ => None,
        });
        self.push_part(change, of.subject, of.part, presence);
    }

    /// As [`Newest::push`], of a leaf of which no more is known: whether it is shown, and then, where
    /// it is a presence, which.
    pub fn push_part(
        &mut self,
        change: u64,
        subject: Subject,
        part: Part,
        shown: Option<Option<bool>>,
    ) {
        if !self.share.has(&subject) {
            return;
        }
        let Some(presence) = shown else {
            self.hidden.insert((subject, part), change);
            return self.keep_within_bounds();
        };
        if !self.hidden.is_empty() {
            self.hidden.remove(&(subject, part));
        }
        match presence {
            Some(true) => {
                self.gone.remove(&subject);
            }
            Some(false) => {
                self.gone.insert(subject);
                self.keep_within_bounds();
            }
            None => {}
        }
    }

    fn keep_within_bounds(&mut self) {
        while self.hidden.len() + self.gone.len() > self.most {
            self.others.push(self.share.halve());
            self.hidden.retain(|(subject, _), _| self.share.has(subject));
            self.gone.retain(|subject| self.share.has(subject));
        }
    }

    /// What should be shown and is not, sorted, and the shares of subjects of which nothing is known.
    #[must_use]
    pub fn finish(self) -> (Vec<Hidden>, Vec<Share>) {
        let Self { others, hidden, gone, .. } = self;
        let mut left: Vec<Hidden> = hidden
            .into_iter()
            .filter(|((subject, part), _)| *part == Part::Presence || !gone.contains(subject))
            .map(|((subject, part), change)| Hidden { subject, part, change })
            .collect();
        left.sort_unstable();
        (left, others)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AnnotationId;

    const A: Subject = Subject::Annotation(AnnotationId::from_bytes([1; 16]));

    /// What is hidden after leaves: a part, and its flag where it is shown.
    fn hidden(leaves: &[(Part, Option<bool>)]) -> Vec<Part> {
        let mut newest = Newest::of(Share::all());
        for (change, (part, shown)) in (1..).zip(leaves) {
            let of = PartRef { subject: A, part: *part, base: None };
            let value = shown.map(Value::Flag);
            let field =
                value.map(|value| Field { index: 0, subject: A, part: *part, base: None, value });
            newest.push(change, &of, field.as_ref());
        }
        newest.finish().0.into_iter().map(|one| one.part).collect()
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

    #[test]
    fn share_after_share_finds_what_one_look_at_all_finds() {
        let subject = |n: u32| {
            let mut id = [0; 16];
            id[..4].copy_from_slice(&n.to_le_bytes());
            Subject::Annotation(AnnotationId::from_bytes(id))
        };
        // Made and withheld; a third deleted; every other one shown after all, but for one.
        let leaves = || {
            let whole = (0..1000).map(|n| (n, Part::Whole, None));
            let gone =
                (0..1000).filter(|n| n % 3 == 0).map(|n| (n, Part::Presence, Some(Some(false))));
            let shown = (0..1000).filter(|n| n % 3 != 0 && *n != 500);
            whole.chain(gone).chain(shown.map(|n| (n, Part::Whole, Some(None))))
        };
        let (mut found, mut looks, mut shares) = (Vec::new(), 0, vec![Share::all()]);
        while let Some(share) = shares.pop() {
            let mut newest = Newest { most: 100, ..Newest::of(share) };
            for (n, part, shown) in leaves() {
                newest.push_part(1, subject(n), part, shown);
                assert!(newest.hidden.len() + newest.gone.len() <= 100);
            }
            let (hidden, others) = newest.finish();
            found.extend(hidden);
            shares.extend(others);
            looks += 1;
        }
        assert_eq!(found, [Hidden { subject: subject(500), part: Part::Whole, change: 1 }]);
        assert!((11..40).contains(&looks), "{looks}");
    }
}
