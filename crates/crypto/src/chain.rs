//! Chains of signed Changes: making a link, and checking links and the payload under them.
//!
//! Each copy of a project writes one chain. A link is the canonical bytes of a [`Header`] and the
//! author's signature over them; a header names its place, the SHA-512 of the header before it and
//! the Merkle root ([`crate::commitment`]) of its payload. A payload field is shown with its salt,
//! or withheld and stands as its digest: either way the chain verifies, and the header says what
//! the leaf is about.
//!
//! [`ChainVerifier`] checks headers, [`LeafVerifier`] the payload of one. Neither keeps more than
//! the last link of each chain, so a stream of any length is checked in bounded memory.

use std::collections::BTreeMap;

use vaultmark_model::canonical::Canonical;
use vaultmark_model::change::{Chained, Field, Header, Heads, PartRef, Parts};
use vaultmark_model::{Digest, ModelError, ProjectId, ReplicaId, Signature};

use crate::{CryptoError, Namespace, Sha512Hasher, SigningKey, commitment, sha512, verify};

/// Bytes of a leaf's salt.
pub const SALT: usize = 16;

/// One leaf of a change's payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaf<'a> {
    /// Shown: its salt, and the canonical bytes of its [`Field`].
    Disclosed {
        /// The salt, random and of this leaf alone.
        salt: [u8; SALT],
        /// The field's bytes.
        field: &'a [u8],
    },
    /// Not shown: its digest stands for it.
    Withheld {
        /// What it is about, as the header has it.
        part: PartRef,
        /// The digest.
        digest: Digest,
    },
}

/// A [`Leaf`] that holds its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnedLeaf {
    /// Shown.
    Disclosed {
        /// The salt.
        salt: [u8; SALT],
        /// The field's bytes.
        field: Vec<u8>,
    },
    /// Not shown.
    Withheld {
        /// What it is about.
        part: PartRef,
        /// The digest.
        digest: Digest,
    },
}

impl OwnedLeaf {
    /// The same leaf, borrowed.
    #[must_use]
    pub fn as_leaf(&self) -> Leaf<'_> {
        match self {
            Self::Disclosed { salt, field } => Leaf::Disclosed { salt: *salt, field },
            Self::Withheld { part, digest } => Leaf::Withheld { part: *part, digest: *digest },
        }
    }
}

/// What a verified leaf says.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// What it is about.
    pub part: PartRef,
    /// The field, where it is shown.
    pub field: Option<Field>,
}

/// SHA-512 over part references as headers of large changes have it.
#[derive(Clone, Default)]
pub struct PartsDigest(Sha512Hasher);

impl std::fmt::Debug for PartsDigest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PartsDigest")
    }
}

impl PartsDigest {
    /// Takes the canonical bytes of the next reference, in pieces as they lie.
    pub fn push(&mut self, pieces: &[&[u8]]) {
        pieces.iter().for_each(|piece| self.0.update(piece));
    }

    /// The digest over all of them.
    #[must_use]
    pub fn finish(self) -> Digest {
        self.0.finish()
    }
}

/// Why a link or its payload is not valid. `seq` is the link's place in its chain.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    /// The header's bytes are no header.
    #[error("a change can't be read: {0}; it is damaged or of a newer version")]
    Header(ModelError),
    /// A change of another project.
    #[error("change {seq} belongs to project {found}, not to {expected}; do not take it in")]
    Project {
        /// The link.
        seq: u64,
        /// The project it names.
        found: ProjectId,
        /// The project that is checked.
        expected: ProjectId,
    },
    /// The author's signature does not fit.
    #[error("change {seq} of {replica}: {source}")]
    Signature {
        /// The chain.
        replica: ReplicaId,
        /// The link.
        seq: u64,
        /// What does not fit.
        source: CryptoError,
    },
    /// A link is missing, repeated or out of order.
    #[error(
        "change {found} of {replica} stands where change {expected} belongs; a part of the history is missing"
    )]
    Sequence {
        /// The chain.
        replica: ReplicaId,
        /// The place that was expected.
        expected: u64,
        /// The place it names.
        found: u64,
    },
    /// It does not follow the change before it.
    #[error(
        "change {seq} of {replica} does not follow the change before it; the history was altered"
    )]
    Previous {
        /// The chain.
        replica: ReplicaId,
        /// The link.
        seq: u64,
    },
    /// A payload field is not valid.
    #[error("field {index} of change {seq} is not valid: {why}; the payload was altered")]
    Field {
        /// The link.
        seq: u64,
        /// The leaf, from zero.
        index: u32,
        /// What is wrong with it.
        why: String,
    },
    /// There are more or fewer leaves than signed.
    #[error(
        "change {seq} has {found} fields where {expected} are signed; a part of the payload is missing or was added"
    )]
    Count {
        /// The link.
        seq: u64,
        /// As signed.
        expected: u32,
        /// As found.
        found: u64,
    },
    /// The leaves are about other parts than signed.
    #[error("the payload of change {seq} is about other parts than its author signed")]
    Parts {
        /// The link.
        seq: u64,
    },
    /// The payload is not what was signed.
    #[error("the payload of change {seq} is not what its author signed; it was altered")]
    Root {
        /// The link.
        seq: u64,
    },
}

/// Signs a header, which makes it a link.
#[must_use]
pub fn sign_header(header: &Header, key: &SigningKey) -> Chained {
    let header = header.to_bytes();
    let signature = key.sign(Namespace::Change, &header).bytes().to_vec();
    Chained { header, signature }
}

/// The hash by which the next link names this one: SHA-512 of the header's bytes.
#[must_use]
pub fn header_hash(header: &[u8]) -> Digest {
    sha512(header)
}

/// The digest of a leaf, whether it is shown or withheld.
#[must_use]
pub fn leaf_digest(leaf: &Leaf<'_>) -> Digest {
    match leaf {
        Leaf::Disclosed { salt, field } => commitment::leaf(salt, field),
        Leaf::Withheld { digest, .. } => *digest,
    }
}

/// Checks links one after the other, for any number of chains of one project at once.
#[derive(Debug, Clone)]
pub struct ChainVerifier {
    project: ProjectId,
    heads: BTreeMap<ReplicaId, (u64, Digest)>,
}

impl ChainVerifier {
    /// A verifier that has seen nothing: each chain has to begin at its first link.
    #[must_use]
    pub fn new(project: ProjectId) -> Self {
        Self { project, heads: BTreeMap::new() }
    }

    /// A verifier that goes on from known heads.
    #[must_use]
    pub fn from_heads(project: ProjectId, heads: &Heads) -> Self {
        let heads = heads.iter().map(|(replica, seq, digest)| (*replica, (*seq, *digest)));
        Self { project, heads: heads.collect() }
    }

    /// Checks a link: canonical form, project, signature, place in its chain, the link before it.
    /// What is refused leaves the verifier as it was.
    ///
    /// # Errors
    /// [`ChainError`] says which of these fails. The signature says that the author named in the
    /// header made it; whether that author may is the caller's question.
    pub fn accept(&mut self, link: &Chained) -> Result<Header, ChainError> {
        let header = Header::from_bytes(&link.header).map_err(ChainError::Header)?;
        let (replica, seq) = (header.replica, header.seq);
        if header.project != self.project {
            return Err(ChainError::Project { seq, found: header.project, expected: self.project });
        }
        let signature = Signature::new(link.signature.clone());
        verify(&header.author, Namespace::Change, &link.header, &signature)
            .map_err(|source| ChainError::Signature { replica, seq, source })?;
        let (last, hash) = self.heads.get(&replica).copied().unwrap_or((0, Digest::ZERO));
        let expected = last.saturating_add(1);
        if seq != expected {
            return Err(ChainError::Sequence { replica, expected, found: seq });
        }
        if header.previous != hash {
            return Err(ChainError::Previous { replica, seq });
        }
        self.heads.insert(replica, (seq, header_hash(&link.header)));
        Ok(header)
    }

    /// Goes on after a link that was refused, as if it had been accepted: a check that names every
    /// damage does not stop at the first.
    pub fn resume_after(&mut self, replica: ReplicaId, seq: u64, header: &[u8]) {
        self.heads.insert(replica, (seq, header_hash(header)));
    }

    /// The last link of each chain seen so far, by replica.
    #[must_use]
    pub fn heads(&self) -> Heads {
        self.heads.iter().map(|(replica, (seq, digest))| (*replica, *seq, *digest)).collect()
    }
}

/// Checks the payload of one link, leaf by leaf.
#[derive(Debug)]
pub struct LeafVerifier {
    seq: u64,
    leaves: u32,
    expected: Digest,
    parts: Parts,
    /// Over the references seen, where the header holds their digest.
    seen: PartsDigest,
    root: commitment::Root,
}

impl LeafVerifier {
    /// For the payload of `header`, which was accepted by a [`ChainVerifier`].
    #[must_use]
    pub fn new(header: &Header) -> Self {
        Self {
            seq: header.seq,
            leaves: header.leaves,
            expected: header.root,
            parts: header.parts.clone(),
            seen: PartsDigest::default(),
            root: commitment::Root::new(),
        }
    }

    /// Takes the next leaf; gives what it is about, and its field where it is shown. Nothing it
    /// gives may be trusted before [`LeafVerifier::finish`] has succeeded.
    ///
    /// # Errors
    /// [`ChainError::Count`] for one too many; [`ChainError::Field`] where a shown field is not
    /// canonical or stands at another place than it says, or a leaf is not about what the header
    /// lists.
    pub fn push(&mut self, leaf: &Leaf<'_>) -> Result<Seen, ChainError> {
        let at = self.root.len();
        let Some(index) = u32::try_from(at).ok().filter(|index| *index < self.leaves) else {
            return Err(ChainError::Count { seq: self.seq, expected: self.leaves, found: at + 1 });
        };
        let seen = match leaf {
            Leaf::Disclosed { field, .. } => {
                let field = self.read_field(index, field)?;
                let part = PartRef { subject: field.subject, part: field.part, base: field.base };
                Seen { part, field: Some(field) }
            }
            Leaf::Withheld { part, .. } => Seen { part: *part, field: None },
        };
        match &self.parts {
            Parts::Listed(parts) if parts.get(index as usize) == Some(&seen.part) => {}
            Parts::Listed(_) => {
                let why = "the signed header lists another part at its place";
                return Err(self.refuse(index, why));
            }
            Parts::Digest(_) => self.seen.push(&[&seen.part.to_bytes()]),
        }
        self.root.push(leaf_digest(leaf));
        Ok(seen)
    }

    /// Checks that all leaves were there and are the ones that were signed.
    ///
    /// # Errors
    /// [`ChainError::Count`], [`ChainError::Root`], [`ChainError::Parts`].
    pub fn finish(self) -> Result<(), ChainError> {
        let (seq, found) = (self.seq, self.root.len());
        if found != u64::from(self.leaves) {
            return Err(ChainError::Count { seq, expected: self.leaves, found });
        }
        if self.root.finish() != self.expected {
            return Err(ChainError::Root { seq });
        }
        match self.parts {
            Parts::Digest(digest) if digest != self.seen.finish() => Err(ChainError::Parts { seq }),
            _ => Ok(()),
        }
    }

    fn read_field(&self, index: u32, bytes: &[u8]) -> Result<Field, ChainError> {
        let field = Field::from_bytes(bytes).map_err(|e| self.refuse(index, e))?;
        if field.index == index {
            Ok(field)
        } else {
            Err(self.refuse(index, format_args!("it says that it is field {}", field.index)))
        }
    }

    fn refuse(&self, index: u32, why: impl std::fmt::Display) -> ChainError {
        ChainError::Field { seq: self.seq, index, why: why.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::FixedEntropy;
    use vaultmark_model::change::{Intent, Part, Subject, Tool, Value};
    use vaultmark_model::{AnnotationId, ChangeId, Timestamp};

    const PROJECT: ProjectId = ProjectId::from_bytes([2; 16]);

    fn key() -> SigningKey {
        SigningKey::generate(&FixedEntropy::new(1)).unwrap()
    }

    fn fields() -> Vec<Field> {
        (0..3)
            .map(|index| Field {
                index,
                subject: Subject::Annotation(AnnotationId::from_bytes([6; 16])),
                part: [Part::Flagged, Part::Hidden, Part::Locked][index as usize],
                base: None,
                value: Value::Flag(true),
            })
            .collect()
    }

    fn leaves() -> Vec<OwnedLeaf> {
        let salted = |field: Field| OwnedLeaf::Disclosed {
            salt: [u8::try_from(field.index).unwrap(); 16],
            field: field.to_bytes(),
        };
        fields().into_iter().map(salted).collect()
    }

    fn listed(f: &Field) -> PartRef {
        PartRef { subject: f.subject, part: f.part, base: f.base }
    }

    fn withheld(index: usize, digest: Digest) -> OwnedLeaf {
        OwnedLeaf::Withheld { part: listed(&fields()[index]), digest }
    }

    fn header(replica: u8, seq: u64, previous: Digest) -> Header {
        let mut root = commitment::Root::new();
        root.extend(leaves().iter().map(|leaf| leaf_digest(&leaf.as_leaf())));
        Header {
            id: ChangeId::from_bytes([u8::try_from(seq).unwrap(); 16]),
            project: PROJECT,
            replica: ReplicaId::from_bytes([replica; 16]),
            seq,
            previous,
            author: key().public(),
            membership: Digest::ZERO,
            time: Timestamp::from_millis(0),
            tool: Tool { program: "test".into(), gesture: "flag".into(), model: None },
            intent: Intent::Edit,
            content: vec![],
            parts: Parts::Listed(fields().iter().map(listed).collect()),
            leaves: 3,
            root: root.finish(),
        }
    }

    fn chain(replica: u8, length: u64) -> Vec<Chained> {
        let mut previous = Digest::ZERO;
        (1..=length)
            .map(|seq| {
                let link = sign_header(&header(replica, seq, previous), &key());
                previous = header_hash(&link.header);
                link
            })
            .collect()
    }

    #[test]
    fn two_chains_are_kept_apart() {
        let (a, b) = (chain(1, 3), chain(2, 2));
        let mut verifier = ChainVerifier::new(PROJECT);
        for link in [&a[0], &b[0], &a[1], &a[2], &b[1]] {
            verifier.accept(link).unwrap();
        }
        let heads = verifier.heads();
        assert_eq!(heads.iter().map(|head| head.1).collect::<Vec<_>>(), [3, 2]);
        assert_eq!(heads[0].2, header_hash(&a[2].header));
        let mut going_on = ChainVerifier::from_heads(PROJECT, &heads);
        assert!(matches!(
            going_on.accept(&a[2]),
            Err(ChainError::Sequence { expected: 4, found: 3, .. })
        ));
    }

    #[test]
    fn what_is_missing_moved_altered_or_foreign_is_refused() {
        let links = chain(1, 3);
        let mut verifier = ChainVerifier::new(PROJECT);
        assert!(matches!(verifier.accept(&links[1]), Err(ChainError::Sequence { .. })));
        verifier.accept(&links[0]).unwrap();
        assert!(matches!(verifier.accept(&links[2]), Err(ChainError::Sequence { .. })));

        // Signed anew, but not following.
        let other = sign_header(&header(1, 2, Digest::ZERO), &key());
        assert!(matches!(verifier.accept(&other), Err(ChainError::Previous { seq: 2, .. })));

        let mut signature = links[1].clone();
        signature.signature[5] ^= 1;
        assert!(matches!(verifier.accept(&signature), Err(ChainError::Signature { .. })));
        for at in 0..links[1].header.len() {
            let mut altered = links[1].clone();
            altered.header[at] ^= 1;
            assert!(verifier.accept(&altered).is_err(), "byte {at}");
        }

        let mut elsewhere = ChainVerifier::new(ProjectId::from_bytes([9; 16]));
        assert!(matches!(elsewhere.accept(&links[0]), Err(ChainError::Project { .. })));

        // Nothing of this moved the verifier.
        verifier.accept(&links[1]).unwrap();
        verifier.accept(&links[2]).unwrap();
    }

    fn check(leaves: &[OwnedLeaf]) -> Result<usize, ChainError> {
        let mut verifier = LeafVerifier::new(&header(1, 1, Digest::ZERO));
        let mut shown = 0;
        for leaf in leaves {
            shown += usize::from(verifier.push(&leaf.as_leaf())?.field.is_some());
        }
        verifier.finish().map(|()| shown)
    }

    #[test]
    fn any_leaf_may_be_withheld() {
        for mask in 0_u32..8 {
            let mut leaves = leaves();
            for (i, leaf) in leaves.iter_mut().enumerate() {
                if mask >> i & 1 == 1 {
                    *leaf = withheld(i, leaf_digest(&leaf.as_leaf()));
                }
            }
            assert_eq!(check(&leaves).unwrap(), 3 - mask.count_ones() as usize);
        }
    }

    #[test]
    fn altered_missing_added_and_moved_leaves_are_refused() {
        let good = leaves();
        assert!(matches!(check(&good[..2]), Err(ChainError::Count { found: 2, .. })));
        let more = [&good[..], &good[..1]].concat();
        assert!(matches!(check(&more), Err(ChainError::Count { found: 4, .. })));
        let mut moved = good.clone();
        moved.swap(0, 1);
        assert!(matches!(check(&moved), Err(ChainError::Field { index: 0, .. })));
        let mut salt = good.clone();
        if let OwnedLeaf::Disclosed { salt, .. } = &mut salt[2] {
            salt[0] ^= 1;
        }
        assert!(matches!(check(&salt), Err(ChainError::Root { seq: 1 })));
        let mut digest = good.clone();
        digest[1] = withheld(1, Digest::ZERO);
        assert!(matches!(check(&digest), Err(ChainError::Root { .. })));
        // Withheld, and said to be about another part than the header lists.
        let mut about = good.clone();
        about[1] = withheld(2, leaf_digest(&good[1].as_leaf()));
        assert!(matches!(check(&about), Err(ChainError::Field { index: 1, .. })));
        // A canonical field of another part than the header lists.
        let mut part = good;
        let mut field = fields().remove(1);
        field.part = Part::Truncated;
        part[1] = OwnedLeaf::Disclosed { salt: [1; 16], field: field.to_bytes() };
        assert!(matches!(check(&part), Err(ChainError::Field { index: 1, .. })));
    }

    #[test]
    fn a_large_change_binds_its_parts_by_their_digest() {
        let (count, mut root, mut parts) = (300, commitment::Root::new(), PartsDigest::default());
        let leaves: Vec<OwnedLeaf> = (0..count)
            .map(|index| {
                let field = Field { index, ..fields().remove(0) };
                let part = listed(&field);
                let leaf = Leaf::Disclosed { salt: [0; 16], field: &field.to_bytes() };
                let digest = leaf_digest(&leaf);
                root.push(digest);
                parts.push(&[&part.to_bytes()]);
                OwnedLeaf::Withheld { part, digest }
            })
            .collect();
        let header = Header {
            parts: Parts::Digest(parts.finish()),
            leaves: count,
            root: root.finish(),
            ..header(1, 1, Digest::ZERO)
        };
        let verify = |leaves: &[OwnedLeaf]| {
            let mut verifier = LeafVerifier::new(&header);
            for leaf in leaves {
                verifier.push(&leaf.as_leaf())?;
            }
            verifier.finish()
        };
        verify(&leaves).unwrap();
        let mut other = leaves;
        if let OwnedLeaf::Withheld { part, .. } = &mut other[299] {
            part.part = Part::Hidden;
        }
        assert!(matches!(verify(&other), Err(ChainError::Parts { seq: 1 })));
    }
}
