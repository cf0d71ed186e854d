//! Shares of all subjects: what has to be remembered of each subject of a foreign history would fill
//! any memory, so it is remembered of one share after the other, and the history is gone over once
//! for each.

use std::hash::{BuildHasher as _, RandomState};

use super::Subject;

/// The subjects whose hash, by a secret of this run that whoever made the history can't know, begins
/// with certain bits.
#[derive(Debug, Clone)]
pub struct Share {
    secret: RandomState,
    bits: u32,
    prefix: u64,
}

impl Share {
    /// All subjects.
    #[must_use]
    pub fn all() -> Self {
        Self { secret: RandomState::new(), bits: 0, prefix: 0 }
    }

    /// Whether a subject belongs to it.
    #[must_use]
    pub fn has(&self, subject: &Subject) -> bool {
        let begins = |bits: u32| self.secret.hash_one(subject) >> (64 - bits);
        self.bits == 0 || begins(self.bits) == self.prefix
    }

    /// Keeps one half of it and gives the other.
    #[must_use]
    pub fn halve(&mut self) -> Self {
        (self.bits, self.prefix) = (self.bits + 1, self.prefix << 1);
        Self { prefix: self.prefix | 1, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AnnotationId;

    #[test]
    fn every_subject_belongs_to_one_share_of_about_its_size() {
        let mut shares = vec![Share::all()];
        for _ in 0..3 {
            shares = shares
                .into_iter()
                .flat_map(|mut share| {
                    let other = share.halve();
                    [share, other]
                })
                .collect();
        }
        let mut sizes = [0; 8];
        for n in 0..8000_u32 {
            let mut id = [0; 16];
            id[..4].copy_from_slice(&n.to_le_bytes());
            let subject = Subject::Annotation(AnnotationId::from_bytes(id));
            let mut of = (0..8).filter(|&at| shares[at].has(&subject));
            sizes[of.next().unwrap()] += 1;
            assert_eq!(of.next(), None);
        }
        assert!(sizes.iter().all(|size| (800..1200).contains(size)), "{sizes:?}");
    }
}
